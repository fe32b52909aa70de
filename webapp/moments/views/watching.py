"""What the player of a video asks for: the file, and where whose face was."""

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp.access.rights import Right
from webapp.accounts.asker import signed_in
from webapp.analysis.services import FaceGoneError
from webapp.core.web.sending import send_file
from webapp.moments.models import Video
from webapp.moments.queries import videos_visible_to
from webapp.moments.video import naming
from webapp.moments.video import storage as video_storage
from webapp.people.answers import done, refused
from webapp.people.names import PeopleError
from webapp.vision.sandbox.videos import content_type_of

WINDOW_SECONDS = 60
"""So much of a video's tracks is sent at once; a few hundred kilobytes of a crowd."""


@require_safe
def file(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """Send the film to the player, once its places are blanked out of it."""
    video = _visible(request, video_id, Right.SEE)
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
    video = _visible(request, video_id, Right.SEE)
    raw = request.GET.get("second", "0")
    if not raw.isdecimal() or len(raw) > 6:
        return JsonResponse(
            {"error": gettext("There is no such second.")}, status=HTTPStatus.BAD_REQUEST
        )
    start = 1000 * int(raw)
    within = video.tracks.filter(start_ms__lt=start + 1000 * WINDOW_SECONDS, stop_ms__gte=start)
    fields = ("pk", "person__name", "person__group__name", "boxes")
    told = [
        {"id": pk, "name": name or "", "group": group or "", "boxes": boxes}
        for pk, name, group, boxes in within.order_by("start_ms", "pk").values_list(*fields)
    ]
    return JsonResponse({"tracks": told})


@require_POST
def name_track(request: HttpRequest, video_id: UUID, track_id: int) -> HttpResponse:
    """Say who is followed through a film (``name``, ``group``)."""
    tracks = _visible(request, video_id, Right.OWN).tracks.select_related("video")
    track = get_object_or_404(tracks, pk=track_id)
    page = reverse("moments:video", args=[video_id])
    try:
        named = naming.name_track(
            track, request.POST.get("name", ""), request.POST.get("group", "")
        )
    except PeopleError as error:
        return refused(request, str(error), back_to=page)
    except FaceGoneError as error:
        raise Http404 from error
    answer = {"note": named.note, "moments": named.moments, "undo": named.decision.pk}
    return done(request, answer, back_to=page)


def _visible(request: HttpRequest, video_id: UUID, right: Right) -> Video:
    return get_object_or_404(videos_visible_to(signed_in(request), right), pk=video_id)
