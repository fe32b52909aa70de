"""The seconds around a moment as a camera's page recorded them: a kind of upload.

The page holds the last seconds in its memory and brings those around a moment, where its owner
wants clips. They are what a browser made of a camera, or what somebody sent in its place: nothing
decodes them but a child process with limits, and nothing of them is ever sent out.
"""

from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext

from webapp.accounts.models import User
from webapp.core.files.durable import sync_folder
from webapp.moments.models import Moment, Reel
from webapp.moments.reel import clips
from webapp.moments.reel.services import recording_of
from webapp.uploads.intake import Content, Ticket
from webapp.uploads.queries import unfinished_uploads_of
from webapp.uploads.tus import UploadRefusedError
from webapp.vision.sandbox import videos as video_files

MAX_BYTES = 60_000_000
"""Thirty seconds of 1080p, as browsers record it."""
MAX_STORED_BYTES = 10_000_000_000
LONGEST_SECONDS = 60.0


class RecordingIntake:
    """What the upload server asks of a recording (``webapp.uploads.intake``)."""

    kind = "clip"
    address = "moments:clip-upload"
    max_bytes = MAX_BYTES
    max_unfinished = 20

    def check_stored(self, owner: User, length: int) -> None:
        """Refuse what would fill the user's share of clips; what was announced counts already."""
        own = Reel.objects.filter(owner=owner, kind=Reel.Kind.CLIP)
        stored = own.aggregate(total=Sum("bytes"))["total"] or 0
        coming = unfinished_uploads_of(owner, self.kind).aggregate(total=Sum("length"))["total"]
        if stored + (coming or 0) + length > MAX_STORED_BYTES:
            raise UploadRefusedError(
                HTTPStatus.INSUFFICIENT_STORAGE,
                gettext("Your clips fill their %d GB. Delete some first.")
                % (MAX_STORED_BYTES // 10**9),
            )

    def check_announced(self, ticket: Ticket) -> None:
        """Refuse what belongs to no moment of the user's cameras."""
        _moment_of(ticket)
        _peak_of(ticket)

    def came_before(self, ticket: Ticket) -> UUID | None:
        """Return the clip that this moment has already."""
        clip = clips.clip_of(_moment_of(ticket))
        return clip.pk if clip else None

    def place_of(self, file_id: UUID) -> Path:
        """Return where a recording lies."""
        return recording_of(file_id)

    def check_content(self, part: Path) -> None:
        """Refuse what is no WebM or MP4, from its first bytes."""
        try:
            video_files.check_header(part)
        except video_files.UnreadableVideoError as error:
            raise UploadRefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error

    def picture_of(self, part: Path) -> str:
        """Return nothing: no two recordings are the same."""
        return ""

    def twin_of(self, owner: User, content: Content) -> UUID | None:
        """Return nothing; likewise."""
        return None

    def take_twin(self, ticket: Ticket, twin: UUID) -> bool:
        """Leave it; there is none."""
        return False

    def bring_back(self, owner: User, twin: UUID) -> bool:
        """Leave it; there is none."""
        return False

    def adopt(self, part: Path, file_id: UUID) -> None:
        """Move the bytes to their place."""
        path = recording_of(file_id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.replace(path)
        sync_folder(path.parent)
        sync_folder(path.parent.parent)

    def give_back(self, file_id: UUID, part: Path) -> None:
        """Undo ``adopt``."""
        with suppress(FileNotFoundError):
            recording_of(file_id).replace(part)

    def insert(self, ticket: Ticket, file_id: UUID, content: Content) -> None:
        """Make the clip and queue its cutting."""
        clip = Reel(id=file_id, owner=ticket.owner, moment=_moment_of(ticket), bytes=content.size)
        around = (clips.AROUND_SECONDS, clips.AROUND_SECONDS)
        clips.begin(clip, _peak_of(ticket), around)


def _moment_of(ticket: Ticket) -> Moment:
    """Return whose surroundings these are.

    Raises:
        UploadRefusedError: 404 where the user has no such moment, 403 where it takes no clip.
    """
    moment = None
    with suppress(ValueError):
        moment_id = UUID(ticket.about.get("moment", ""))
        moment = Moment.objects.filter(owner=ticket.owner, pk=moment_id).first()
    if moment is None:
        raise UploadRefusedError(HTTPStatus.NOT_FOUND, gettext("There is no such moment."))
    if moment.session_id is None or moment.is_discarded or moment.binned_at is not None:
        raise UploadRefusedError(HTTPStatus.FORBIDDEN, gettext("This moment takes no clip."))
    return moment


def _peak_of(ticket: Ticket) -> float:
    """Return when the moment is, in seconds since the recording began.

    Raises:
        UploadRefusedError: That is no time.
    """
    peak = ticket.seconds("peak", LONGEST_SECONDS)
    if peak is None:
        raise UploadRefusedError(
            HTTPStatus.BAD_REQUEST, gettext("This recording does not say when its moment is.")
        )
    return peak


RECORDINGS = RecordingIntake()
