"""The grid of photos: filters, and pages that begin where the last one ended.

Pages are found by key, not by offset: the last page of 10,000 photos is as quick as the first, and
a photo uploaded meanwhile shifts nothing.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from webapp.analysis.models import DetectedFace
from webapp.photos.models import Photo
from webapp.vision import emotion_labels

PAGE_SIZE = 60
FACE_CHOICES = (
    ("", "Any number"),
    ("0", "None"),
    ("1", "1"),
    ("2", "2"),
    ("3-5", "3 to 5"),
    ("6-", "6 or more"),
)
_FACE_RANGES: dict[str, Q] = {
    "0": Q(face_count=0),
    "1": Q(face_count=1),
    "2": Q(face_count=2),
    "3-5": Q(face_count__gte=3, face_count__lte=5),
    "6-": Q(face_count__gte=6),
}


class BadQueryError(ValueError):
    """The address holds a filter or cursor that no page of ours has made."""


@dataclass(frozen=True, slots=True)
class GalleryFilter:
    """Which photos are wanted; empty fields want all."""

    person: UUID | None = None
    emotion: str = ""
    faces: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "GalleryFilter":
        """Read the filter of an address.

        Raises:
            BadQueryError: A value is not one of those the page offers.
        """
        raw_person = query.get("person", "")
        emotion, faces = query.get("emotion", ""), query.get("faces", "")
        try:
            person = UUID(raw_person) if raw_person else None
        except ValueError as error:
            raise BadQueryError("person must be an id") from error
        if emotion and emotion not in emotion_labels():
            raise BadQueryError("this emotion is not known")
        if faces and faces not in _FACE_RANGES:
            raise BadQueryError("this number of faces cannot be asked for")
        return cls(person, emotion, faces)

    def apply(self, photos: QuerySet[Photo]) -> QuerySet[Photo]:
        """Return those of the photos that fit; person and emotion are meant of one face."""
        if self.faces:
            photos = photos.filter(_FACE_RANGES[self.faces])
        fitting = DetectedFace.objects.filter(photo=OuterRef("pk"))
        if self.person:
            fitting = fitting.filter(person_id=self.person)
        if self.emotion:
            fitting = fitting.filter(emotion=self.emotion)
        return photos.filter(Exists(fitting)) if self.person or self.emotion else photos

    def query(self, **more: str) -> str:
        """Return the filter as the query of an address, without the question mark."""
        own = {"person": str(self.person or ""), "emotion": self.emotion, "faces": self.faces}
        return urlencode({key: value for key, value in {**own, **more}.items() if value})


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """One page of photos, newest first, and the cursor of the next; empty on the last."""

    photos: list[Photo]
    next_cursor: str


def read_page(photos: QuerySet[Photo], cursor: str = "", size: int = PAGE_SIZE) -> GalleryPage:
    """Return the photos after a cursor.

    Raises:
        BadQueryError: The cursor is not one of ours.
    """
    if cursor:
        photos = photos.filter(after(*decode_cursor(cursor)))
    found = list(photos.order_by("-created_at", "-id")[: size + 1])
    has_more = len(found) > size
    page = found[:size]
    return GalleryPage(page, encode_cursor(page[-1]) if has_more else "")


def after(created_at: datetime, photo_id: UUID) -> Q:
    """Return the condition for being further down the grid.

    Written as a range and an exception from it, so that the index on the order is used.
    """
    return Q(created_at__lte=created_at) & (Q(created_at__lt=created_at) | Q(id__lt=photo_id))


def before(created_at: datetime, photo_id: UUID) -> Q:
    """Return the condition for being further up the grid."""
    return Q(created_at__gte=created_at) & (Q(created_at__gt=created_at) | Q(id__gt=photo_id))


def neighbours(photos: QuerySet[Photo], photo: Photo) -> tuple[Photo | None, Photo | None]:
    """Return the photos before and after one in the same grid."""
    place = (photo.created_at, photo.pk)
    newer = photos.filter(before(*place)).order_by("created_at", "id").first()
    older = photos.filter(after(*place)).order_by("-created_at", "-id").first()
    return newer, older


def encode_cursor(photo: Photo) -> str:
    """Return the place of a photo in the grid as a word for an address."""
    place = f"{photo.created_at.isoformat()}~{photo.pk}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, UUID]:
    """Return the place that ``encode_cursor`` wrote down.

    Raises:
        BadQueryError: It is something else.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, _, photo_id = base64.urlsafe_b64decode(padded.encode()).decode().partition("~")
        created_at = parse_datetime(moment)
        if created_at is None or created_at.tzinfo is None:
            raise BadQueryError("this cursor holds no time")
        return created_at.astimezone(UTC), UUID(photo_id)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise BadQueryError("this cursor is not known") from error
