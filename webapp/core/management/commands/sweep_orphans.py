"""``manage.py sweep_orphans``: show the files that belong to nothing, and move them away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.core.files import installation, media, orphans


class Command(BaseCommand):
    """Say what has no row, and with ``--yes`` move it to the trash, however much it is."""

    help = "Show files without a row; with --yes move them to the trash, even many at once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the confirmation."""
        parser.add_argument("--yes", action="store_true", help="move them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Report, then sweep if asked to."""
        if trouble := installation.settle():
            raise CommandError(f"{trouble} {installation.ADOPT}")
        for kind in media.kinds():
            for path in media.count(kind).old_orphans():
                self.stdout.write(f"{kind.name}: {path.relative_to(media.root())}")
        if options["yes"]:
            self.stdout.write(f"{orphans.sweep(is_approved=True)} moved to {orphans.trash()}")
        else:
            self.stdout.write("Nothing was moved. Move them with --yes.")
