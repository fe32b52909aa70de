"""What the player of a video asks for: the file, and where whose face was."""

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from webapp.accounts.asker import signed_in
from webapp.core.web.sending import send_file
from webapp.moments.models import Video
from webapp.moments.queries import videos_visible_to
from webapp.moments.video import storage as video_storage
from webapp.vision.sandbox.videos import content_type_of

WINDOW_SECONDS = 60
"""So much of a video's tracks is sent at once; a few hundred kilobytes of a crowd."""


@require_safe
def file(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """Send the film to the player, once its places are blanked out of it."""
    video = _own(request, video_id)
    if not is_watchable(video):
        raise Http404
    path = video_storage.file_of(video.pk)
    return send_file(request, path, content_type_of(path))


def is_watchable(video: Video) -> bool:
    """Whether its file may leave: it was opened, so where it was filmed is taken out."""
    return video.duration_seconds is not None and video.stored_sha256 != Video.REWRITING


@require_safe
def tracks(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Tell where faces were in the minute that begins at ``?second=``."""
    video = _own(request, video_id)
    raw = request.GET.get("second", "0")
    if not raw.isdecimal() or len(raw) > 6:
        return JsonResponse({"error": "There is no such second."}, status=HTTPStatus.BAD_REQUEST)
    start = 1000 * int(raw)
    within = video.tracks.filter(start_ms__lt=start + 1000 * WINDOW_SECONDS, stop_ms__gte=start)
    rows = within.order_by("start_ms", "pk").values_list("pk", "person__name", "boxes")
    told = [{"id": pk, "name": name or "", "boxes": boxes} for pk, name, boxes in rows]
    return JsonResponse({"tracks": told})


def _own(request: HttpRequest, video_id: UUID) -> Video:
    return get_object_or_404(videos_visible_to(signed_in(request)), pk=video_id)
