"""``manage.py check_counts``: compare every kept count with what it counts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.photos import counts


class Command(BaseCommand):
    """Say which kept counts are wrong; the upkeep mends them once a day."""

    help = "Compare the kept numbers of photos with the photos; --mend has wrong ones made anew."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the switch."""
        parser.add_argument("--mend", action="store_true", help="count the wrong ones anew")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, print, and mend if that is asked for."""
        found = counts.wrong()
        for kind, subject, kept, right in found:
            self.stdout.write(f"{kind} {subject}: {kept} is kept, {right} is right")
        if not found:
            self.stdout.write("Every count is right.")
        elif options["mend"]:
            counts.mend()
            while counts.refresh():
                pass
            self.stdout.write(f"Counts made anew: {len(found)}.")
        else:
            raise CommandError(f"Counts that are wrong: {len(found)}. Mend them with --mend.")
