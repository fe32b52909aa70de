"""``manage.py inference``: the process that recognises faces in live pictures."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from webapp.core import lineage
from webapp.vision.engine_socket import socket_path


class Command(BaseCommand):
    """Become the inference process, alone or under the supervisor."""

    help = "Recognise faces in live pictures (manage.py up starts this for you)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace this process, so that no Django stays in memory beside the models.

        The wish to die with the supervisor outlives the replacement.
        """
        arguments = [sys.executable, "-m", "inference.engine"]
        arguments += ["--socket", str(socket_path())]
        arguments += ["--weights-dir", str(settings.WEIGHTS_DIR)]
        arguments += ["--threads", str(settings.VISION_THREADS)]
        if parent := os.environ.get("ENCORE_PARENT"):
            lineage.die_with(int(parent))
            arguments += ["--exit-with", parent]
        os.chdir(settings.BASE_DIR)
        self.stdout.flush()
        os.execv(sys.executable, arguments)  # noqa: S606 - our own module
