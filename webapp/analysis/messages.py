"""What a page is told when something was found; the same shapes the page was rendered with."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypedDict
from uuid import UUID

from webapp.analysis.models import DetectedFace
from webapp.photos.models import Photo


class FaceFound(TypedDict):
    """One face: its box as shares (0 to 1) of the photo's width and height.

    ``label`` is its emotion; empty before it was read, and where none is sure enough.
    """

    id: int
    box: list[float]
    name: str
    label: str


class FacesFound(TypedDict):
    """The faces of a photo were found, and named where they are known."""

    photo: str
    count: int
    faces: list[FaceFound]


class FaceEmotionFound(TypedDict):
    """The emotion of one face; an empty label means none is sure enough."""

    id: int
    label: str


class EmotionsFound(TypedDict):
    """The emotions of a photo were read."""

    photo: str
    faces: list[FaceEmotionFound]


class PortraitReady(TypedDict):
    """The portrait version of a photo is there, or there is nobody to show."""

    photo: str
    has_person: bool


class NamesChanged(TypedDict):
    """Faces of these photos have other names than before."""

    photos: list[str]


def relative_box(face: DetectedFace, width: int, height: int) -> list[float]:
    """Return ``[x1, y1, x2, y2]`` as shares of the photo, cut off at its edges."""
    edges = (face.x1 / width, face.y1 / height, face.x2 / width, face.y2 / height)
    return [round(min(1.0, max(0.0, edge)), 5) for edge in edges]


def faces_found(photo_id: UUID, width: int, height: int) -> FacesFound:
    """Return the message about a photo's faces as they are stored now."""
    rows = DetectedFace.objects.shown().filter(photo_id=photo_id).select_related("person")
    faces = [_face_found(face, width, height) for face in rows.defer("embedding")]
    return {"photo": str(photo_id), "count": len(faces), "faces": faces}


def faces_now(photos: Iterable[Photo]) -> list[FacesFound]:
    """Return the same for several photos, in one query; photos not searched yet are left out."""
    searched = {
        photo.pk: photo
        for photo in photos
        if photo.face_count is not None and photo.width and photo.height
    }
    faces: defaultdict[UUID, list[FaceFound]] = defaultdict(list)
    rows = DetectedFace.objects.shown().filter(photo__in=searched).select_related("person")
    for face in rows.defer("embedding"):
        photo = searched[face.photo_id]
        faces[photo.pk].append(_face_found(face, photo.width or 1, photo.height or 1))
    return [{"photo": str(pk), "count": len(faces[pk]), "faces": faces[pk]} for pk in searched]


def _face_found(face: DetectedFace, width: int, height: int) -> FaceFound:
    return {
        "id": face.pk,
        "box": relative_box(face, width, height),
        "name": face.person.name if face.person else "",
        "label": face.emotion,
    }


def emotions_found(photo_id: UUID, faces: Iterable[DetectedFace]) -> EmotionsFound:
    """Return the message about the emotions of faces."""
    labels: list[FaceEmotionFound] = [{"id": face.pk, "label": face.emotion} for face in faces]
    return {"photo": str(photo_id), "faces": labels}


def portrait_ready(photo_id: UUID, *, has_person: bool) -> PortraitReady:
    """Return the message about a finished portrait."""
    return {"photo": str(photo_id), "has_person": has_person}


def names_changed(photo_ids: Iterable[UUID]) -> NamesChanged:
    """Return the message about photos with new names."""
    return {"photos": sorted({str(photo_id) for photo_id in photo_ids})}
