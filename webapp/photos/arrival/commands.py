"""What all commands have in common that bring the pictures of a folder in."""

from abc import abstractmethod
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.text import Text

from webapp.accounts.models import User
from webapp.accounts.queries import NoSuchUserError, called
from webapp.photos.arrival import folders


class Refused(Protocol):
    """A picture that was not taken."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    @property
    def reason(self) -> str:
        """Why not, in words."""
        ...


class FolderCommand(BaseCommand):
    """Looks through ``DIR`` for one user.

    Attributes:
        whose: What is brought in, for the help of ``--owner``.
    """

    whose = "pictures"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what may be asked for."""
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--owner", metavar="NAME", help=f"whose {self.whose} (the owner's by default)"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would be done and refused"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Find folder and user, and bring the pictures in."""
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"there is no folder {folder}")
        try:
            owner = called(options["owner"])
        except NoSuchUserError as error:
            raise CommandError(str(error)) from error
        console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        self.bring_in(folder, owner, console, options)

    @abstractmethod
    def bring_in(
        self, folder: Path, owner: User, console: Console, options: dict[str, Any]
    ) -> None:
        """Bring the pictures of the folder in, and say what became of them."""


def say_refused(refused: Iterable[Refused], folder: Path, console: Console) -> None:
    """Say of each picture why it was not taken; names are text, never markup."""
    for one in refused:
        path = folders.shown(one.path.relative_to(folder))
        console.print(Text(f"refused {path}: {one.reason}"))


def say_passed_over(contents: folders.Contents, folder: Path, console: Console) -> None:
    """Say what of the folder was not meant."""
    for line in folders.in_words(contents.passed, folder):
        console.print(Text(line))
