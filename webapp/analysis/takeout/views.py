"""Sending photos as a ZIP: of a selection, a concert, a person."""

import hashlib
import re
from uuid import UUID

from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    QueryDict,
)
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from webapp.access.rights import Right
from webapp.accounts.models import User
from webapp.analysis.takeout import archive
from webapp.core.web.sending import send_pieces
from webapp.core.web.zipping import Entry, length_of, stream
from webapp.people.queries import people_visible_to
from webapp.photos.chosen import portions
from webapp.photos.models import Photo
from webapp.photos.queries import concerts_visible_to, library_of, photos_visible_to
from webapp.photos.views.selected import on_chosen

_RANGE = re.compile(r"bytes=(\d{1,18})-")


def _downloadable(user: User) -> QuerySet[Photo]:
    return photos_visible_to(user, Right.DOWNLOAD)


@on_chosen("photos", _downloadable)
def selected(request: HttpRequest, user: User, ids: list[UUID]) -> HttpResponseBase:
    """Send the selected photos."""
    photos: list[Photo] = []
    for some in portions(ids):
        photos += _downloadable(user).filter(pk__in=some).select_related("concert")
    return send(request, photos, gettext("Encore photos"), request.POST)


@require_safe
def concert(request: HttpRequest, concert_id: UUID) -> HttpResponseBase:
    """Send the photos of a concert."""
    visible = concerts_visible_to(request.user, Right.DOWNLOAD).select_related("owner")
    found = get_object_or_404(visible, pk=concert_id)
    return send_all(request, library_of(found.owner).filter(concert=found), found.name)


@require_safe
def person(request: HttpRequest, person_id: UUID) -> HttpResponseBase:
    """Send the photos that show somebody."""
    found = get_object_or_404(people_visible_to(request.user), pk=person_id)
    photos = library_of(request.user).filter(pk__in=found.faces.values("photo_id"))
    return send_all(request, photos, found.name)


def send_all(request: HttpRequest, photos: QuerySet[Photo], title: str) -> HttpResponseBase:
    """Send photos, oldest first, however many."""
    ordered = photos.select_related("concert").order_by("shown_at", "id")
    return send(request, list(ordered), title, request.GET)


def send(
    request: HttpRequest, photos: list[Photo], title: str, wishes: QueryDict
) -> HttpResponseBase:
    """Send a ZIP of photos, or the rest of one whose download broke off."""
    what = wishes.get("what", "originals")
    if what not in archive.CHOICES:
        return HttpResponseBadRequest("what must be originals, portraits or both", "text/plain")
    entries = archive.entries(photos, what)
    if not entries:
        return HttpResponse(gettext("There is no such picture."), "text/plain", status=404)
    return send_zip(request, entries, f"{archive.safe_name(title, 'photos')}.zip")


def send_zip(request: HttpRequest, entries: list[Entry], name: str) -> HttpResponseBase:
    """Send a ZIP with its length; what the client has of the same ZIP already is left out."""
    length, tag = length_of(entries), _tag(entries)
    skip = _asked_from(request, length, tag)
    pieces = stream(entries, skip)
    response = send_pieces(request, pieces, "application/zip", attachment=name)
    response.headers["Content-Length"] = str(length - skip)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = tag
    if skip:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {skip}-{length - 1}/{length}"
    return response


def _asked_from(request: HttpRequest, length: int, tag: str) -> int:
    """Return from which byte on a client wants the ZIP that it has begun; else 0."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or request.headers.get("If-Range", tag) != tag:
        return 0
    first = int(asked[1])
    return first if first < length else 0


def _tag(entries: list[Entry]) -> str:
    listed = "\n".join(f"{entry.name} {entry.size} {entry.at.isoformat()}" for entry in entries)
    return f'"{hashlib.sha256(listed.encode()).hexdigest()[:32]}"'
