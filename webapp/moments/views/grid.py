"""The grid of moments."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from webapp import vision
from webapp.core import events
from webapp.moments.pages.grid import SHOW_CHOICES, MomentFilter, read_page
from webapp.people.queries import people_visible_to
from webapp.photos.chosen import MOST_CHOSEN
from webapp.photos.queries import concerts_visible_to


@require_safe
def moments(request: HttpRequest) -> HttpResponse:
    """Show one page of moments, or only its cards where the page is being continued.

    A script asks the same address for the ids of all its moments (``ids=1``).
    """
    last_event_id = events.last_id()  # Read first: what happens from here on is told by the socket.
    wanted = MomentFilter.from_query(request.GET)
    if request.GET.get("ids") == "1":
        ids = wanted.moments_for(request.user).values_list("pk", flat=True)[:MOST_CHOSEN]
        return JsonResponse({"ids": [(str(pk), "") for pk in ids]})
    page = read_page(wanted.moments_for(request.user), request.GET.get("cursor", ""))
    query = wanted.query()
    cards = {
        "moments": page.moments,
        "next_cursor": page.next_cursor,
        "next_query": wanted.query(cursor=page.next_cursor),
        "grid_query": f"?{query}" if query else "",
        "filters": wanted,
    }
    if request.headers.get("X-Fragment") == "1":
        return render(request, "moments/_cards.html", cards)
    people = list(people_visible_to(request.user))
    choices = {
        "people": people,
        "star": next((one for one in people if one.pk == wanted.person), None),
        "concerts": list(concerts_visible_to(request.user)),
        "emotions": [label for label in vision.emotion_labels() if label != "neutral"],
        "show_choices": SHOW_CHOICES,
        "last_event_id": last_event_id,
    }
    return render(request, "moments/grid.html", {**choices, **cards})
