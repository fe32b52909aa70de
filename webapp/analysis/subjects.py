"""Who stays sharp in the portrait of a photo: by the rule, all, or whom the user chose."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from webapp import vision
from webapp.analysis.models import DetectedFace, Portrait
from webapp.core.extension.signals import Registry
from webapp.photos.models import Photo

Heads = list[list[float]]

MOST_CHOOSABLE = 24

_SAME_PLACE = 1.0
"""Pixels that a box may have moved by rounding and still be the chosen one."""

favourite_finders: Registry[Callable[[int], Iterable[UUID]]] = Registry()
"""Each gets a user's id and returns people whom that user prefers."""

RULE = gettext_noop(
    "Your favourites stay sharp, else named stars; where nobody is named, the faces that are "
    "large, central and clear, and a line-up as a whole."
)


@dataclass(frozen=True, slots=True)
class SubjectChoice:
    """What the page says about who stays sharp.

    Attributes:
        sharp: The faces that stay sharp; all of them where everybody does.
        words: A sentence for the user.
        is_drawn: Whether the stored picture shows it so already.
        by_rule: Ids of the faces that would stay sharp by the rule, in order.
    """

    sharp: frozenset[int]
    words: str
    is_drawn: bool
    by_rule: tuple[int, ...]


def wanted_heads(photo: Photo, portrait: Portrait, faces: Sequence[DetectedFace]) -> Heads:
    """Return the face boxes of those who shall stay sharp; none means everybody.

    Where nobody would be left out, everybody is meant: a mask of all people is the better one.
    """
    if portrait.subject == Portrait.Subject.EVERYBODY:
        return []
    heads = heads_of(_by_rule(photo, faces))
    if portrait.subject == Portrait.Subject.CHOSEN:
        heads = [list(box) for box in portrait.chosen]
    return [] if all(_is_among(face, heads) for face in faces) else heads


def choice_of(photo: Photo, portrait: Portrait, faces: Sequence[DetectedFace]) -> SubjectChoice:
    """Tell the page who stays sharp and why."""
    heads = wanted_heads(photo, portrait, faces)
    sharp = [face for face in faces if not heads or _is_among(face, heads)]
    words = {
        Portrait.Subject.AUTO.value: gettext(RULE),
        Portrait.Subject.EVERYBODY.value: gettext("Everybody stays sharp."),
        Portrait.Subject.CHOSEN.value: gettext("Those whom you chose stay sharp."),
    }[portrait.subject]
    return SubjectChoice(
        sharp=frozenset(face.pk for face in sharp),
        words=words,
        is_drawn=heads == portrait.rendered_heads,
        by_rule=tuple(face.pk for face in _by_rule(photo, faces)),
    )


def choosable(faces: Sequence[DetectedFace]) -> list[DetectedFace]:
    """Return the faces whose people can be chosen one by one, from left to right.

    In a crowd only those with the largest faces: nobody ticks through a hundred, and each costs a
    pass of the network.
    """
    largest = sorted(faces, key=lambda face: face.y1 - face.y2)[:MOST_CHOOSABLE]
    return [face for face in faces if face in largest]


def rows_of(portrait: Portrait, faces: Sequence[DetectedFace]) -> dict[int, int] | None:
    """Return which of the stored masks is whose, by face; ``None`` where some are missing."""
    heads = portrait.choosing_heads
    if heads is None:
        return None
    rows = {
        face.pk: row
        for face in choosable(faces)
        for row, head in enumerate(heads)
        if _is_at(face, head)
    }
    return rows if len(rows) == len(choosable(faces)) else None


def heads_of(faces: Iterable[DetectedFace]) -> Heads:
    """Return the boxes of faces, rounded as they are stored."""
    return [[round(edge, 1) for edge in face.box] for face in faces]


def _by_rule(photo: Photo, faces: Sequence[DetectedFace]) -> list[DetectedFace]:
    favourites = {one for finder in favourite_finders for one in finder(photo.owner_id)}
    known = [
        vision.FaceInPhoto(
            face.box, face.quality, face.person_id is not None, face.person_id in favourites
        )
        for face in faces
    ]
    size = (photo.width or 1, photo.height or 1)
    return [faces[place] for place in vision.choose_subject(known, size)]


def _is_among(face: DetectedFace, heads: Heads) -> bool:
    return any(_is_at(face, head) for head in heads)


def _is_at(face: DetectedFace, head: Sequence[float]) -> bool:
    return all(abs(edge - other) <= _SAME_PLACE for edge, other in zip(face.box, head, strict=True))
