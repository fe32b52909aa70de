"""``manage.py adopt_media``: let the media folder belong to this database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.core.files import installation, media

EXAMPLES = 3


class Command(BaseCommand):
    """Say what would be kept and what orphaned, and with ``--yes`` adopt."""

    help = "Let the media folder belong to this database, after looking at what that means."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the confirmation."""
        parser.add_argument("--yes", action="store_true", help="adopt the folder")

    def handle(self, *args: Any, **options: Any) -> None:
        """Report, then adopt if asked to."""
        self.stdout.write(installation.trouble() or "The media folder belongs to this database.")
        for census in media.count_all():
            self._report(census)
        if not options["yes"]:
            self.stdout.write("Nothing was changed. Adopt the folder with --yes.")
            return
        try:
            installation.adopt()
        except OSError as error:
            raise CommandError(f"The mark cannot be written: {error}") from error
        self.stdout.write(
            "Adopted. Orphans are moved to the trash by and by; too many at once wait for "
            "manage.py sweep_orphans --yes."
        )

    def _report(self, census: media.Census) -> None:
        self.stdout.write(
            f"{census.kind.name}: {census.kept} kept, {len(census.orphans)} orphaned, "
            f"{len(census.missing)} rows without their file"
        )
        for path in census.orphans[:EXAMPLES]:
            self.stdout.write(f"  orphaned: {path.relative_to(media.root())}")
