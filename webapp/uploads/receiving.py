"""Taking uploads in: limits, bytes into a part file, a finished part into a row with a job.

What kind of file it is, its ``Intake`` says; everything here is the same for all kinds.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext

from webapp.accounts.models import User
from webapp.core.files import orphans
from webapp.core.files.durable import sha256_of
from webapp.uploads import parts, queries
from webapp.uploads.intake import Content, Intake, Ticket
from webapp.uploads.limits import check_growth, check_media
from webapp.uploads.models import Upload
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


def begin(
    intake: Intake, ticket: Ticket, length: int | None, upload_id: UUID | None = None
) -> Upload:
    """Announce a file whose bytes will follow, or have begun to arrive under ``upload_id``.

    Without a length it is open: that is told with its last bytes.

    Raises:
        UploadRefusedError: Too many uploads of this user are unfinished.
    """
    unfinished = queries.unfinished_uploads_of(ticket.owner, intake.kind)
    if unfinished.count() >= intake.max_unfinished:
        raise UploadRefusedError(
            HTTPStatus.TOO_MANY_REQUESTS,
            gettext("%(count)s of your uploads are unfinished. Finish or cancel some first.")
            % {"count": intake.max_unfinished},
            {"Retry-After": "60"},
        )
    return Upload.objects.create(
        id=upload_id or uuid4(),
        owner=ticket.owner,
        kind=intake.kind,
        length=length or 0,
        is_open=length is None,
        filename=ticket.filename,
        about=dict(ticket.about),
        expires_at=_expiry(),
    )


def let_grow(intake: Intake, upload: Upload, end: int, length: int | None) -> None:
    """Let bytes up to ``end`` into an open upload; with its ``length`` it is open no more.

    What was let in counts as announced, so limits hold at every step.

    Raises:
        UploadRefusedError: It may not become so large; what has come stays.
        OSError: The disk is full.
    """
    if length is not None and length < end:
        raise UploadRefusedError(
            HTTPStatus.BAD_REQUEST, gettext("More bytes came than were announced.")
        )
    wanted = end if length is None else length
    if wanted or length is not None:
        check_growth(intake, upload, wanted)
    upload.length, upload.is_open, upload.expires_at = wanted, length is None, _expiry()
    upload.save(update_fields=["length", "is_open", "expires_at"])


def _expiry() -> datetime:
    return timezone.now() + timedelta(hours=settings.UPLOAD_EXPIRES_HOURS)


def offset_of(intake: Intake, upload: Upload) -> int:
    """Return how many bytes have arrived; the file's length is the only truth."""
    if upload.became is not None:
        return upload.length
    for path in (parts.part_of(upload.pk), intake.place_of(upload.pk)):
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
    is_growing: bool = False,
) -> int:
    """Write the bytes of one request behind ``offset``; returns the new offset.

    A full disk costs the whole file, to make room; of one that grows, only these bytes.

    Raises:
        UploadRefusedError: The offset is another one, somebody else is writing, too many bytes
            came, or they do not match their checksum.
    """
    check_media()
    part = parts.part_of(upload_id)
    try:
        with parts.open_part(part) as handle:
            there = part.stat().st_size
            if there != offset:
                raise _elsewhere(there, offset)
            checked = checksum.check(blocks) if checksum else blocks
            try:
                end = parts.append(handle, checked, offset=offset, limit=length)
            except (UploadRefusedError, parts.PartTooLongError):
                parts.cut(handle, offset)
                raise
    except parts.PartBusyError as error:
        raise _busy() from error
    except parts.PartTooLongError as error:
        raise UploadRefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, gettext("More bytes came than were announced.")
        ) from error
    except UnreadablePostError:
        if checksum:  # Bytes that cannot be checked any more are not kept.
            _cut(part, offset)
        raise
    except OSError:
        _forsake(part, offset if is_growing else 0)
        raise
    return end


def _elsewhere(there: int, offset: int) -> UploadRefusedError:
    words = gettext("%(there)s bytes are here, not %(offset)s.") % {
        "there": there,
        "offset": offset,
    }
    return UploadRefusedError(HTTPStatus.CONFLICT, words, {"Upload-Offset": str(there)})


def finish(intake: Intake, ticket: Ticket, part_id: UUID) -> Outcome:
    """Turn a complete part into what it is to become with its first job, in one transaction.

    Finishing twice gives the same result, and so does a client that lost its connection and asks
    again while the first request is still at it: that one is told to wait. A file whose content
    this user already has becomes no second row; one that failed before is tried anew.

    Raises:
        UploadRefusedError: The content is of another kind or too large, and nothing is left of
            it; or another request is finishing this upload.
    """
    part = parts.part_of(part_id)
    file_id = ticket.upload.pk if ticket.upload else part_id
    try:
        with parts.hold(part, intake.place_of(file_id)):
            return _finished_before(ticket) or _finish(intake, ticket, part, file_id)
    except parts.PartBusyError as error:
        raise _busy() from error


