"""The feed of a live session, recorded on purpose: grows while it is filmed, and is a video then.

Its length is told with its last bytes. Where they never come, because a phone ran out of power or
a page was closed, what has come becomes the video.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from django.db import Error
from django.utils import timezone
from django.utils.translation import gettext

from webapp.live.models import LiveSession
from webapp.live.queries import open_sessions_visible_to
from webapp.moments.models import Video
from webapp.moments.video.intake import VideoIntake
from webapp.moments.video.services import delete_video
from webapp.uploads import parts, receiving
from webapp.uploads.intake import Content, Ticket
from webapp.uploads.models import Upload
from webapp.uploads.tus import UploadRefusedError

logger = logging.getLogger(__name__)

LEFT_AFTER = timedelta(minutes=15)
"""A recording of which nothing has come for so long is over; its page holds less than that."""
LONGEST_AGO_SECONDS = 3600.0


class RecordingIntake(VideoIntake):
    """What the upload server asks of a recorded feed (``webapp.uploads.intake``)."""

    kind = "recording"
    address = "moments:recording-upload"

    def check_announced(self, ticket: Ticket) -> None:
        """Refuse what is recorded in no open session of the user's."""
        _began_ago(ticket)
        session_id = _session_id(ticket)
        if not open_sessions_visible_to(ticket.owner).filter(pk=session_id).exists():
            raise UploadRefusedError(
                HTTPStatus.NOT_FOUND, gettext("This session has ended. Start a new one to film.")
            )

    def video_of(self, ticket: Ticket, file_id: UUID, content: Content) -> Video:
        """Return a video that knows its session, and when it began there.

        A session that was deleted meanwhile leaves a video like any other.
        """
        video = super().video_of(ticket, file_id, content)
        session = LiveSession.objects.filter(owner=ticket.owner, pk=_session_id(ticket)).first()
        if session is not None:
            video.session, video.concert_id = session, session.concert_id
        if ticket.upload is not None:
            began_ago = timedelta(seconds=_began_ago(ticket))
            video.recorded_at = ticket.upload.created_at - began_ago
        return video


def _session_id(ticket: Ticket) -> UUID:
    """Return in which session it is recorded; an id of none where it does not say."""
    with suppress(ValueError):
        return UUID(ticket.about.get("session", ""))
    return UUID(int=0)


def _began_ago(ticket: Ticket) -> float:
    """Return how many seconds before its announcement a recording began.

    Raises:
        UploadRefusedError: It does not say.
    """
    seconds = ticket.seconds("began_ago", LONGEST_AGO_SECONDS)
    if seconds is None:
        raise UploadRefusedError(
            HTTPStatus.BAD_REQUEST, gettext("This recording does not say when it began.")
        )
    return seconds


def finish_left() -> int:
    """Make videos of the recordings that nobody continues; returns how many."""
    unfinished = Upload.objects.filter(kind=RECORDED.kind, became=None).select_related("owner")
    return sum(_finish(upload) for upload in unfinished if _is_left(upload))


def _is_left(upload: Upload) -> bool:
    return timezone.now() - _last_word_of(upload) > LEFT_AFTER


def _last_word_of(upload: Upload) -> datetime:
    with suppress(FileNotFoundError):
        changed = parts.part_of(upload.pk).stat().st_mtime
        return datetime.fromtimestamp(changed, tz=timezone.get_current_timezone())
    return upload.created_at


def _finish(upload: Upload) -> bool:
    """Close one at what has come; nothing is left of one of which nothing came."""
    length = receiving.offset_of(RECORDED, upload)
    if length == 0:
        receiving.cancel(upload)
        return False
    upload.length, upload.is_open = length, False
    upload.save(update_fields=["length", "is_open"])
    ticket = Ticket(upload.owner, upload.filename, upload, upload.about)
    try:
        receiving.finish(RECORDED, ticket, upload.pk)
    except UploadRefusedError as refusal:
        logger.warning("what was left of a recording became no video: %s", refusal.reason)
        return False
    except (Error, OSError):
        logger.exception("a recording that was left could not be stored; trying again")
        return False
    return True


def delete_recordings(session_id: UUID) -> None:
    """Delete what was recorded of a session, with its moments; so that it goes for good."""
    for upload in Upload.objects.filter(kind=RECORDED.kind, became=None):
        if upload.about.get("session") == str(session_id):
            receiving.cancel(upload)
    for video in Video.objects.filter(session_id=session_id):
        delete_video(video)


RECORDED = RecordingIntake()
