"""Taking uploads in: limits, bytes into a part file, a finished part into a row with a job.

What kind of file it is, its ``Intake`` says; everything here is the same for all kinds.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.http import UnreadablePostError
from django.utils import timezone

from webapp.accounts.models import User
from webapp.core import installation, orphans
from webapp.photos import queries, storage
from webapp.photos.models import Upload
from webapp.uploads.destinations import Destination
from webapp.uploads.intake import Content, Intake, Ticket
from webapp.uploads.tus import Checksum, UploadRefusedError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a finished upload.

    Attributes:
        is_duplicate: Whether the content was here before.
        has_joined: Whether it was, without a concert, and belongs to the chosen one now.
        has_returned: Whether it was in the bin and came back.
    """

    file_id: UUID
    is_duplicate: bool
    has_joined: bool = False
    has_returned: bool = False


class _CameMeanwhileError(Exception):
    """Another upload has stored the same content since it was looked for."""


def check_media() -> None:
    """Refuse bytes while they would go to a folder that is not this database's own.

    Raises:
        UploadRefusedError: It may pass; the upload goes on then.
    """
    if installation.trouble():
        raise UploadRefusedError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The folder of the photos is not there. The upload goes on when it is back.",
            {"Retry-After": "30"},
        )


def check_limits(intake: Intake, owner: User, length: int) -> None:
    """Refuse an upload that is too large or one too many.

    Raises:
        UploadRefusedError: With a sentence that names the limit.
        OSError: The disk is full.
    """
    if length == 0:
        raise UploadRefusedError(HTTPStatus.BAD_REQUEST, "The file is empty.")
    if length > intake.max_bytes:
        raise UploadRefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The file has {length / 1e6:.0f} MB; the limit is {intake.max_bytes // 1_000_000} MB.",
        )
    check_media()
    storage.check_room(length)
    _check_rate(owner)
    intake.check_stored(owner, length)


def begin(intake: Intake, ticket: Ticket, length: int, upload_id: UUID | None = None) -> Upload:
    """Announce a file whose bytes will follow, or have begun to arrive under ``upload_id``.

    Raises:
        UploadRefusedError: Too many uploads of this user are unfinished.
    """
    unfinished = queries.unfinished_uploads_of(ticket.owner, intake.kind)
    if unfinished.count() >= intake.max_unfinished:
        raise UploadRefusedError(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"{intake.max_unfinished} of your uploads are unfinished. Finish or cancel some first.",
            {"Retry-After": "60"},
        )
    return Upload.objects.create(
        id=upload_id or uuid4(),
        owner=ticket.owner,
        kind=intake.kind,
        length=length,
        filename=ticket.filename,
        concert=ticket.concert,
        about=dict(ticket.about),
        expires_at=timezone.now() + timedelta(hours=settings.UPLOAD_EXPIRES_HOURS),
    )


def offset_of(intake: Intake, upload: Upload) -> int:
    """Return how many bytes have arrived; the file's length is the only truth."""
    if upload.became is not None:
        return upload.length
    for path in (storage.part_of(upload.pk), intake.place_of(upload.pk)):
        with suppress(FileNotFoundError):
            return path.stat().st_size
    return 0


def receive(
    upload_id: UUID,
    blocks: Iterable[bytes],
    *,
    offset: int,
    length: int,
    checksum: Checksum | None = None,
) -> int:
    """Write the bytes of one request behind ``offset``; returns the new offset.

    Raises:
        UploadRefusedError: The offset is another one, somebody else is writing, too many bytes
            came, or they do not match their checksum.
    """
    check_media()
    part = storage.part_of(upload_id)
    try:
        with storage.open_part(part) as handle:
            there = part.stat().st_size
            if there != offset:
                raise UploadRefusedError(
                    HTTPStatus.CONFLICT,
                    f"{there} bytes are here, not {offset}.",
                    {"Upload-Offset": str(there)},
                )
            checked = checksum.check(blocks) if checksum else blocks
            try:
                end = storage.append(handle, checked, offset=offset, limit=length)
            except (UploadRefusedError, storage.PartTooLongError):
                storage.cut(handle, offset)
                raise
    except storage.PartBusyError as error:
        raise _busy() from error
    except storage.PartTooLongError as error:
        raise UploadRefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "More bytes came than were announced."
        ) from error
    except UnreadablePostError:
        if checksum:  # Bytes that cannot be checked any more are not kept.
            _cut(part, offset)
        raise
    except OSError:
        orphans.erase(part)
        raise
    return end


def finish(intake: Intake, ticket: Ticket, part_id: UUID) -> Outcome:
    """Turn a complete part into what it is to become with its first job, in one transaction.

    Finishing twice gives the same result, and so does a client that lost its connection and asks
    again while the first request is still at it: that one is told to wait. A file whose content
    this user already has becomes no second row; one that failed before is tried anew.

    Raises:
        UploadRefusedError: The content is of another kind or too large, and nothing is left of
            it; or another request is finishing this upload.
    """
    part = storage.part_of(part_id)
    file_id = ticket.upload.pk if ticket.upload else part_id
    try:
        with storage.hold(part, intake.place_of(file_id)):
            return _finished_before(ticket) or _finish(intake, ticket, part, file_id)
    except storage.PartBusyError as error:
        raise _busy() from error


