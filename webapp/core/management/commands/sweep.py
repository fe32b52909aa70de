"""``manage.py sweep``: upkeep alone, for installations without the supervisor."""

import os
import socket
from typing import Any

from django.core.management.base import BaseCommand

from webapp.core.processes import heartbeats
from webapp.core.processes.upkeep import Upkeep, site_duties


class Command(BaseCommand):
    """Sweep the job table and prune, until stopped."""

    help = "Do the upkeep (manage.py up does it for you)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM."""
        name = f"upkeep@{socket.gethostname()}"
        beat = (heartbeats.BEAT_SECONDS, lambda: heartbeats.beat(name, {"pid": os.getpid()}))
        Upkeep([*site_duties(), beat]).run()
