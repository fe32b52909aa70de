"""What the viewer over the whole window asks: who is on photos, and which lie beside one."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from webapp.access.rights import Right
from webapp.analysis.messages import FaceFound, faces_now
from webapp.analysis.models import Portrait
from webapp.analysis.pages.gallery import GalleryFilter
from webapp.analysis.views.photos import same_grid
from webapp.photos.models import Photo
from webapp.photos.queries import photos_visible_to

MOST_VIEWED = 60
"""Photos that may be asked for at once."""
EITHER_SIDE = 30


@require_safe
def viewed(request: HttpRequest) -> HttpResponse:
    """Answer with sizes, faces and a few words about up to ``MOST_VIEWED`` photos."""
    try:
        wanted = [UUID(word) for word in request.GET.get("photos", "").split(",") if word]
    except ValueError:
        return HttpResponseBadRequest("photos must be ids", "text/plain")
    if len(wanted) > MOST_VIEWED:
        return HttpResponseBadRequest(f"ask for {MOST_VIEWED} photos at most", "text/plain")
    found = photos_visible_to(request.user, Right.SEE).filter(pk__in=wanted)
    photos = list(found.select_related("concert"))
    faces = {one["photo"]: one["faces"] for one in faces_now(photos)}
    drawn = Portrait.objects.filter(photo__in=photos, has_person=True)
    portraits = set(drawn.exclude(rendered_strength=None).values_list("photo_id", flat=True))
    told = [_told(one, faces.get(str(one.pk), []), one.pk in portraits) for one in photos]
    return JsonResponse({"photos": told})


def _told(photo: Photo, faces: list[FaceFound], has_portrait: bool) -> dict[str, Any]:  # noqa: FBT001
    return {
        "id": str(photo.pk),
        "width": photo.width,
        "height": photo.height,
        "faces": [{"box": face["box"], "name": face["name"]} for face in faces],
        "has_portrait": has_portrait,
        "facts": _facts(photo, faces),
    }


def _facts(photo: Photo, faces: list[FaceFound]) -> list[tuple[str, str]]:
    """Return what is written about a photo, as heading and text."""
    names = ", ".join(dict.fromkeys(face["name"] for face in faces if face["name"]))
    taken = ""
    if photo.taken_at is not None:
        taken = date_format(timezone.localtime(photo.taken_at, photo.zone), gettext("j F Y, H:i"))
    lines = [
        (gettext("Stars"), gettext("%(names)s (may be wrong)") % {"names": names} if names else ""),
        (gettext("Taken"), taken),
        (gettext("Concert"), photo.concert.name if photo.concert else ""),
        (gettext("Camera"), photo.camera),
        (gettext("Size"), f"{photo.width} × {photo.height}" if photo.width else ""),  # noqa: RUF001
        (gettext("File"), photo.display_name),
    ]
    return [(term, text) for term, text in lines if text]


@require_safe
def around(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Answer with a photo and those beside it in the grid that the address tells of."""
    visible = photos_visible_to(request.user, Right.SEE).select_related("owner")
    found = get_object_or_404(visible, pk=photo_id)
    order = GalleryFilter.from_query(request.GET).ordering
    ready = same_grid(request, found).filter(state=Photo.State.READY)
    query = request.GET.urlencode()
    photos = [_item(one, query) for one in order.around(ready, found, EITHER_SIDE)]
    return JsonResponse({"photos": photos})


def _item(photo: Photo, query: str) -> dict[str, Any]:
    page = reverse("analysis:photo", args=[photo.pk])
    return {
        "kind": "photo",
        "id": str(photo.pk),
        "photo": str(photo.pk),
        "width": photo.width or 0,
        "height": photo.height or 0,
        "title": photo.display_name,
        "href": f"{page}?{query}" if query else page,
    }