def _finished_before(ticket: Ticket) -> Outcome | None:
    """Return what another request made of the upload since its row was read."""
    if ticket.upload is None:
        return None
    upload = Upload.objects.filter(pk=ticket.upload.pk).first()
    if upload is None:
        raise UploadRefusedError(HTTPStatus.NOT_FOUND, gettext("There is no such upload."))
    if upload.became is None:
        return None
    return Outcome(upload.became, is_duplicate=upload.was_duplicate)


def _finish(intake: Intake, ticket: Ticket, part: Path, file_id: UUID) -> Outcome:
    adopted = intake.place_of(file_id)
    if not part.exists() and adopted.exists():
        adopted.replace(part)  # The server stopped between the rename and the commit.
    came_before = _check_content(intake, part, ticket)
    content = Content(
        sha256=sha256_of(part),
        picture_sha256=intake.picture_of(part),
        size=part.stat().st_size,
    )
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


def is_known(intake: Intake, owner: User, sha256: str, size: int) -> bool:
    """Whether this user has a file of this hash; one that only shows the same picture has not."""
    return intake.twin_of(owner, Content(sha256, "", size)) is not None


def settle_known(intake: Intake, ticket: Ticket, sha256: str, size: int) -> bool:
    """Do for a file of which the hash is known what its upload would do, if it is here already.

    Returns:
        Whether it was; if not, its bytes are wanted.

    Raises:
        UploadRefusedError: It is just being deleted for ever.
    """
    twin = intake.twin_of(ticket.owner, Content(sha256, "", size))
    if twin is not None:
        _join(intake, ticket, twin)
    return twin is not None


def cancel(upload: Upload) -> None:
    """Forget an unfinished upload and its bytes; what came of it stays."""
    part = parts.part_of(upload.pk)
    upload.delete()
    orphans.erase(part)


def begin_again(upload_id: UUID) -> None:
    """Throw away the bytes of an upload that is sent anew as a whole.

    Raises:
        UploadRefusedError: Another request is still writing them.
    """
    try:
        _cut(parts.part_of(upload_id), 0)
    except parts.PartBusyError as error:
        raise _busy() from error


def drop(part_id: UUID) -> None:
    """Remove the bytes of a file that came to nothing."""
    orphans.erase(parts.part_of(part_id))


def _busy() -> UploadRefusedError:
    return UploadRefusedError(
        HTTPStatus.LOCKED, gettext("This upload is still being written."), {"Retry-After": "1"}
    )


def _forsake(part: Path, offset: int) -> None:
    """Give up what came behind ``offset``; where nothing was before it, the file."""
    if offset:
        _cut(part, offset)
    else:
        orphans.erase(part)


def _cut(part: Path, offset: int) -> None:
    with parts.open_part(part) as handle:
        parts.cut(handle, offset)


def _check_content(intake: Intake, part: Path, ticket: Ticket) -> UUID | None:
    """Refuse what is no such file or may not go where it is meant to; returns what came before."""
    try:
        intake.check_content(part)
        return intake.came_before(ticket)
    except UploadRefusedError:
        if ticket.upload is not None:
            cancel(ticket.upload)
        orphans.erase(part)
        raise


def _settle_duplicate(intake: Intake, ticket: Ticket, part: Path, twin: UUID) -> Outcome:
    outcome = _join(intake, ticket, twin)
    orphans.erase(part)
    return outcome


@transaction.atomic
def _join(intake: Intake, ticket: Ticket, twin: UUID) -> Outcome:
    has_returned = intake.bring_back(ticket.owner, twin)
    has_joined = intake.take_twin(ticket, twin)
    _note(ticket, twin, is_duplicate=True)
    return Outcome(twin, is_duplicate=True, has_joined=has_joined, has_returned=has_returned)


def _note(ticket: Ticket, file_id: UUID, *, is_duplicate: bool) -> None:
    """Remember what an announced upload became, for a client that missed the answer."""
    if ticket.upload is not None:
        Upload.objects.filter(pk=ticket.upload.pk).update(
            became=file_id, was_duplicate=is_duplicate
        )


def forget_expired() -> int:
    """Forget uploads that were not finished in time; their parts are orphans then."""
    return Upload.objects.filter(expires_at__lt=timezone.now()).delete()[0]
