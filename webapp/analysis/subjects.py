"""Who stays sharp in the portrait of a photo: by the rule, all, or whom the user chose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp import vision
from webapp.analysis.models import DetectedFace, Portrait
from webapp.photos.models import Photo

Heads = list[list[float]]

_SAME_PLACE = 1.0
"""Pixels that a box may have moved by rounding and still be the chosen one."""

RULE = (
    "Named stars stay sharp; where nobody is named, the faces that are large, central and clear, "
    "and a line-up as a whole."
)


@dataclass(frozen=True, slots=True)
class SubjectChoice:
    """What the page says about who stays sharp.

    Attributes:
        sharp: The faces that stay sharp; all of them where everybody does.
        words: A sentence for the user.
        is_drawn: Whether the stored picture shows it so already.
    """

    sharp: frozenset[int]
    words: str
    is_drawn: bool


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
        Portrait.Subject.AUTO.value: RULE,
        Portrait.Subject.EVERYBODY.value: "Everybody stays sharp.",
        Portrait.Subject.CHOSEN.value: "Those whom you chose stay sharp.",
    }[portrait.subject]
    return SubjectChoice(
        frozenset(face.pk for face in sharp), words, heads == portrait.rendered_heads
    )


def heads_of(faces: Iterable[DetectedFace]) -> Heads:
    """Return the boxes of faces, rounded as they are stored."""
    return [[round(edge, 1) for edge in face.box] for face in faces]


def _by_rule(photo: Photo, faces: Sequence[DetectedFace]) -> list[DetectedFace]:
    known = [
        vision.FaceInPhoto(face.box, face.quality, face.person_id is not None) for face in faces
    ]
    size = (photo.width or 1, photo.height or 1)
    return [faces[place] for place in vision.choose_subject(known, size)]


def _is_among(face: DetectedFace, heads: Heads) -> bool:
    return any(
        all(abs(edge - other) <= _SAME_PLACE for edge, other in zip(face.box, head, strict=True))
        for head in heads
    )
