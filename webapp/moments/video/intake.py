"""Videos as a kind of upload: large, few, and analysed in slices."""

from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext

from webapp.accounts.models import User
from webapp.core import jobs
from webapp.moments.models import Video
from webapp.moments.queries import all_videos_of
from webapp.moments.video import bin
from webapp.moments.video import storage as video_storage
from webapp.moments.video.services import ANALYSE, delete_video
from webapp.photos.arrival.intake import concert_of
from webapp.uploads.intake import Content, Ticket
from webapp.uploads.queries import unfinished_uploads_of
from webapp.uploads.tus import UploadRefusedError
from webapp.vision.sandbox import videos as video_files

KINDS = ("video", "recording")
"""Of uploads that become videos, and share their room."""


class VideoIntake:
    """What the upload server asks of a video (``webapp.uploads.intake``)."""

    kind = "video"
    address = "moments:video-upload"

    @property
    def max_bytes(self) -> int:
        """Largest file."""
        return settings.VIDEO_MAX_BYTES

    @property
    def max_unfinished(self) -> int:
        """Uploads of one user that may be under way."""
        return settings.VIDEO_MAX_UNFINISHED

    def check_stored(self, owner: User, length: int) -> None:
        """Refuse what would fill the user's share; what was announced counts already."""
        stored = all_videos_of(owner).order_by().aggregate(total=Sum("bytes"))["total"] or 0
        unfinished = [unfinished_uploads_of(owner, kind) for kind in KINDS]
        coming = sum(one.aggregate(total=Sum("length"))["total"] or 0 for one in unfinished)
        if stored + coming + length > settings.VIDEO_MAX_STORED_BYTES:
            raise UploadRefusedError(
                HTTPStatus.INSUFFICIENT_STORAGE,
                gettext("Your videos fill their %(gigabytes)s GB. Delete some first.")
                % {"gigabytes": settings.VIDEO_MAX_STORED_BYTES // 10**9},
            )

    def check_announced(self, ticket: Ticket) -> None:
        """Refuse a concert that is not the user's."""
        if ticket.about.get("concert") and concert_of(ticket) is None:
            raise UploadRefusedError(
                HTTPStatus.BAD_REQUEST, gettext("That concert does not exist any more.")
            )

    def came_before(self, ticket: Ticket) -> UUID | None:
        """Return nothing: a video goes nowhere else than to the videos."""
        return None

    def place_of(self, file_id: UUID) -> Path:
        """Return where the file of a video lies."""
        return video_storage.file_of(file_id)

    def check_content(self, part: Path) -> None:
        """Refuse what is no MP4, MOV or WebM, from its first bytes."""
        try:
            video_files.check_header(part)
        except video_files.UnreadableVideoError as error:
            raise UploadRefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error

    def picture_of(self, part: Path) -> str:
        """Return nothing: a video is known by its whole file."""
        return ""

    def twin_of(self, owner: User, content: Content) -> UUID | None:
        """Return the user's video of this content; one that failed is tried anew."""
        twins = all_videos_of(owner).filter(sha256=content.sha256)
        twin = twins.exclude(state=Video.State.FAILED).first()
        return twin.pk if twin else None

    def bring_back(self, owner: User, twin: UUID) -> bool:
        """Take a video out of the bin that is uploaded again; returns whether it was in it."""
        video = all_videos_of(owner).filter(pk=twin).first()
        return video is not None and bin.restore(video)

    def take_twin(self, ticket: Ticket, twin: UUID) -> bool:
        """Leave a video where it is; its moments were found for the concert it came with."""
        return False

    def adopt(self, part: Path, file_id: UUID) -> None:
        """Move the bytes to their place."""
        video_storage.adopt(part, file_id)

    def give_back(self, file_id: UUID, part: Path) -> None:
        """Undo ``adopt``."""
        video_storage.give_back(file_id, part)

    def video_of(self, ticket: Ticket, file_id: UUID, content: Content) -> Video:
        """Return the row of a video that has come, not saved yet."""
        return Video(
            id=file_id,
            owner=ticket.owner,
            concert=concert_of(ticket),
            display_name=ticket.filename,
            sha256=content.sha256,
            bytes=content.size,
        )

    def insert(self, ticket: Ticket, file_id: UUID, content: Content) -> None:
        """Make the video and queue its analysis; it replaces a failed one of the same content."""
        twins = all_videos_of(ticket.owner).filter(sha256=content.sha256)
        failed = twins.filter(state=Video.State.FAILED)
        with transaction.atomic():
            before = failed.select_for_update().first()
            if before is not None:  # Only one video may have this content.
                Video.objects.filter(pk=before.pk).update(sha256=f"replaced by {file_id}")
            video = self.video_of(ticket, file_id, content)
            video.save(force_insert=True)
            if before is not None:
                _take_place(video, before)
            jobs.enqueue(ANALYSE, file_id, ticket.owner.pk)


def _take_place(video: Video, before: Video) -> None:
    """Give a video what was found in the failed one that it replaces, which goes.

    The video is begun anew as by "Look again": the user's decisions stay, and the rest until the
    first slice is stored. With the time of the first upload new moments have dates among the kept.
    """
    Video.objects.filter(pk=video.pk).update(
        round=before.round + 1,
        created_at=before.created_at,
        concert=video.concert_id or before.concert_id,
    )
    before.moments.update(video=video)
    before.fancams.update(video=video)
    before.emotion_samples.update(video=video)
    before.tracks.update(video=video)
    delete_video(before)


VIDEOS = VideoIntake()
