"""Pages of the live app: the list, the camera, the viewer, the wall."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.accounts.queries import has_consent
from webapp.core import events
from webapp.live import services
from webapp.live.cards import cards_of
from webapp.live.forms import StartForm
from webapp.live.keeping import keeper
from webapp.live.queries import open_sessions_visible_to, sessions_visible_to
from webapp.people.queries import people_visible_to

ENDED_SHOWN = 20
WALL_CAMERAS = 9
"""More pictures than this are too small to watch."""


@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """List the live sessions; a POST starts one and leads to its camera."""
    form = StartForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        started = services.start_session(
            request.user.pk or 0, values["title"], values.get("concert")
        )
        return redirect("live:camera", started.pk)
    last_event_id = events.last_id()  # Who has just ended a session hears what was found in it.
    found = sessions_visible_to(request.user)
    context = {
        "last_event_id": last_event_id,
        "form": form,
        "open_cards": cards_of(found.filter(state="open")),
        "ended_cards": cards_of(found.filter(state="ended")[:ENDED_SHOWN]),
        "has_consent": has_consent(request.user.pk or 0),
    }
    return render(request, "live/list.html", context, status=400 if form.errors else 200)


@require_safe
def camera(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show the page that films."""
    session = get_object_or_404(sessions_visible_to(request.user), pk=session_id)
    if not session.is_open:
        messages.error(request, gettext("This session has ended. Start a new one to film."))
        return redirect("live:list")
    context = {
        "session": session,
        "has_consent": has_consent(request.user.pk or 0),
        "stars": people_visible_to(request.user).order_by("name", "pk"),
        "most_recorded": settings.VIDEO_MAX_BYTES,
    }
    return render(request, "live/camera.html", context)


@require_safe
def view(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show the page that watches."""
    session = get_object_or_404(sessions_visible_to(request.user), pk=session_id)
    return render(request, "live/view.html", {"session": session})


@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """Show the pictures of all open sessions at once."""
    found = list(open_sessions_visible_to(request.user)[:WALL_CAMERAS])
    return render(request, "live/wall.html", {"open_sessions": found})


@require_POST
def end(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """End a session."""
    session = get_object_or_404(sessions_visible_to(request.user), pk=session_id)
    services.end_session(session)
    messages.success(request, gettext("“%(title)s” has ended.") % {"title": session.title})
    return redirect("live:list")


@require_POST
def again(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Film again in the same session, also in one that has ended."""
    session = get_object_or_404(sessions_visible_to(request.user), pk=session_id)
    services.reopen_session(session)
    return redirect("live:camera", session.pk)


@require_POST
def delete(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Forget a session, and what was recorded of its feed where its owner says so."""
    session = get_object_or_404(sessions_visible_to(request.user), pk=session_id)
    keeps = keeper()
    said = gettext("“%(title)s” and its timeline are gone; its moments stay.")
    if keeps is not None and "recordings" in request.POST:
        keeps.delete_recordings(session.pk)
        said = gettext("“%(title)s”, its timeline and its recordings are gone; its moments stay.")
    services.delete_session(session)
    messages.success(request, said % {"title": session.title})
    return redirect("live:list")
