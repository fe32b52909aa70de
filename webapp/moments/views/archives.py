"""The ZIP of a star's moments."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from webapp.core.web.sending import send_pieces
from webapp.moments.pages import archives
from webapp.moments.pages.grid import MomentFilter
from webapp.moments.pages.showing import for_cards
from webapp.people.queries import people_visible_to


@require_safe
def star(request: HttpRequest, person_id: UUID) -> HttpResponseBase:
    """Send the pictures of a star's moments; ``?portraits=1`` adds the portrait versions."""
    person = get_object_or_404(people_visible_to(request.user), pk=person_id)
    show = "liked" if request.GET.get("liked") == "1" else ""
    wanted = MomentFilter(person=person.pk, show=show)
    moments = for_cards(wanted.moments_for(request.user))
    found = archives.entries(moments, with_portraits=request.GET.get("portraits") == "1")
    pieces = archives.stream(person, found)
    name = f"{archives.safe_name(person.name)} moments.zip"
    return send_pieces(request, pieces, "application/zip", attachment=name)
