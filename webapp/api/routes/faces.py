"""Faces: where they are, who they show, and the user's word about that."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from webapp.access.rights import Right
from webapp.analysis import services
from webapp.analysis.models import DetectedFace
from webapp.analysis.queries import faces_visible_to
from webapp.analysis.views import faces as face_views
from webapp.api.access import may
from webapp.api.asker import Text, one_of
from webapp.api.paging import Page, Paged, numbered
from webapp.api.pictures import JPEG
from webapp.people.models import Person
from webapp.people.queries import people_visible_to

router = Router()


class PersonRef(Schema):
    """Somebody who is named."""

    id: UUID
    name: str
    group: str


class Face(Schema):
    """A face in a photo.

    Attributes:
        box: Left, top, right, bottom in pixels of the upright photo; may lie outside.
        landmarks: Left eye, right eye, nose, left and right mouth corner, left meaning left in the
            picture, in the same pixels.
        score: How sure the detector is, 0 to 1.
        quality: How well somebody can be recognised by it, 0 to 1.
        named_by: ``user``, ``auto`` or empty.
        similarity: Cosine similarity to the nearest reference of the person; empty where the user
            gave the name and no reference is near.
        emotion: The most probable one; empty where none is sure enough or it was not read yet.
        emotions: Emotion to probability.
    """

    id: int
    photo: UUID
    taken_at: datetime | None
    box: list[float]
    landmarks: list[list[float]]
    score: float
    quality: float
    person: PersonRef | None
    named_by: str
    similarity: float | None
    emotion: str
    emotions: dict[str, float]


class NameIn(Schema):
    """Who a face shows."""

    name: Text
    group: Text = ""


class Named(Schema):
    """What came of naming a face.

    Attributes:
        is_reference: Whether others are recognised by this face from now on.
        note: Why not, if not.
    """

    face: int
    person: PersonRef
    is_reference: bool
    note: str


class RejectionIn(Schema):
    """Who a face does not show."""

    person: UUID


class FaceQuery(Schema):
    """Which faces.

    Attributes:
        photo: Of one photo.
        person: That show one person.
    """

    photo: UUID | None = None
    person: UUID | None = None


def shown_face(face: DetectedFace) -> Face:
    """Return a face as the API tells it."""
    return Face(
        id=face.pk,
        photo=face.photo_id,
        taken_at=face.photo.taken_at,
        box=list(face.box),
        landmarks=[[float(x), float(y)] for x, y in face.landmarks],
        score=face.score,
        quality=face.quality,
        person=shown_person(face.person) if face.person else None,
        named_by=face.named_by,
        similarity=face.similarity,
        emotion=face.emotion,
        emotions=face.emotions,
    )


def shown_person(person: Person) -> PersonRef:
    """Return somebody as other things refer to them."""
    return PersonRef(
        id=person.pk, name=person.name, group=person.group.name if person.group else ""
    )


def _faces(request: HttpRequest, right: Right) -> QuerySet[DetectedFace]:
    visible = faces_visible_to(request.user, right)
    return visible.select_related("photo", "person__group").defer("embedding")


@router.get("/faces", auth=may("read"), response=Page[Face], operation_id="list_faces")
def list_faces(
    request: HttpRequest, page: Paged, wanted: Annotated[FaceQuery, Query()]
) -> Page[Face]:
    """List the faces that were not put away, of one photo or of one person if so wished."""
    found = _faces(request, Right.SEE if wanted.photo else Right.OWN).filter(dismissed_at=None)
    if wanted.photo:
        found = found.filter(photo_id=wanted.photo)
    if wanted.person:
        found = found.filter(person_id=wanted.person)
    return numbered(found, page, lambda rows: [shown_face(face) for face in rows])


@router.get("/faces/{int:face_id}", auth=may("read"), response=Face, operation_id="get_face")
def get_face(request: HttpRequest, face_id: int) -> Face:
    """Tell one face."""
    return shown_face(one_of(_faces(request, Right.SEE), face_id))


@router.get(
    "/faces/{int:face_id}/crop", auth=may("read"), operation_id="get_face_crop", openapi_extra=JPEG
)
def get_face_crop(request: HttpRequest, face_id: int) -> HttpResponse:
    """Send the picture of one face."""
    return face_views.crop(request, face_id)


@router.put("/faces/{int:face_id}/name", auth=may("name"), response=Named, operation_id="name_face")
def name_face(request: HttpRequest, face_id: int, body: NameIn) -> Named:
    """Say who a face shows; a good one becomes a reference by which others are found."""
    face = one_of(faces_visible_to(request.user, Right.NAME), face_id)
    try:
        named = services.name_face(face, body.name, body.group)
    except services.FaceGoneError as error:
        raise Http404 from error
    return Named(
        face=face_id,
        person=shown_person(named.person),
        is_reference=named.is_reference,
        note=named.note,
    )


@router.delete(
    "/faces/{int:face_id}/name", auth=may("name"), response={204: None}, operation_id="unname_face"
)
def unname_face(request: HttpRequest, face_id: int) -> HttpResponse:
    """Let a face have no name, whatever it resembles."""
    face = one_of(faces_visible_to(request.user, Right.NAME), face_id)
    try:
        services.unname_face(face)
    except services.FaceGoneError as error:
        raise Http404 from error
    return HttpResponse(status=204)


@router.post(
    "/faces/{int:face_id}/rejections",
    auth=may("name"),
    response={204: None},
    operation_id="reject_person",
)
def reject_person(request: HttpRequest, face_id: int, body: RejectionIn) -> HttpResponse:
    """Say that a face does not show this person; somebody else may still be found."""
    face = one_of(faces_visible_to(request.user, Right.NAME), face_id)
    person = one_of(people_visible_to(face.photo.owner), body.person)
    try:
        services.reject_person(face, person)
    except services.FaceGoneError as error:
        raise Http404 from error
    return HttpResponse(status=204)
