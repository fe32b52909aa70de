"""Reels: the list, ordering one, its file."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.core import events
from webapp.core.web.sending import send_file
from webapp.moments.forms import ReelForm, TrimForm
from webapp.moments.models import Reel
from webapp.moments.pages.archives import safe_name
from webapp.moments.queries import all_moments_of
from webapp.moments.reel import clips, services
from webapp.people.answers import done, refused


@require_http_methods(["GET", "HEAD", "POST"])
def reels(request: HttpRequest) -> HttpResponse:
    """List the reels; a POST orders a film of the best moments."""
    last_event_id = events.last_id()
    cursor = request.GET.get("cursor", "")
    wishes = None if cursor else request.GET or None
    form = ReelForm(request.POST or wishes, user=request.user)
    if request.method == "POST" and form.is_valid():
        best = services.best_of(form.moments(), form.cleaned_data["count"])
        has_names = form.cleaned_data["has_names"]
        try:
            services.order_film(request.user, best, form.title(), has_names=has_names)
        except services.ReelRefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, gettext("The reel is being made."))
            return redirect("moments:reels")
    is_wrong = request.method == "POST"
    listed, next_cursor = services.page_of(services.reels_visible_to(request.user), cursor)
    context = {
        "form": form,
        "reels": listed,
        "next_cursor": next_cursor,
        "is_continued": bool(cursor),
        "last_event_id": last_event_id,
    }
    return render(request, "moments/reels.html", context, status=400 if is_wrong else 200)


@require_POST
def animate(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    """Order an animation of a moment's frames."""
    moment = get_object_or_404(all_moments_of(request.user), pk=moment_id)
    page = _page_of(moment_id)
    try:
        reel = services.order_loop(request.user, moment)
    except services.ReelRefusedError as error:
        return refused(request, str(error), back_to=page, status=409)
    message = gettext("The animation is being made.")
    return done(request, {"reel": str(reel.pk)}, back_to=page, message=message, status=202)


@require_POST
def clip(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    """Order the clip of a moment of a video, or trim the one there is (``before``, ``after``)."""
    moment = get_object_or_404(all_moments_of(request.user).select_related("video"), pk=moment_id)
    page = _page_of(moment_id)
    form = TrimForm(request.POST) if "before" in request.POST else None
    if form is not None and not form.is_valid():
        return refused(
            request, gettext("Say in seconds where the clip begins and ends."), back_to=page
        )
    try:
        found = clips.clip_of(moment)
        if form is not None and found is not None:
            clips.trim(found, **form.cleaned_data)
        else:
            found = clips.order_clip(request.user, moment)
    except services.ReelRefusedError as error:
        return refused(request, str(error), back_to=page, status=409)
    message = gettext("The clip is being cut.")
    return done(request, {"reel": str(found.pk)}, back_to=page, message=message, status=202)


@require_safe
def file(request: HttpRequest, reel_id: UUID) -> HttpResponseBase:
    """Send the film or animation; ``?moving=1`` that of a clip, ``?download=1`` as attachment."""
    reel = get_object_or_404(services.reels_visible_to(request.user), pk=reel_id)
    if reel.state != Reel.State.READY:
        raise Http404
    is_moving = "moving" in request.GET and reel.kind == Reel.Kind.CLIP
    path = services.animation_of(reel) if is_moving else services.file_of(reel)
    name = f"{safe_name(services.title_of(reel))}{path.suffix}" if "download" in request.GET else ""
    return send_file(request, path, services.CONTENT_TYPES[path.suffix], attachment=name)


@require_POST
def retry(request: HttpRequest, reel_id: UUID) -> HttpResponse:
    """Make a reel anew that could not be made."""
    reel = get_object_or_404(services.reels_visible_to(request.user), pk=reel_id)
    page = reverse("moments:reels")
    try:
        services.retry(reel)
    except services.ReelRefusedError as error:
        return refused(request, str(error), back_to=page, status=409)
    message = gettext("The reel is being made.")
    return done(request, {"reel": str(reel.pk)}, back_to=page, message=message, status=202)


@require_POST
def delete(request: HttpRequest, reel_id: UUID) -> HttpResponse:
    """Delete a reel."""
    reel = get_object_or_404(services.reels_visible_to(request.user), pk=reel_id)
    services.delete_reel(reel)
    page, message = reverse("moments:reels"), gettext("The reel is deleted.")
    if reel.moment_id is not None and request.POST.get("back") == "moment":
        page, message = _page_of(reel.moment_id), gettext("The clip is deleted.")
    return done(request, {"next": page}, back_to=page, message=message)


def _page_of(moment_id: UUID) -> str:
    return reverse("moments:moment", args=[moment_id])
