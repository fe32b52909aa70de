"""Photos out of a folder of this machine, by the same rules as from the upload page."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

from django.utils.translation import gettext_noop

from webapp.accounts.models import User
from webapp.core.files.durable import sha256_of
from webapp.photos.arrival.intake import PHOTOS
from webapp.photos.models import Concert
from webapp.uploads import limits, tus
from webapp.uploads import receiving as uploads
from webapp.uploads.intake import Ticket
from webapp.uploads.tus import UploadRefusedError

BLOCK_BYTES = 1 << 20
UNREADABLE = gettext_noop("It could not be read.")
STILL_WRITTEN = gettext_noop("It changed while it was read; it is taken the next time.")


class Outcome(StrEnum):
    """What became of a file."""

    STORED = "stored"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportedPhoto:
    """One file and what became of it.

    Attributes:
        reason: Why it was refused; empty for the others.
        status: As which the upload page would refuse it; ``None`` where it could not be read.
    """

    path: Path
    outcome: Outcome
    reason: str = ""
    status: int | None = None


class _UnreadableFileError(Exception):
    """The file cannot be read, which is no trouble of the disk that photos are written to."""


class PhotoImporter:
    """Copies files into a user's library. What is there already is known by its hash alone.

    Args:
        owner: Whose photos they become.
        concert: To which they belong; photos that are there without a concert join it.
        is_dry_run: Only say which are known and which would be refused.
    """

    def __init__(
        self, owner: User, concert: Concert | None = None, *, is_dry_run: bool = False
    ) -> None:
        self._owner = owner
        self._about = {"concert": str(concert.pk)} if concert else {}
        self._is_dry_run = is_dry_run

    def take(self, path: Path) -> ImportedPhoto:
        """Store one file, or say why not.

        Raises:
            OSError: The disk of the library is full or away; what was stored stays.
        """
        try:
            outcome = self._take(path)
        except _UnreadableFileError:
            return ImportedPhoto(path, Outcome.REFUSED, UNREADABLE)
        except UploadRefusedError as refusal:
            return ImportedPhoto(path, Outcome.REFUSED, refusal.reason, refusal.status)
        return ImportedPhoto(path, outcome)

    def _take(self, path: Path) -> Outcome:
        ticket = Ticket(self._owner, tus.harmless_name(path.name), about=self._about)
        try:
            length, sha256 = path.stat().st_size, sha256_of(path)
        except OSError as error:
            raise _UnreadableFileError from error
        if self._is_dry_run:
            return self._try(path, sha256, length)
        if uploads.settle_known(PHOTOS, ticket, sha256, length):
            return Outcome.KNOWN
        limits.check_room(PHOTOS, self._owner, length)
        return self._copy(path, ticket, length)

    def _try(self, path: Path, sha256: str, length: int) -> Outcome:
        if uploads.is_known(PHOTOS, self._owner, sha256, length):
            return Outcome.KNOWN
        limits.check_room(PHOTOS, self._owner, length)
        PHOTOS.check_content(path)
        return Outcome.STORED

    def _copy(self, path: Path, ticket: Ticket, length: int) -> Outcome:
        part_id = uuid4()
        try:
            uploads.receive(part_id, _blocks(path, length), offset=0, length=length)
            is_known = uploads.finish(PHOTOS, ticket, part_id).is_duplicate
        except BaseException:
            uploads.drop(part_id)
            raise
        return Outcome.KNOWN if is_known else Outcome.STORED


def _blocks(path: Path, length: int) -> Iterator[bytes]:
    """Yield a file that has this length from its beginning to its end.

    Raises:
        UploadRefusedError: Somebody is still writing it.
    """
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                length -= len(block)
                if length < 0:
                    break
                yield block
    except OSError as error:
        raise _UnreadableFileError from error
    if length:
        raise UploadRefusedError(HTTPStatus.CONFLICT, STILL_WRITTEN)
