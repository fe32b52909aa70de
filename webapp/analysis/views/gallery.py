"""The grids: all photos, the photos of a concert."""

from collections.abc import Callable
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp import vision
from webapp.access.rights import Asker, Right, Standing, members_of, standing_at
from webapp.analysis.messages import faces_now
from webapp.analysis.names.line_ups import groups_to_choose
from webapp.analysis.names.reanalysis import recognise_everything
from webapp.analysis.pages.gallery import (
    FACE_CHOICES,
    ORDER_CHOICES,
    SHOW_CHOICES,
    GalleryFilter,
    read_page,
)
from webapp.analysis.pages.grid_times import add_headings, end_of, key_of, months_among, months_of
from webapp.analysis.queries import add_previews, stars_at
from webapp.analysis.showing import Showing, for_a_page, gathered, one_by_one
from webapp.core import events
from webapp.core.web.paging import NewestFirst
from webapp.people.answers import done, refused
from webapp.people.line_ups import set_line_up
from webapp.people.queries import people_visible_to
from webapp.photos.chosen import MOST_CHOSEN
from webapp.photos.models import Photo
from webapp.photos.queries import concerts_visible_to, library_of, photos_visible_to

Narrow: TypeAlias = Callable[[QuerySet[Photo], Showing], QuerySet[Photo]]

FEW_PHOTOS = 2000
"""Of up to so many the months are read from all of them."""
MOST_CONCERTS = 200
"""Of which one may be chosen for what is selected."""
MOST_ASKED = 100
"""Photos whose faces a script may ask for at once."""


@require_safe
def photos(request: HttpRequest) -> HttpResponse:
    """Show all photos of the user; what was captured is under Moments and here by a switch."""
    own = request.GET.copy()
    if "show" not in own:
        own["show"] = "photos"
    wanted = GalleryFilter.from_query(own)
    context = {"page_title": gettext("All photos"), "show_choices": SHOW_CHOICES}
    return grid(request, library_of(request.user), context, wanted=wanted)


