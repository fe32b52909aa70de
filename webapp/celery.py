"""The Celery app: a courier of wake-ups, never the keeper of work.

The job table is the only truth (``webapp.core.jobs``); a lost or doubled message does no harm.
"""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

TRANSPORT_ALIASES["encore"] = "webapp.core.jobs.wakeups:Transport"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
# "manage.py work" has run the system checks before Celery would run them again.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

app = Celery("encore")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["webapp.core.jobs"])
