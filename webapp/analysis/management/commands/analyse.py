"""``manage.py analyse``: the photo pipeline over files and folders."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from webapp import vision
from webapp.accounts.models import User
from webapp.accounts.queries import has_consent
from webapp.analysis.file_reports import Analyser, KnownNames, PhotoReport, pictures_in
from webapp.analysis.names.galleries import galleries
from webapp.people.queries import people_visible_to
from webapp.photos.arrival import folders


class Command(BaseCommand):
    """Find faces, names, emotions and portraits in files; nothing is stored in the database."""

    help = (
        "Analyse picture files or folders: faces, names, emotions, portraits. "
        "A file that cannot be read is reported and does not stop the others."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what may be asked for."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the results here")
        parser.add_argument("--portraits", type=Path, metavar="DIR", help="write portraits here")
        parser.add_argument("--masks", type=Path, metavar="DIR", help="write person masks here")
        parser.add_argument("--owner", metavar="NAME", help="name faces by this user's people")

    def handle(self, *args: Any, **options: Any) -> None:
        """Analyse every picture, then print the table and write the JSON."""
        known = _known_names(options["owner"]) if options["owner"] else None
        for folder in (options["portraits"], options["masks"]):
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
        analyser = Analyser(known, options["portraits"], options["masks"])
        contents = pictures_in(options["paths"])
        console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        for line in folders.in_words(contents.passed):
            console.print(Text(line))
        reports = _reports(analyser, contents.pictures)
        if options["json"] is not None:
            text = json.dumps(reports, ensure_ascii=False, indent=2)
            options["json"].write_text(text + "\n", encoding="utf-8")
        console.print(_table(reports))
        console.print(_summary(reports))
        for note in sorted(analyser.notes):
            self.stderr.write(note)


def _reports(analyser: Analyser, paths: list[Path]) -> list[PhotoReport]:
    if not paths:
        raise CommandError("there are no pictures there")
    progress = Console(stderr=True)
    try:
        return [
            analyser.analyse(path)
            for path in track(paths, "Analysing", console=progress, disable=not sys.stderr.isatty())
        ]
    except vision.UnavailableError as error:
        raise CommandError(str(error)) from error


def _known_names(username: str) -> KnownNames:
    """Return whom this user has enrolled.

    Raises:
        CommandError: There is no such user, or they have not agreed to face recognition.
    """
    user = User.objects.called(username).first()
    if user is None:
        raise CommandError(f"there is no user {username!r}")
    if not has_consent(user.pk):
        raise CommandError(f"{username} has not agreed to face recognition (see the account page)")
    names = {
        person.pk: (person.name, person.group.name if person.group else None)
        for person in people_visible_to(user)
    }
    return KnownNames(galleries.of(user.pk).people, names)


def _table(reports: list[PhotoReport]) -> Table:
    """Return one line a photo. Names of files and people are text, never markup."""
    table = Table("Photo", "Size", "Faces", "Names", "Emotions", "Portrait")
    for report in reports:
        if report["error"] is not None:
            table.add_row(Text(report["path"]), "-", "-", Text(report["error"], "red"), "", "")
            continue
        faces = report["faces"]
        names = ", ".join(face["person"]["name"] for face in faces if face["person"])
        labels = [face["emotion"]["label"] if face["emotion"] else None for face in faces]
        emotions = ", ".join(label or "?" for label in labels)
        table.add_row(
            Text(report["path"]),
            f"{report['width']}x{report['height']}",
            str(len(faces)),
            Text(names),
            Text(emotions),
            "yes" if report["portrait"] or report["mask"] else "",
        )
    return table


def _summary(reports: list[PhotoReport]) -> str:
    failed = sum(report["error"] is not None for report in reports)
    faces = sum(len(report["faces"]) for report in reports)
    named = sum(face["person"] is not None for report in reports for face in report["faces"])
    unread = f", {failed} could not be read" if failed else ""
    photos, found = (
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((len(reports), "photo"), (faces, "face"))
    )
    return f"{photos}{unread}: {found}, {named} named"
