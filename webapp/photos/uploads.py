"""Taking uploads in: limits, bytes into a part file, a finished part into a photo with a job."""

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
from django.db.models import Sum
from django.http import UnreadablePostError
from django.utils import timezone

from webapp.accounts.models import User
from webapp.core import jobs
from webapp.photos import queries, storage
from webapp.photos.models import Concert, Photo, Upload
from webapp.photos.services import INGEST, delete_photo
from webapp.photos.tus import Checksum, UploadRefusedError
from webapp.vision import photo_files


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose file this is and what is said about it.

    Attributes:
        upload: Its row, where it was announced before its bytes; ``None`` for a file that comes
            whole in one request.
    """

    owner: User
    filename: str
    concert: Concert | None
    upload: Upload | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a finished upload."""

    photo_id: UUID
    is_duplicate: bool


def check_limits(owner: User, length: int) -> None:
    """Refuse an upload that is too large or one too many.

    Raises:
        UploadRefusedError: With a sentence that names the limit.
        OSError: The disk is full.
    """
    if length == 0:
        raise UploadRefusedError(HTTPStatus.BAD_REQUEST, "The file is empty.")
    if length > settings.UPLOAD_MAX_BYTES:
        raise UploadRefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The file has {length / 1e6:.0f} MB; the limit is "
            f"{settings.UPLOAD_MAX_BYTES // 1_000_000} MB.",
        )
    storage.check_room(length)
    _check_rate(owner)
    stored = queries.photos_visible_to(owner).order_by().aggregate(total=Sum("bytes"))["total"] or 0
    if stored + length > settings.UPLOAD_MAX_STORED_BYTES:
        raise UploadRefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"Your photos fill their {settings.UPLOAD_MAX_STORED_BYTES // 10**9} GB. "
            "Delete some first.",
        )


def begin(ticket: Ticket, length: int, upload_id: UUID | None = None) -> Upload:
    """Announce a file whose bytes will follow, or have begun to arrive under ``upload_id``.

    Raises:
        UploadRefusedError: Too many uploads of this user are unfinished.
    """
    unfinished = queries.unfinished_uploads_of(ticket.owner)
    if unfinished.count() >= settings.UPLOAD_MAX_UNFINISHED:
        raise UploadRefusedError(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"{settings.UPLOAD_MAX_UNFINISHED} of your uploads are unfinished. "
            "Finish or cancel some first.",
            {"Retry-After": "60"},
        )
    return Upload.objects.create(
        id=upload_id or uuid4(),
        owner=ticket.owner,
        length=length,
        filename=ticket.filename,
        concert=ticket.concert,
        expires_at=timezone.now() + timedelta(hours=settings.UPLOAD_EXPIRES_HOURS),
    )


def offset_of(upload: Upload) -> int:
    """Return how many bytes have arrived; the file's length is the only truth."""
    if upload.photo_id is not None:
        return upload.length
    for path in (storage.part_of(upload.pk), storage.files_of(upload.pk).original):
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
        part.unlink(missing_ok=True)
        raise
    return end


def finish(ticket: Ticket, part_id: UUID) -> Outcome:
    """Turn a complete part into a photo with its first job, in one transaction.

    Finishing twice gives the same photo, and so does a client that lost its connection and asks
    again while the first request is still at it: that one is told to wait. A file whose content
    this user already has becomes no second photo; one that failed before is tried anew.

    Raises:
        UploadRefusedError: The content is no photo or too large, and nothing is left of it; or
            another request is finishing this upload.
    """
    part = storage.part_of(part_id)
    photo_id = ticket.upload.pk if ticket.upload else part_id
    try:
        with storage.hold(part, storage.files_of(photo_id).original):
            return _finished_before(ticket) or _finish(ticket, part, photo_id)
    except storage.PartBusyError as error:
        raise _busy() from error


def _finished_before(ticket: Ticket) -> Outcome | None:
    """Return what another request made of the upload since its row was read."""
    if ticket.upload is None:
        return None
    upload = Upload.objects.filter(pk=ticket.upload.pk).first()
    if upload is None:
        raise UploadRefusedError(HTTPStatus.NOT_FOUND, "There is no such upload.")
    if upload.photo_id is None:
        return None
    return Outcome(upload.photo_id, is_duplicate=upload.was_duplicate)


def _finish(ticket: Ticket, part: Path, photo_id: UUID) -> Outcome:
    adopted = storage.files_of(photo_id).original
    if not part.exists() and adopted.exists():
        adopted.replace(part)  # The server stopped between the rename and the commit.
    _check_content(part, ticket)
    sha256 = storage.sha256_of(part)
    twin = _twin(ticket.owner, sha256)
    if twin is not None:
        return _settle_duplicate(ticket, part, twin)
    size = part.stat().st_size
    storage.adopt(part, photo_id)
    try:
        _insert(ticket, photo_id, sha256, size)
    except IntegrityError:
        storage.give_back(photo_id, part)
        twin = _twin(ticket.owner, sha256)
        if twin is None:
            raise
        return _settle_duplicate(ticket, part, twin)
    except BaseException:
        storage.give_back(photo_id, part)
        raise
    return Outcome(photo_id, is_duplicate=False)


def cancel(upload: Upload) -> None:
    """Forget an unfinished upload and its bytes; a photo that came of it stays."""
    part = storage.part_of(upload.pk)
    upload.delete()
    part.unlink(missing_ok=True)


def drop(part_id: UUID) -> None:
    """Remove the bytes of a file that came to nothing."""
    storage.part_of(part_id).unlink(missing_ok=True)


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


def _check_content(part: Path, ticket: Ticket) -> None:
    try:
        photo_files.check_header(part)
    except photo_files.UnreadablePhotoError as error:
        if ticket.upload is not None:
            cancel(ticket.upload)
        part.unlink(missing_ok=True)
        raise UploadRefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error


def _twin(owner: User, sha256: str) -> Photo | None:
    twins = queries.photos_visible_to(owner).filter(sha256=sha256)
    return twins.exclude(state=Photo.State.FAILED).first()


def _insert(ticket: Ticket, photo_id: UUID, sha256: str, size: int) -> None:
    with transaction.atomic():
        failed = queries.photos_visible_to(ticket.owner).filter(
            sha256=sha256, state=Photo.State.FAILED
        )
        for photo in failed:
            delete_photo(photo)
        Photo.objects.create(
            id=photo_id,
            owner=ticket.owner,
            concert=ticket.concert,
            display_name=ticket.filename,
            sha256=sha256,
            stored_sha256=sha256,
            bytes=size,
        )
        _note(ticket, photo_id, is_duplicate=False)
        jobs.enqueue(INGEST, photo_id, ticket.owner.pk)


def _settle_duplicate(ticket: Ticket, part: Path, twin: Photo) -> Outcome:
    _note(ticket, twin.pk, is_duplicate=True)
    part.unlink(missing_ok=True)
    return Outcome(twin.pk, is_duplicate=True)


def _note(ticket: Ticket, photo_id: UUID, *, is_duplicate: bool) -> None:
    """Remember what an announced upload became, for a client that missed the answer."""
    if ticket.upload is not None:
        Upload.objects.filter(pk=ticket.upload.pk).update(
            photo_id=photo_id, was_duplicate=is_duplicate
        )
