"""``manage.py restore DIR``: bring a backup back into an empty place."""

from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from webapp.core.processes import instance
from webapp.core.safekeeping import backups
from webapp.core.safekeeping.snapshots import SnapshotError


class Command(BaseCommand):
    """Check a backup file by file, then fill an empty installation from it."""

    help = "Restore a backup into an empty data folder and database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder of the backup."""
        parser.add_argument("folder", metavar="DIR", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say why not."""
        try:
            with closing(instance.InstanceLock(settings.DATA_DIR)) as lock:
                lock.describe("a backup is being restored")
                count = backups.restore(options["folder"])
        except (backups.BackupError, SnapshotError, instance.AlreadyRunningError) as error:
            raise CommandError(str(error)) from error
        except (OSError, Error) as error:
            raise CommandError(f"Nothing whole was restored: {error}") from error
        self.stdout.write(f"{count} files restored. manage.py check_library looks at each.")