def _finished_before(ticket: Ticket) -> Outcome | None:
    """Return what another request made of the upload since its row was read."""
    if ticket.upload is None:
        return None
    upload = Upload.objects.filter(pk=ticket.upload.pk).first()
    if upload is None:
        raise UploadRefusedError(HTTPStatus.NOT_FOUND, "There is no such upload.")
    if upload.became is None:
        return None
    return Outcome(upload.became, is_duplicate=upload.was_duplicate)


def _finish(intake: Intake, ticket: Ticket, part: Path, file_id: UUID) -> Outcome:
    adopted = intake.place_of(file_id)
    if not part.exists() and adopted.exists():
        adopted.replace(part)  # The server stopped between the rename and the commit.
    destination = _check_content(intake, part, ticket)
    content = Content(
        sha256=storage.sha256_of(part),
        picture_sha256=intake.picture_of(part),
        size=part.stat().st_size,
    )
    came_before = destination.photo_id if destination else None
    twin = came_before or intake.twin_of(ticket.owner, content)
    if twin is not None:
        return _settle_duplicate(intake, ticket, part, twin)
    intake.adopt(part, file_id)
    try:
        _insert(intake, ticket, file_id, content)
    except (IntegrityError, _CameMeanwhileError):
        intake.give_back(file_id, part)
        twin = intake.twin_of(ticket.owner, content)
        if twin is None:
            raise
        return _settle_duplicate(intake, ticket, part, twin)
    except BaseException:
        intake.give_back(file_id, part)
        raise
    return Outcome(file_id, is_duplicate=False)


@transaction.atomic
def _insert(intake: Intake, ticket: Ticket, file_id: UUID, content: Content) -> None:
    _let_one_store_at_a_time(ticket.owner)
    if intake.twin_of(ticket.owner, content) is not None:
        raise _CameMeanwhileError
    intake.insert(ticket, file_id, content)
    _note(ticket, file_id, is_duplicate=False)


def _let_one_store_at_a_time(owner: User) -> None:
    """Wait for this user's other uploads that are being stored, until the transaction ends.

    No constraint can tell that two files show one picture, as older photos may share theirs. SQLite
    has one writer anyway; on PostgreSQL the user's row is the turnstile.
    """
    User.objects.select_for_update(no_key=True).filter(pk=owner.pk).first()


def cancel(upload: Upload) -> None:
    """Forget an unfinished upload and its bytes; what came of it stays."""
    part = storage.part_of(upload.pk)
    upload.delete()
    orphans.erase(part)


def drop(part_id: UUID) -> None:
    """Remove the bytes of a file that came to nothing."""
    orphans.erase(storage.part_of(part_id))


def _busy() -> UploadRefusedError:
    return UploadRefusedError(
        HTTPStatus.LOCKED, "This upload is still being written.", {"Retry-After": "1"}
    )


def _cut(part: Path, offset: int) -> None:
    with storage.open_part(part) as handle:
        storage.cut(handle, offset)


def _check_rate(owner: User) -> None:
    """Count uploads per user and minute; the limit leaves room for a folder dropped at once."""
    minute = f"uploads:{owner.pk}:{timezone.now():%H%M}"
    cache.add(minute, 0, timeout=120)
    if cache.incr(minute) > settings.UPLOADS_PER_MINUTE:
        raise UploadRefusedError(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"More than {settings.UPLOADS_PER_MINUTE} uploads in a minute. It goes on by itself.",
            {"Retry-After": "30"},
        )


def _check_content(intake: Intake, part: Path, ticket: Ticket) -> Destination | None:
    """Refuse what is no such file or may not go where it is meant to; returns where that is."""
    try:
        intake.check_content(part)
        return ticket.destination()
    except UploadRefusedError:
        if ticket.upload is not None:
            cancel(ticket.upload)
        orphans.erase(part)
        raise


def _settle_duplicate(intake: Intake, ticket: Ticket, part: Path, twin: UUID) -> Outcome:
    destination = ticket.destination()
    with transaction.atomic():
        if destination is not None:
            destination.receive(twin)
        has_returned = intake.bring_back(ticket.owner, twin)
        has_joined = destination is None and intake.join_concert(ticket, twin)
        _note(ticket, twin, is_duplicate=True)
    orphans.erase(part)
    return Outcome(twin, is_duplicate=True, has_joined=has_joined, has_returned=has_returned)


def _note(ticket: Ticket, file_id: UUID, *, is_duplicate: bool) -> None:
    """Remember what an announced upload became, for a client that missed the answer."""
    if ticket.upload is not None:
        Upload.objects.filter(pk=ticket.upload.pk).update(
            became=file_id, was_duplicate=is_duplicate
        )
