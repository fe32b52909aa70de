"""``manage.py import_people``: enrol everybody of a folder."""

import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from webapp import vision
from webapp.accounts.models import User
from webapp.accounts.queries import has_consent
from webapp.people.importing import ImportedFile, Importer, Outcome
from webapp.people.names import PeopleError
from webapp.photos.arrival import folders
from webapp.photos.arrival.commands import FolderCommand, say_passed_over, say_refused


class Command(FolderCommand):
    """Enrol the pictures of ``DIR/<group>/<person>/`` as references."""

    help = (
        "Enrol people from DIR/<group>/<person>/*.jpg. Tight face crops work too. "
        "Pictures without a face, or with several, are refused with the reason."
    )
    whose = "people"

    def bring_in(
        self, folder: Path, owner: User, console: Console, options: dict[str, Any]
    ) -> None:
        """Enrol by every picture, then print who was enrolled and what was refused."""
        if not has_consent(owner.pk):
            raise CommandError(
                f"{owner.username} has not agreed to face recognition; agree on the account page"
            )
        contents = folders.look_through(folder)
        importer = Importer(folder, owner.pk, is_dry_run=options["dry_run"])
        results = _run(importer, contents.pictures)
        console.print(_people(results))
        refused = [one for one in results if one.outcome == Outcome.REFUSED]
        say_refused(refused, folder, console)
        say_passed_over(contents, folder, console)
        console.print(_summary(results, is_dry_run=options["dry_run"]))


def _run(importer: Importer, paths: list[Path]) -> list[ImportedFile]:
    progress = Console(stderr=True)
    try:
        with closing(importer.run(paths)) as files:
            return list(
                track(
                    files,
                    "Importing",
                    total=len(paths),
                    console=progress,
                    disable=not sys.stderr.isatty(),
                )
            )
    except (PeopleError, vision.UnavailableError) as error:
        raise CommandError(str(error)) from error


def _people(results: list[ImportedFile]) -> Table:
    """Return one line a person; names are text, never markup."""
    counts = Counter((one.group, one.person, one.outcome) for one in results if one.person)
    table = Table("Group", "Person", "Enrolled", "Already known", "Refused")
    for group, person in sorted({(one.group, one.person) for one in results if one.person}):
        numbers = [str(counts[group, person, outcome]) for outcome in Outcome]
        table.add_row(Text(group), Text(person), *numbers)
    return table


def _summary(results: list[ImportedFile], *, is_dry_run: bool) -> str:
    counts = Counter(one.outcome for one in results)
    done = "would be enrolled" if is_dry_run else "enrolled"
    pictures = f"{len(results)} picture{'' if len(results) == 1 else 's'}"
    return (
        f"{pictures}: {counts[Outcome.ENROLLED]} {done}, "
        f"{counts[Outcome.KNOWN]} already known, {counts[Outcome.REFUSED]} refused"
    )
