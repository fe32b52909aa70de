"""``manage.py inference``: the process that recognises faces in live pictures."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.vision.engine.looking import look_at_engine
from webapp.vision.engine.process import engine_command

MOVED = (
    "ENCORE_REDIS_URL carries no live pictures any more. For web processes of other machines set "
    "ENCORE_ENGINE_LISTEN here and ENCORE_ENGINES there (docs/operations.md)."
)


class Command(BaseCommand):
    """Become the inference process."""

    help = (
        "Recognise faces in live pictures: for this machine (manage.py up starts that for you), "
        "and, where ENCORE_ENGINE_LISTEN is set, for others."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the wish to only look."""
        parser.add_argument(
            "--look", action="store_true", help="only tell whether the one of this machine is ready"
        )

    def handle(self, *args: Any, look: bool, **options: Any) -> None:
        """Run until stopped."""
        if look:
            self._look()
            return
        if settings.REDIS_URL and not settings.ENGINE_LISTEN:
            self.stderr.write(self.style.WARNING(MOVED))
        # Replaces this process, so that no Django stays in memory beside the models.
        command = engine_command(parent=None)
        os.chdir(settings.BASE_DIR)
        self.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - our own module

    def _look(self) -> None:
        report = look_at_engine()
        if report.state != "ready":
            raise CommandError(f"The inference process is {report.state}.")
        for label, value in report.rows:
            self.stdout.write(f"{label}: {value}")
