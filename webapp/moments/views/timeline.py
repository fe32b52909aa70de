"""How emotions went over a concert, a live session or a video."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from webapp.access.rights import Asker, Right
from webapp.live.models import LiveSession
from webapp.live.queries import sessions_visible_to
from webapp.moments.models import EmotionSample, Video
from webapp.moments.pages.timeline import chart_for, table_of
from webapp.moments.queries import videos_visible_to
from webapp.photos.models import shown_zone
from webapp.photos.queries import concerts_visible_to

MOST_LISTED = 100


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """List what has a timeline: concerts, sessions and videos in which emotions were read."""
    of_session = EmotionSample.objects.filter(session=OuterRef("pk"))
    of_video = EmotionSample.objects.filter(video=OuterRef("pk"))
    sessions = list(sessions_visible_to(request.user).filter(Exists(of_session))[:MOST_LISTED])
    videos = list(videos_visible_to(request.user).filter(Exists(of_video))[:MOST_LISTED])
    concerts = {one.concert_id for one in sessions} | {one.concert_id for one in videos}
    known = [concert_id for concert_id in concerts if concert_id is not None]
    context = {
        "sessions": sessions,
        "videos": videos,
        "concerts": concerts_visible_to(request.user).filter(pk__in=known),
    }
    return render(request, "moments/timelines.html", context)


@require_safe
def concert(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Show all sessions and videos of a concert on one clock."""
    visible = concerts_visible_to(request.user, Right.SEE).select_related("owner")
    found = get_object_or_404(visible, pk=concert_id)
    sessions = list(sessions_visible_to(found.owner).filter(concert=found))
    videos = list(videos_visible_to(found.owner).filter(concert=found))
    context = {"title": found.name, "grid_query": f"?concert={found.pk}", "zone": shown_zone(found)}
    context["concert"] = found
    return _show(request, found.owner, sessions, videos, context)


@require_safe
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show one live session."""
    found = get_object_or_404(sessions_visible_to(request.user), pk=session_id)
    context = {"title": found.title, "grid_query": f"?session={found.pk}", "zone": found.zone}
    context["session"] = found
    return _show(request, request.user, [found], [], context)


@require_safe
def video(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Show one video."""
    found = get_object_or_404(videos_visible_to(request.user), pk=video_id)
    context = {"title": found.display_name, "grid_query": f"?video={found.pk}", "video": found}
    return _show(request, request.user, [], [found], context)


def _show(
    request: HttpRequest,
    owner: Asker,
    sessions: Sequence[LiveSession],
    videos: Sequence[Video],
    context: dict[str, Any],
) -> HttpResponse:
    chart = chart_for(owner, sessions, videos, context.get("zone"))
    has_curves = chart is not None and bool(chart["curves"])
    shown = {
        "chart": chart if has_curves else None,
        "rows": table_of(chart) if chart else [],
        "is_owner": owner.pk == request.user.pk,
    }
    return render(request, "moments/timeline.html", {**context, **shown})
