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
from webapp.moments.forms import ReelForm
from webapp.moments.models import Reel
from webapp.moments.pages.archives import safe_name
from webapp.moments.queries import all_moments_of
from webapp.moments.reel import services
from webapp.people.answers import done, refused


@require_http_methods(["GET", "HEAD", "POST"])
def reels(request: HttpRequest) -> HttpResponse:
    """List the reels; a POST orders a film of the best moments."""
    last_event_id = events.last_id()
    form = ReelForm(request.POST or request.GET or None, user=request.user)
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
    context = {
        "form": form,
        "reels": services.for_list(services.reels_visible_to(request.user)),
        "last_event_id": last_event_id,
    }
    return render(request, "moments/reels.html", context, status=400 if is_wrong else 200)


@require_POST
def animate(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    """Order an animation of a moment's frames."""
    moment = get_object_or_404(all_moments_of(request.user), pk=moment_id)
    page = reverse("moments:moment", args=[moment_id])
    try:
        reel = services.order_loop(request.user, moment)
    except services.ReelRefusedError as error:
        return refused(request, str(error), back_to=page, status=409)
    message = gettext("The animation is being made.")
    return done(request, {"reel": str(reel.pk)}, back_to=page, message=message, status=202)


@require_safe
def file(request: HttpRequest, reel_id: UUID) -> HttpResponseBase:
    """Send the film or animation; ``?download=1`` as attachment."""
    reel = get_object_or_404(services.reels_visible_to(request.user), pk=reel_id)
    if reel.state != Reel.State.READY:
        raise Http404
    path = services.file_of(reel)
    name = f"{safe_name(services.title_of(reel))}{path.suffix}" if "download" in request.GET else ""
    kind = services.CONTENT_TYPES[Reel.Kind(reel.kind)]
    return send_file(request, path, kind, attachment=name)


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
    page = reverse("moments:reels")
    return done(request, {"next": page}, back_to=page, message=gettext("The reel is deleted."))
