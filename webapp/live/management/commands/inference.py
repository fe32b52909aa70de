"""``manage.py inference``: the process that recognises faces in live pictures."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from webapp.vision.engine_process import engine_command


class Command(BaseCommand):
    """Become the inference process; ``manage.py up`` starts one by itself."""

    help = "Recognise faces in live pictures (manage.py up starts this for you)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace this process, so that no Django stays in memory beside the models."""
        command = engine_command(parent=None)
        os.chdir(settings.BASE_DIR)
        self.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - our own module
