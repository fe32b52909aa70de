"""``manage.py inference``: the process that recognises faces in live pictures."""

import asyncio
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from webapp.vision.engine.process import engine_command


class Command(BaseCommand):
    """Become the inference process, or with Redis one for all machines."""

    help = (
        "Recognise faces in live pictures: for this machine (manage.py up starts that for you), "
        "or, where ENCORE_REDIS_URL is set, for every web process on that Redis."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped."""
        if settings.REDIS_URL:
            from webapp.vision.engine.worker import serve_other_machines

            asyncio.run(serve_other_machines())
            return
        # Replaces this process, so that no Django stays in memory beside the models.
        command = engine_command(parent=None)
        os.chdir(settings.BASE_DIR)
        self.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - our own module
