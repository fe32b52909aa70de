"""``manage.py import_photos``: the photos of a folder, once or as they come."""

import sys
import threading
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from rich.console import Console
from rich.progress import track
from rich.text import Text

from webapp.accounts.models import User
from webapp.core.words.names import folded
from webapp.photos.arrival import folders
from webapp.photos.arrival.commands import FolderCommand, say_passed_over, say_refused
from webapp.photos.arrival.importing import ImportedPhoto, Outcome, PhotoImporter
from webapp.photos.arrival.watching import changes_of
from webapp.photos.forms import ConcertForm
from webapp.photos.models import Concert
from webapp.photos.queries import concerts_visible_to


class Command(FolderCommand):
    """Copy pictures into the library; what is there already is not copied again."""

    help = (
        "Copy the pictures of DIR and of the folders in it into the library. Started again it goes "
        "on where it stopped. Faces are found as soon as Encore runs."
    )
    whose = "photos"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what may be asked for."""
        super().add_arguments(parser)
        parser.add_argument("--concert", metavar="NAME", help="put them there; made if it is new")
        parser.add_argument("--watch", action="store_true", help="go on with what comes, to Ctrl-C")

    def bring_in(
        self, folder: Path, owner: User, console: Console, options: dict[str, Any]
    ) -> None:
        """Import every picture, then print what was refused and how many came."""
        if options["watch"] and options["dry_run"]:
            raise CommandError("--dry-run looks once; leave out --watch")
        concert = _concert(owner, options["concert"], is_dry_run=options["dry_run"])
        importer = PhotoImporter(owner, concert, is_dry_run=options["dry_run"])
        if options["watch"]:
            with suppress(KeyboardInterrupt):
                _watch(folder, importer, console)
            return
        contents = folders.look_through(folder)
        results = _run(importer, contents.pictures)
        say_refused(_refused(results), folder, console)
        say_passed_over(contents, folder, console)
        console.print(_summary(results, is_dry_run=options["dry_run"]))


def _watch(folder: Path, importer: PhotoImporter, console: Console) -> None:
    """Import what is there and what comes; a file is looked at again only when it changed."""
    looked_at: dict[Path, tuple[int, int]] = {}
    console.print(Text(f"Watching {folders.shown(folder)} (Ctrl-C stops it)"))
    for _ in changes_of(folder, threading.Event()):
        new = []
        for path in folders.look_through(folder).pictures:
            with suppress(OSError):
                status = path.stat()
                state = (status.st_mtime_ns, status.st_size)
                if looked_at.get(path) != state:
                    looked_at[path] = state
                    new.append(path)
        if new:
            results = _run(importer, new)
            say_refused(_refused(results), folder, console)
            console.print(_summary(results, is_dry_run=False))


def _run(importer: PhotoImporter, paths: list[Path]) -> list[ImportedPhoto]:
    progress = Console(stderr=True)
    is_quiet = not sys.stderr.isatty()
    try:
        return [
            importer.take(path)
            for path in track(paths, "Importing", console=progress, disable=is_quiet)
        ]
    except OSError as error:
        raise CommandError(
            f"the library cannot be written to ({error.strerror or error}); "
            "what was imported stays, so start it again to go on"
        ) from error


def _concert(owner: User, name: str | None, *, is_dry_run: bool) -> Concert | None:
    """Return the user's newest concert of this name, made where there is none."""
    if not name:
        return None
    concerts = concerts_visible_to(owner).filter(folded_name=folded(name))
    if found := concerts.order_by("-created_at").first():
        return found
    form = ConcertForm({"name": name}, instance=Concert(owner=owner, time_zone=owner.time_zone))
    if not form.is_valid():
        reasons = [str(reason) for found in form.errors.values() for reason in found]
        raise CommandError(f"--concert: {' '.join(reasons)}")
    return None if is_dry_run else form.save()


def _refused(results: Iterable[ImportedPhoto]) -> list[ImportedPhoto]:
    return [one for one in results if one.outcome == Outcome.REFUSED]


def _summary(results: list[ImportedPhoto], *, is_dry_run: bool) -> str:
    counts = Counter(result.outcome for result in results)
    done = "would be imported" if is_dry_run else "imported"
    return (
        f"{len(results)} picture{'' if len(results) == 1 else 's'}: "
        f"{counts[Outcome.STORED]} {done}, {counts[Outcome.KNOWN]} already there, "
        f"{counts[Outcome.REFUSED]} refused"
    )
