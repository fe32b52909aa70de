"""Django's entry to the moments app."""

from django.apps import AppConfig


class MomentsConfig(AppConfig):
    """Moments, the videos they may come from, and each user's taste."""

    name = "webapp.moments"
    label = "moments"
