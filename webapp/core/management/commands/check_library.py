"""``manage.py check_library``: look whether every file is there and whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.core.files import installation, media
from webapp.core.safekeeping import inventory


class Command(BaseCommand):
    """List what is missing, changed, orphaned or unreadable; with ``--repair`` mend what can be."""

    help = "Read every file of the library and list what is wrong; ends with 1 if anything is."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the repair."""
        parser.add_argument(
            "--repair", action="store_true", help="make missing derivatives again, by jobs"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, report, repair if asked to."""
        if trouble := installation.trouble():
            raise CommandError(f"{trouble} {installation.ADOPT}")
        findings = []
        for finding in inventory.check():
            findings.append(finding)
            place = finding.path.relative_to(media.root())
            self.stdout.write(f"{finding.problem}: {place} ({finding.kind})")
        if options["repair"]:
            self.stdout.write(f"{inventory.repair(findings)} rows are made again by the workers")
        if findings:
            raise CommandError(f"{len(findings)} files are not as they should be")
        self.stdout.write("Every file is there and whole.")
