"""The grid of photos: its filters and pages."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from webapp.analysis.showing import Showing, WantedFace, gathered
from webapp.core.web.paging import BadQueryError, NewestFirst
from webapp.photos.models import Photo
from webapp.vision import emotion_labels

PAGE_SIZE = 60
ORDERS = {"": NewestFirst("shown_at"), "added": NewestFirst("created_at")}
"""By when a photo was taken, or by when it came."""
ORDER_CHOICES = (("", gettext_lazy("Date taken")), ("added", gettext_lazy("Date added")))
SHOW_CHOICES = (
    ("", gettext_lazy("Photos and moments")),
    ("photos", gettext_lazy("Photos")),
    ("favourites", gettext_lazy("Favourites")),
)
FACE_CHOICES = (
    ("", gettext_lazy("Any number")),
    ("0", gettext_lazy("None")),
    ("1", "1"),
    ("2", "2"),
    ("3-5", "3 to 5"),
    ("6-", gettext_lazy("6 or more")),
)
_FACE_RANGES: dict[str, Q] = {
    "0": Q(face_count=0),
    "1": Q(face_count=1),
    "2": Q(face_count=2),
    "3-5": Q(face_count__gte=3, face_count__lte=5),
    "6-": Q(face_count__gte=6),
}


@dataclass(frozen=True, slots=True)
class GalleryFilter:
    """Which photos are wanted; empty fields want all.

    Attributes:
        is_loose: Whether only photos are wanted that belong to no concert.
        show: ``photos`` for no captured pictures, ``favourites`` for those alone.
        order: One of ``ORDERS``; no filter, but it stays with them.
    """

    person: UUID | None = None
    emotion: str = ""
    faces: str = ""
    is_loose: bool = False
    show: str = ""
    order: str = ""

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
            raise BadQueryError(gettext("There is no such person.")) from error
        if emotion and emotion not in emotion_labels():
            raise BadQueryError(gettext("There is no such emotion."))
        if faces and faces not in _FACE_RANGES:
            raise BadQueryError(gettext("There is no such number of faces."))
        loose = query.get("loose", "")
        if loose not in {"", "1"}:
            raise BadQueryError(gettext("There is no such choice of photos."))
        show, order = query.get("show", ""), query.get("order", "")
        if show not in dict(SHOW_CHOICES) or order not in ORDERS:
            raise BadQueryError(gettext("There is no such choice of photos."))
        return cls(person, emotion, faces, is_loose=loose == "1", show=show, order=order)

    @property
    def is_active(self) -> bool:
        """Whether not all photos are wanted."""
        return replace(self, order="", show="") != GalleryFilter() or self.show == "favourites"

    @property
    def ordering(self) -> NewestFirst:
        """The order in which photos are wanted."""
        return ORDERS[self.order]

    def apply(self, photos: QuerySet[Photo], showing: Showing = gathered) -> QuerySet[Photo]:
        """Return those of the photos that fit; person and emotion are meant of one face."""
        if self.faces:
            photos = photos.filter(_FACE_RANGES[self.faces])
        if self.is_loose:
            photos = photos.filter(concert=None)
        if self.show == "photos":
            photos = photos.filter(shelf=Photo.Shelf.LIBRARY)
        if self.show == "favourites":
            photos = photos.filter(is_favourite=True)
        if not self.person and not self.emotion:
            return photos
        people = frozenset([self.person]) if self.person else frozenset[UUID]()
        return photos.filter(showing(WantedFace(people, self.emotion)))

    def query(self, **more: str) -> str:
        """Return the filter as the query of an address, without the question mark."""
        own = {
            "person": str(self.person or ""),
            "emotion": self.emotion,
            "faces": self.faces,
            "loose": "1" if self.is_loose else "",
            "show": self.show,
            "order": self.order,
        }
        return urlencode({key: value for key, value in {**own, **more}.items() if value})


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """One page of photos, newest first, and the cursor of the next; empty on the last."""

    photos: list[Photo]
    next_cursor: str


def read_page(
    photos: QuerySet[Photo],
    cursor: str = "",
    size: int = PAGE_SIZE,
    order: NewestFirst = ORDERS[""],
) -> GalleryPage:
    """Return the photos after a cursor.

    Raises:
        BadQueryError: The cursor is not one of ours.
    """
    return GalleryPage(*order.page(photos, cursor, size))


def neighbours(
    photos: QuerySet[Photo], photo: Photo, order: NewestFirst = ORDERS[""]
) -> tuple[Photo | None, Photo | None]:
    """Return the photos before and after one in the same grid."""
    return order.neighbours(photos, photo)
