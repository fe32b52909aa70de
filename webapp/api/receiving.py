"""A photo that comes as one form: the same rules as the upload page, and a key against doubles."""

import hashlib
from dataclasses import dataclass
from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from ninja import UploadedFile

from webapp.accounts.models import User
from webapp.api.problems import ProblemError
from webapp.photos.arrival.intake import PHOTOS
from webapp.photos.models import Concert
from webapp.uploads import limits, tus
from webapp.uploads import receiving as uploads
from webapp.uploads.intake import Ticket
from webapp.uploads.models import Upload
from webapp.uploads.queries import uploads_of

ONCE = "once"
"""Under this an announced upload remembers the hash of what came with its idempotency key."""
_KEYS = UUID("0d7c5a0e-5f0c-4a52-9f0e-6a2f3f0f8b11")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a file.

    Attributes:
        is_new: Whether a photo was made of it, now or when its key was first used.
        has_joined: Whether it was here before, and belongs to the wished concert from now on.
    """

    photo_id: UUID
    is_new: bool
    has_joined: bool


def receive(user: User, file: UploadedFile, concert: Concert | None, once: str) -> Received:
    """Store a photo, or find that it is here.

    Args:
        user: Whose it is.
        file: With the name it has at its owner's.
        concert: To which it belongs.
        once: Idempotency key: sent again within a day with the same file, the answer is the same.
            Empty for none.

    Raises:
        webapp.uploads.tus.UploadRefusedError: It is too large, too much, or no photo.
        ProblemError: The key was used for another file.
    """
    size = file.size or 0
    limits.check_limits(PHOTOS, user, size)
    name = tus.harmless_name(file.name or "", nameless=PHOTOS.kind)
    about = {"concert": str(concert.pk)} if concert else {}
    ticket = Ticket(user, name, about=about)
    if not once:
        part_id = uuid4()
        try:
            return _take(file, size, ticket, part_id)
        except BaseException:
            uploads.drop(part_id)
            raise
    digest = _sha256(file)
    ticket = Ticket(user, name, about={**about, ONCE: digest})
    claimed = _claim(ticket, size, uuid5(_KEYS, f"{user.pk} {once}"))
    if claimed.about.get(ONCE) != digest:
        raise ProblemError(422, "This Idempotency-Key was used for another file.")
    if claimed.became is not None:
        return Received(claimed.became, not claimed.was_duplicate, has_joined=False)
    uploads.begin_again(claimed.pk)  # What an earlier try left; the whole file is here again.
    return _take(file, size, Ticket(user, name, claimed, claimed.about), claimed.pk)


def _claim(ticket: Ticket, size: int, upload_id: UUID) -> Upload:
    """Return the announced upload of a key, made by whoever comes first.

    Its id follows from the key, so of two requests at the same moment one makes the row and the
    other finds it: the database decides, and nothing is received before.
    """
    known = _announced(ticket.owner, upload_id).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return uploads.begin(PHOTOS, ticket, size, upload_id)
    except IntegrityError:
        return _announced(ticket.owner, upload_id).get()


def _announced(owner: User, upload_id: UUID) -> QuerySet[Upload]:
    return uploads_of(owner, PHOTOS.kind).filter(pk=upload_id)


def _take(file: UploadedFile, size: int, ticket: Ticket, part_id: UUID) -> Received:
    file.seek(0)
    uploads.receive(part_id, file.chunks(), offset=0, length=size)
    outcome = uploads.finish(PHOTOS, ticket, part_id)
    return Received(outcome.file_id, not outcome.is_duplicate, outcome.has_joined)


def _sha256(file: UploadedFile) -> str:
    digest = hashlib.sha256()
    for block in file.chunks():
        digest.update(block)
    return digest.hexdigest()
