"""The portrait of a photo: how it is drawn, who stays sharp, and what can be made of it."""

import math
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from webapp.analysis import services, subjects
from webapp.analysis.models import Portrait
from webapp.analysis.queries import faces_of
from webapp.people.answers import done, refused
from webapp.photos.queries import photos_visible_to
from webapp.photos.storage import files_of


@require_POST
def portrait(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Draw the portrait again with another strength, and with lamps as discs or not."""
    found = get_object_or_404(photos_visible_to(request.user), pk=photo_id)
    page = reverse("analysis:photo", args=[photo_id])
    strength = _strength(request.POST.get("strength", ""))
    if strength is None:
        return refused(request, gettext("The strength must be a number from 0 to 1."), back_to=page)
    raw = request.POST.get("lights")  # Of several the last: a box that is not ticked sends none.
    services.set_portrait_strength(found, strength, lights=None if raw is None else raw == "1")
    answer = {"state": "pending", "strength": strength}
    return done(request, answer, back_to=page, status=202)


@require_POST
def subject(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Choose who stays sharp in the portrait: by the rule, all, the unnamed, or chosen faces."""
    found = get_object_or_404(photos_visible_to(request.user), pk=photo_id)
    page = reverse("analysis:photo", args=[photo_id])
    wish = request.POST.get("subject", "")
    if wish in {Portrait.Subject.AUTO, Portrait.Subject.EVERYBODY}:
        services.set_subject(found, wish)
        return done(request, {"state": "pending"}, back_to=page, status=202)
    faces = faces_of(found)
    if wish == "unnamed":
        chosen = [face for face in faces if face.person_id is None]
    elif wish == Portrait.Subject.CHOSEN:
        ids = {pk for ticked in request.POST.getlist("face") for pk in ticked.split(",")}
        chosen = [face for face in faces if str(face.pk) in ids]
    else:
        return refused(request, gettext("There is no such choice."), back_to=page)
    if not chosen:
        return refused(
            request, gettext("Somebody has to stay sharp; choose another face."), back_to=page
        )
    services.set_subject(found, Portrait.Subject.CHOSEN, subjects.heads_of(chosen))
    return done(request, {"state": "pending"}, back_to=page, status=202)


def _strength(raw: str) -> float | None:
    try:
        value = float(raw)
    except ValueError:
        return None
    return round(value, 3) if math.isfinite(value) and 0 <= value <= 1 else None


@require_POST
def masks(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """Tell where the masks lie by which a page shows a choice at once; have them made if needed.

    They are told of by the event ``masks_ready``; who asks again then is answered.
    """
    found = get_object_or_404(photos_visible_to(request.user), pk=photo_id)
    page = reverse("analysis:photo", args=[photo_id])
    portrait = Portrait.objects.filter(photo=found, has_person=True).first()
    if portrait is None:
        return refused(
            request, gettext("This photo has no portrait version."), back_to=page, status=404
        )
    rows = subjects.rows_of(portrait, faces_of(found))
    if rows is None or not files_of(found.pk).masks.is_file():
        services.want_masks(found)
        return done(request, {"state": "pending"}, back_to=page, status=202)
    picture = reverse("photos:media", args=[found.pk, "masks"])
    count = len(portrait.choosing_heads or ())
    answer = {"state": "ready", "url": f"{picture}?{portrait.model}", "rows": rows, "count": count}
    return done(request, answer, back_to=page)
