"""The ZIP of a star's moments."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from webapp.core.web.sending import disposition
from webapp.moments.pages import archives
from webapp.moments.pages.grid import MomentFilter
from webapp.moments.showing import for_cards
from webapp.people.queries import people_visible_to


@require_safe
def star(request: HttpRequest, person_id: UUID) -> HttpResponseBase:
    """Send the pictures of a star's moments; ``?portraits=1`` adds the portrait versions."""
    person = get_object_or_404(people_visible_to(request.user), pk=person_id)
    show = "liked" if request.GET.get("liked") == "1" else ""
    wanted = MomentFilter(person=person.pk, show=show)
    moments = for_cards(wanted.moments_for(request.user))
    found = archives.entries(moments, with_portraits=request.GET.get("portraits") == "1")
    pieces = iter(()) if request.method == "HEAD" else archives.stream(person, found)
    is_async = isinstance(request, ASGIRequest)
    response = StreamingHttpResponse(_in_threads(pieces) if is_async else pieces)
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = disposition(
        f"{archives.safe_name(person.name)} moments.zip"
    )
    return response


async def _in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read the pieces beside the event loop, one at a time as the client takes them."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece
