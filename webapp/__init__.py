"""Encore's Django project.

The Celery app is imported here, so that every process that touches the project sends its
wake-ups with the project's settings.
"""

from webapp.celery import app as celery_app

__all__ = ["celery_app"]
