"""What pages ask when something is over: the sentence about it, in their language."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from webapp.moments.pages.found import found_in


@require_safe
def in_video(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Say what was found in a video."""
    return _said(request, "video", video_id)


@require_safe
def in_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Say what was found in a live session."""
    return _said(request, "session", session_id)


def _said(request: HttpRequest, kind: str, subject_id: UUID) -> HttpResponse:
    found = found_in(request.user, kind, subject_id)
    if found is None:
        raise Http404
    answer = {"sentence": found.sentence(), "page": found.page, "link": found.link}
    return JsonResponse(answer)
