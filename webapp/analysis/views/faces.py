"""What can be done to one face: name it, take the name away, look at it."""

from pathlib import Path
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from webapp import vision
from webapp.access.rights import Right
from webapp.analysis import services
from webapp.analysis.models import DetectedFace
from webapp.analysis.queries import faces_visible_to
from webapp.people.answers import done, refused
from webapp.people.names import PeopleError
from webapp.people.queries import people_visible_to
from webapp.photos.storage import PhotoFiles, files_of

CROP_SIDE = 224
LARGE_SIDE = 640
DISPLAY_SIDE = 2048
"""Longer side of a photo's display copy in pixels."""

CROP_MARGIN = 0.25


@require_POST
def name(request: HttpRequest, face_id: int) -> HttpResponse:
    """Name a face; the answer says whether others are matched by it, and if not, why."""
    face = get_object_or_404(faces_visible_to(request.user, Right.NAME), pk=face_id)
    page = _page_of(face)
    try:
        named = services.name_face(
            face, request.POST.get("name", ""), request.POST.get("group", "")
        )
    except PeopleError as error:
        return refused(request, str(error), back_to=page)
    except services.FaceGoneError as error:
        raise Http404 from error
    person = named.person
    answer = {
        "face": face_id,
        "undo": named.decision.pk,
        "person": {
            "id": str(person.pk),
            "name": person.name,
            "group": person.group.name if person.group else "",
        },
        "is_reference": named.is_reference,
        "note": named.note,
    }
    return done(request, answer, back_to=page, message=named.note)


@require_POST
def unname(request: HttpRequest, face_id: int) -> HttpResponse:
    """Let a face have no name, whatever the gallery says."""
    face = get_object_or_404(faces_visible_to(request.user, Right.NAME), pk=face_id)
    try:
        decision = services.unname_face(face)
    except services.FaceGoneError as error:
        raise Http404 from error
    answer = {"face": face_id, "person": None, "undo": decision.pk}
    return done(request, answer, back_to=_page_of(face))


@require_POST
def reject(request: HttpRequest, face_id: int) -> HttpResponse:
    """Remember that a face is not the person it was named, or was perhaps."""
    face = get_object_or_404(faces_visible_to(request.user, Right.NAME), pk=face_id)
    try:
        wanted = UUID(request.POST.get("person") or str(face.person_id))
    except ValueError:
        return refused(request, gettext("Say who this is not."), back_to=_page_of(face))
    person = get_object_or_404(people_visible_to(face.photo.owner), pk=wanted)
    try:
        decision = services.reject_person(face, person)
    except services.FaceGoneError as error:
        raise Http404 from error
    answer = {"face": face_id, "not": str(person.pk), "undo": decision.pk}
    return done(request, answer, back_to=_page_of(face))


@require_safe
def crop(request: HttpRequest, face_id: int) -> HttpResponse:
    """Send the picture of one face, cut from the smallest copy that is sharp enough."""
    face = get_object_or_404(faces_visible_to(request.user, Right.SEE), pk=face_id)
    width = face.photo.width
    if not width:
        raise Http404
    try:
        jpeg = vision.crop_jpeg(
            _source(files_of(face.photo_id), face),
            face.box,
            width=width,
            margin=CROP_MARGIN,
            side=LARGE_SIDE if request.GET.get("large") == "1" else CROP_SIDE,
        )
    except (OSError, ValueError) as error:
        raise Http404 from error
    response = HttpResponse(jpeg, content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _source(files: PhotoFiles, face: DetectedFace) -> Path:
    """Return the display copy, or the full photo where the face would be too coarse there."""
    shrunken_by = max(face.photo.width or 1, face.photo.height or 1) / DISPLAY_SIDE
    side = (face.x2 - face.x1) / max(1.0, shrunken_by)
    return files.display if side >= CROP_SIDE / 2 or shrunken_by <= 1 else files.full


def _page_of(face: DetectedFace) -> str:
    return reverse("analysis:photo", args=[face.photo_id])
