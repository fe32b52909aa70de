"""``manage.py download_weights``: fetch optional weights."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from webapp.vision.models.downloads import DownloadError, download_weights, downloadable, terms_of


class Command(BaseCommand):
    """Fetch one optional weights file and check it."""

    help = (
        "Fetch optional weights by name; without one, list them. A download that was stopped goes "
        "on where it was. Nothing else in Encore ever downloads."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what may be asked for."""
        parser.add_argument(
            "name", nargs="?", metavar="NAME", help="one of those listed without it"
        )
        parser.add_argument(
            "--accept", action="store_true", help="accept the terms that are shown without it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch with a bar, or list."""
        name: str | None = options["name"]
        if name is None:
            for known in downloadable():
                self.stdout.write(known)
            return
        try:
            terms = terms_of(name)
        except DownloadError as error:
            raise CommandError(str(error)) from error
        if terms and not options["accept"]:
            raise CommandError(
                f"{terms}\nNothing was fetched. To accept this, add --accept to the command."
            )
        columns = (TextColumn(name), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        try:
            with Progress(*columns, console=Console(stderr=True)) as progress:
                bar = progress.add_task(name)
                path = download_weights(
                    name, lambda here, whole: progress.update(bar, completed=here, total=whole)
                )
        except DownloadError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{name} is in {path}")
