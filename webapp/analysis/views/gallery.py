"""The grids: all photos, the photos of a concert."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from webapp import vision
from webapp.analysis.gallery import FACE_CHOICES, GalleryFilter, read_page
from webapp.analysis.messages import faces_now
from webapp.analysis.names.line_ups import groups_to_choose
from webapp.analysis.names.reanalysis import recognise_everything
from webapp.analysis.queries import add_previews
from webapp.core import events
from webapp.people.answers import done, refused
from webapp.people.line_ups import set_line_up
from webapp.people.queries import people_visible_to
from webapp.photos.models import Photo
from webapp.photos.queries import concerts_visible_to, library_of, photos_visible_to

MOST_ASKED = 100
"""Photos whose faces a script may ask for at once."""


@require_safe
def photos(request: HttpRequest) -> HttpResponse:
    """Show all photos of the user."""
    return grid(request, library_of(request.user), {"page_title": "All photos"})


@require_safe
def concert(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Show the photos of a concert."""
    found = get_object_or_404(concerts_visible_to(request.user), pk=concert_id)
    of_concert = library_of(request.user).filter(concert=found)
    choices = groups_to_choose(request.user, found)
    context = {
        "page_title": found.name,
        "concert": found,
        "groups_to_choose": choices,
        "line_up": [one for one in choices if one.is_chosen],
    }
    return grid(request, of_concert, context, within={"concert": str(concert_id)})


@require_POST
def line_up(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Say which groups played at a concert (fields ``group``); its photos are named anew."""
    found = get_object_or_404(concerts_visible_to(request.user), pk=concert_id)
    page = reverse("analysis:concert", args=[concert_id])
    try:
        wanted = [UUID(raw) for raw in request.POST.getlist("group")]
    except ValueError:
        return refused(request, "There is no such group.", back_to=page)
    groups = [group.name for group in set_line_up(found, wanted, request.user)]
    message = "The line-up is saved; the photos of this concert are being named anew."
    return done(request, {"groups": groups}, back_to=page, message=message)


def grid(
    request: HttpRequest,
    photos: QuerySet[Photo],
    context: dict[str, Any],
    *,
    template: str = "analysis/gallery.html",
    within: dict[str, str] | None = None,
    of: UUID | None = None,
) -> HttpResponse:
    """Show one page of photos, or only its cards where the page is being continued.

    Args:
        request: With filter and cursor in its address.
        photos: All that the grid is about.
        context: What the page shows besides.
        template: The whole page; the cards alone have a template of their own.
        of: Whose face the cards show, where the page is about one person.
        within: What a photo's page must know to find its neighbours in this same grid.
    """
    last_event_id = events.last_id()  # Read first: what happens from here on is told by the socket.
    wanted = GalleryFilter.from_query(request.GET)
    page = read_page(wanted.apply(photos), request.GET.get("cursor", ""))
    photo_query = wanted.query(**(within or {}))
    cards = {
        "photos": add_previews(page.photos, of),
        "next_cursor": page.next_cursor,
        "next_query": wanted.query(cursor=page.next_cursor),
        "photo_query": f"?{photo_query}" if photo_query else "",
        "filters": wanted,
    }
    if request.headers.get("X-Fragment") == "1":
        return render(request, "analysis/_photo_cards.html", cards)
    choices = {
        "people": people_visible_to(request.user),
        "emotions": vision.emotion_labels(),
        "face_choices": FACE_CHOICES,
        "last_event_id": last_event_id,
    }
    return render(request, template, {"concert": None, **context, **choices, **cards})


@require_safe
def faces(request: HttpRequest) -> HttpResponse:
    """Answer a script with the faces of up to ``MOST_ASKED`` photos (``?photos=id,id``)."""
    try:
        wanted = [UUID(word) for word in request.GET.get("photos", "").split(",") if word]
    except ValueError:
        return HttpResponseBadRequest("photos must be ids", "text/plain")
    if len(wanted) > MOST_ASKED:
        return HttpResponseBadRequest(f"ask for {MOST_ASKED} photos at most", "text/plain")
    found = photos_visible_to(request.user).filter(pk__in=wanted)
    return JsonResponse({"photos": faces_now(found)})


@require_POST
def recognise_all(request: HttpRequest) -> HttpResponse:
    """Queue the recognition of every photo whose faces were not embedded, as before consent."""
    recognise_everything(request.user.pk or 0)
    return done(
        request,
        {"state": "pending"},
        back_to=reverse("analysis:photos"),
        message="Your photos are being looked through.",
        status=202,
    )
