"""``manage.py backup DIR``: copy the whole installation while it runs."""

import sqlite3
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from webapp.core.safekeeping import backups
from webapp.core.safekeeping.snapshots import SnapshotError


class Command(BaseCommand):
    """Copy database, media and secret key into an empty folder."""

    help = "Make a backup of database, media and secret key, also while Encore runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder of the backup."""
        parser.add_argument("folder", metavar="DIR", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say why not."""
        try:
            count = backups.back_up(options["folder"])
        except (backups.BackupError, SnapshotError) as error:
            raise CommandError(str(error)) from error
        except (OSError, Error, sqlite3.Error) as error:
            raise CommandError(f"There is no whole backup: {error}") from error
        self.stdout.write(f"{count} files backed up to {options['folder']}")
