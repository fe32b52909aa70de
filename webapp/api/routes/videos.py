"""Videos, which are uploaded by tus as in the browser."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from webapp.access.rights import Right
from webapp.api.access import may
from webapp.api.asker import one_of
from webapp.api.paging import Page, Paged, newest
from webapp.moments.models import Video as VideoRow
from webapp.moments.queries import videos_visible_to
from webapp.moments.video import services

router = Router()


class Video(Schema):
    """A video.

    Attributes:
        name: What the file was called.
        state: ``uploaded``, ``analysing``, ``ready`` or ``failed``.
        analysed_seconds: How far it has been looked through.
        failure: Why it cannot be, as a sentence.
    """

    id: UUID
    name: str
    concert: UUID | None
    bytes: int
    duration_seconds: float | None
    width: int | None
    height: int | None
    recorded_at: datetime | None
    state: str
    analysed_seconds: float
    failure: str
    created_at: datetime


def _shown(video: VideoRow) -> Video:
    return Video(
        id=video.pk,
        name=video.display_name,
        concert=video.concert_id,
        bytes=video.bytes,
        duration_seconds=video.duration_seconds,
        width=video.width,
        height=video.height,
        recorded_at=video.recorded_at,
        state=video.state,
        analysed_seconds=video.analysed_seconds,
        failure=video.failure,
        created_at=video.created_at,
    )


@router.get("/videos", auth=may("read"), response=Page[Video], operation_id="list_videos")
def list_videos(request: HttpRequest, page: Paged) -> Page[Video]:
    """List the videos."""
    videos = videos_visible_to(request.user)
    return newest(videos, page, lambda rows: [_shown(video) for video in rows])


@router.get("/videos/{uuid:video_id}", auth=may("read"), response=Video, operation_id="get_video")
def get_video(request: HttpRequest, video_id: UUID) -> Video:
    """Tell one video."""
    return _shown(one_of(videos_visible_to(request.user, Right.SEE), video_id))


@router.delete(
    "/videos/{uuid:video_id}", auth=may("admin"), response={204: None}, operation_id="delete_video"
)
def delete_video(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Delete a video with its moments."""
    services.delete_video(one_of(videos_visible_to(request.user), video_id))
    return HttpResponse(status=204)