@require_safe
def concert(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Show the photos of a concert."""
    visible = concerts_visible_to(request.user, Right.SEE).select_related("owner")
    found = get_object_or_404(visible, pk=concert_id)
    standing = standing_at(request.user, found)
    of_concert = library_of(found.owner).filter(concert=found)
    choices = groups_to_choose(found.owner, found)
    context = {
        "page_title": found.name,
        "concert": found,
        "standing": standing,
        "members": members_of(found) if standing.is_owner else (),
        "groups_to_choose": choices if standing.is_owner else (),
        "line_up": [one for one in choices if one.is_chosen],
    }
    if not standing.is_owner:
        context["people"] = stars_at(found)
    return grid(request, of_concert, context, within={"concert": str(concert_id)})


@require_POST
def line_up(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Say which groups played at a concert (fields ``group``); its photos are named anew."""
    found = get_object_or_404(concerts_visible_to(request.user), pk=concert_id)
    page = reverse("analysis:concert", args=[concert_id])
    try:
        wanted = [UUID(raw) for raw in request.POST.getlist("group")]
    except ValueError:
        return refused(request, gettext("There is no such group."), back_to=page)
    groups = [group.name for group in set_line_up(found, wanted, request.user)]
    message = gettext("The line-up is saved; the photos of this concert are being named anew.")
    return done(request, {"groups": groups}, back_to=page, message=message)


def grid(
    request: HttpRequest,
    photos: QuerySet[Photo],
    context: dict[str, Any],
    *,
    template: str = "analysis/gallery.html",
    within: dict[str, str] | None = None,
    of: UUID | None = None,
    wanted: GalleryFilter | None = None,
    keep: dict[str, str] | None = None,
    narrow: Narrow = lambda photos, _: photos,
) -> HttpResponse:
    """Show one page of photos, or only its cards where the page is being continued.

    Scripts ask the same address for the ids of all its photos (``ids=1``), and for what need not
    be there at once: how many there are, and in which months (``about=1``).

    Args:
        request: With filter and cursor in its address.
        photos: All that the grid is about.
        context: What the page shows besides.
        template: The whole page; the cards alone have a template of their own.
        of: Whose face the cards show, where the page is about one person.
        within: What a photo's page must know to find its neighbours in this same grid.
        wanted: The filter, where it is not just that of the address.
        keep: What of the address is no filter and goes along to the next page.
        narrow: Leaves those of the photos that are wanted besides, faces looked for in this way.
    """
    last_event_id = events.last_id()  # Read first: what happens from here on is told by the socket.
    wanted = wanted or GalleryFilter.from_query(request.GET)
    if request.GET.get("ids") == "1":
        every = wanted.apply(narrow(photos, gathered))
        return JsonResponse({"ids": ids_with_headings(request.user, every, wanted.ordering)})
    if request.GET.get("about") == "1":
        every = wanted.apply(narrow(photos, gathered))
        stepping = wanted.apply(narrow(photos, one_by_one), one_by_one)
        return JsonResponse(_about(request.user, every, stepping, wanted.ordering))
    fitting = wanted.apply(narrow(photos, for_a_page), for_a_page)
    cards = _cards(request, fitting, wanted, within or {}, keep or {}, of)
    cards["standing"] = context.get("standing", Standing(is_owner=True))
    if request.headers.get("X-Fragment") == "1":
        return render(request, "analysis/_photo_cards.html", cards)
    choices = {**_choices(request.user), "last_event_id": last_event_id}
    return render(request, template, {"concert": None, **choices, **context, **cards})


def _choices(user: Asker) -> dict[str, Any]:
    """Return what the filters offer."""
    return {
        "people": people_visible_to(user),
        "emotions": vision.emotion_labels(),
        "face_choices": FACE_CHOICES,
        "order_choices": ORDER_CHOICES,
    }


def _cards(
    request: HttpRequest,
    photos: QuerySet[Photo],
    wanted: GalleryFilter,
    within: dict[str, str],
    keep: dict[str, str],
    of: UUID | None,
) -> dict[str, Any]:
    """Return what one page of cards shows."""
    cursor, month = request.GET.get("cursor", ""), request.GET.get("at", "")
    if month and not cursor:
        zone = timezone.get_current_timezone()
        cursor = wanted.ordering.cursor_at(end_of(month, zone))
    page = read_page(photos.select_related("concert"), cursor, order=wanted.ordering)
    shown = add_previews(page.photos, of)
    add_headings(shown, wanted.ordering)
    photo_query = wanted.query(**within)
    return {
        "photos": shown,
        "next_cursor": page.next_cursor,
        "next_query": wanted.query(**keep, cursor=page.next_cursor),
        "first_query": wanted.query(**keep),
        "photo_query": f"?{photo_query}" if photo_query else "",
        "filters": wanted,
        "month": month,
    }


def _about(
    user: Asker, photos: QuerySet[Photo], stepping: QuerySet[Photo], order: NewestFirst
) -> dict[str, Any]:
    """Return the number of photos, their months, and the concerts that they could be moved to.

    Args:
        user: Whose concerts are told.
        photos: Those of the grid.
        stepping: The same, by a condition that finds the next one quickly where there are many.
        order: Of the grid.
    """
    total = photos.order_by().count()
    is_rare = total <= FEW_PHOTOS
    concerts = concerts_visible_to(user).values_list("pk", "name", "date")[:MOST_CONCERTS]
    return {
        "total": total,
        "months": months_among(photos, order) if is_rare else months_of(stepping, order),
        "concerts": [
            (str(pk), f"{name} ({day:%d %b %Y})" if day else name) for pk, name, day in concerts
        ],
    }


def ids_with_headings(
    user: Asker, photos: QuerySet[Photo], order: NewestFirst
) -> list[tuple[str, str]]:
    """Return the first ``MOST_CHOSEN`` photos of a grid, each with the key of its heading."""
    rows = photos.select_related(None).order_by(f"-{order.field}", "-id")
    zones = dict(concerts_visible_to(user, Right.SEE).values_list("pk", "time_zone"))
    here = timezone.get_current_timezone()
    known = {pk: ZoneInfo(zone) if zone else here for pk, zone in zones.items()}
    found = rows.values_list("pk", order.field, "concert_id")[:MOST_CHOSEN]
    return [
        (str(pk), key_of(at.astimezone(known.get(concert_id, here)), concert_id))
        for pk, at, concert_id in found
    ]


@require_safe
def faces(request: HttpRequest) -> HttpResponse:
    """Answer a script with the faces of up to ``MOST_ASKED`` photos (``?photos=id,id``)."""
    try:
        wanted = [UUID(word) for word in request.GET.get("photos", "").split(",") if word]
    except ValueError:
        return HttpResponseBadRequest("photos must be ids", "text/plain")
    if len(wanted) > MOST_ASKED:
        return HttpResponseBadRequest(f"ask for {MOST_ASKED} photos at most", "text/plain")
    found = photos_visible_to(request.user, Right.SEE).filter(pk__in=wanted)
    return JsonResponse({"photos": faces_now(found)})


@require_POST
def recognise_all(request: HttpRequest) -> HttpResponse:
    """Queue the recognition of every photo whose faces were not embedded, as before consent."""
    recognise_everything(request.user.pk or 0)
    return done(
        request,
        {"state": "pending"},
        back_to=reverse("analysis:photos"),
        message=gettext("Your photos are being looked through."),
        status=202,
    )
