"""The page of a concert's night."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp.access.rights import Right, standing_at
from webapp.moments.pages.night import best_of_night, night_of
from webapp.moments.queries import videos_visible_to
from webapp.moments.reel import services as reels
from webapp.people.answers import refused
from webapp.photos.models import shown_zone
from webapp.photos.queries import concerts_visible_to

MOST_VIDEOS = 50


@require_safe
def night(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Show what was best of a concert."""
    visible = concerts_visible_to(request.user, Right.SEE).select_related("owner")
    concert = get_object_or_404(visible, pk=concert_id)
    context = {
        "concert": concert,
        "night": night_of(concert.owner_id, concert),
        "videos": videos_visible_to(concert.owner).filter(concert=concert)[:MOST_VIDEOS],
        "zone": shown_zone(concert),
        "standing": standing_at(request.user, concert),
    }
    return render(request, "moments/night.html", context)


@require_POST
def reel(request: HttpRequest, concert_id: UUID) -> HttpResponse:
    """Order a film of the night's best moments."""
    concert = get_object_or_404(concerts_visible_to(request.user), pk=concert_id)
    best = best_of_night(request.user.pk or 0, concert)
    try:
        reels.order_film(request.user, best, concert.name, has_names=True)
    except reels.ReelRefusedError as error:
        page = reverse("moments:night", args=[concert.pk])
        return refused(request, str(error), back_to=page, status=409)
    messages.success(request, gettext("The reel of this night is being made."))
    return redirect("moments:reels")
