"""Photos taken in quick succession: which of them belong together, and which is the best."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from inference.moments.bursts.faces import KnownFace, MeasuredFace, follow_faces, main_faces
from inference.moments.candidates import Candidate
from inference.moments.groups import join_faces
from inference.moments.measures import (
    FaceMeasures,
    Signature,
    measure_face,
    picture_signature,
)
from inference.moments.past import Past
from inference.moments.scoring import (
    DEFAULT_WEIGHTS,
    FaceState,
    expression_intensity,
    reason_in_words,
    score_terms,
    weigh,
)
from inference.types import RGBImage

BURST_SECONDS = 0.5
"""Between two photos of one burst."""

ALIKE_PICTURES = 0.85
"""Product of two signatures from which two pictures show the same scene."""

_FAVOURITE_WEIGHT = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class BurstPhoto:
    """A photo that may belong to a burst, in numbers.

    Attributes:
        time: Of capture, in seconds.
        signature: Of the whole picture (``measures.picture_signature``).
        faces: Those that could be measured.
        width: Of the picture in pixels; ``height`` likewise.
    """

    time: float
    signature: Signature
    faces: tuple[MeasuredFace, ...] = ()
    width: int = 0
    height: int = 0


def measure_photo(image: RGBImage, time: float, faces: Sequence[KnownFace]) -> BurstPhoto:
    """Reduce a photo to what is needed to stack and judge it; its pixels can go then.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        time: Of capture, in seconds.
        faces: In pixels of the image.
    """
    measured = ((known, measure_face(image, known.face)) for known in faces)
    height, width = image.shape[:2]
    return BurstPhoto(
        time,
        picture_signature(image),
        tuple(MeasuredFace(known, found) for known, found in measured if found is not None),
        width,
        height,
    )


def stack_bursts(photos: Sequence[BurstPhoto]) -> list[list[int]]:
    """Stack photos that were taken within half a second of each other and look alike.

    Args:
        photos: In any order.

    Returns:
        Stacks of indices, each in the order of time, in the order of their first photo. A photo of
        its own is a stack of one.
    """
    order = sorted(range(len(photos)), key=lambda index: (photos[index].time, index))
    stacks = [order[:1]] if order else []
    for before, index in pairwise(order):
        near = photos[index].time - photos[before].time <= BURST_SECONDS
        alike = float(photos[before].signature @ photos[index].signature) >= ALIKE_PICTURES
        if near and alike:
            stacks[-1].append(index)
        else:
            stacks.append([index])
    return stacks


def judge_burst(
    photos: Sequence[BurstPhoto],
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
    favourites: Collection[str] = (),
) -> list[Candidate | None]:
    """Judge the photos of one burst by the faces that it is about.

    Those are the named stars; where nobody is named, everybody at least half as tall as the largest
    face. Who is missing on a photo counts there as the worst possible face.

    Args:
        photos: Of one stack, in the order of time.
        weights: Term name to weight.
        favourites: People who count double.

    Returns:
        One answer per photo, its ``number`` the index: all of its faces as one; ``None`` for a
        photo without any of them. Nothing but ``None`` where the burst shows no face.
    """
    rows = main_faces(follow_faces([photo.faces for photo in photos]), len(photos))
    full = {name: weights.get(name, usual) for name, usual in DEFAULT_WEIGHTS.items()}
    shown: defaultdict[int, list[Candidate]] = defaultdict(list)
    counts: list[float] = []
    for track, row in enumerate(rows):
        present = [row.faces.get(index) for index in range(len(photos))]
        pairs = [(face.measures, face.state) if face else None for face in present]
        for index, (score, terms) in enumerate(score_burst(pairs, full)):
            if (face := present[index]) is not None:
                one = _candidate(face, photos[index], (index, track), (score, terms), full)
                shown[index].append(one)
        counts.append(_FAVOURITE_WEIGHT if row.person in favourites else 1.0)
    return [_together(shown[index], counts) for index in range(len(photos))]


def score_burst(
    faces: Sequence[tuple[FaceMeasures, FaceState] | None],
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
) -> list[tuple[float, dict[str, float]]]:
    """Score the same face on every photo of a burst; the burst itself says what is usual for it.

    Args:
        faces: What was measured on each photo; ``None`` where the face was not found.
        weights: Term name to weight.

    Returns:
        Score and terms of each photo; 0 and nothing where the face was not found.
    """
    past = Past()
    for face in faces:
        if face is not None:
            past.add(0.0, expression_intensity(face[1].emotions), face[0])
    usual = past.usual()
    scored: list[tuple[float, dict[str, float]]] = []
    for face in faces:
        terms = score_terms(face[0], face[1], usual) if face is not None else {}
        scored.append((weigh(terms, weights) if terms else 0.0, terms))
    return scored


def _candidate(
    face: MeasuredFace,
    photo: BurstPhoto,
    place: tuple[int, int],
    scored: tuple[float, dict[str, float]],
    weights: Mapping[str, float],
) -> Candidate:
    known = face.known
    return Candidate(
        time=photo.time,
        number=place[0],
        captured_at=1000 * photo.time,
        track=place[1],
        star=None,
        score=scored[0],
        terms=scored[1],
        reason=reason_in_words(scored[1], known.emotion),
        box=known.face.box,
        width=photo.width,
        height=photo.height,
        emotion=known.emotion,
        emotions=dict(known.emotions),
        signature=face.measures.signature,
        eyes_weight=weights["eyes"] / (sum(weights.values()) or 1.0),
    )


def _together(faces: Sequence[Candidate], counts: Sequence[float]) -> Candidate | None:
    """Make one candidate of the main faces of a photo; who is missing counts as 0."""
    if not faces:
        return None
    joined = join_faces(faces, [counts[face.track] for face in faces])
    there = sum(counts[face.track] for face in faces)
    reason = joined.reason
    if len(faces) > 1:
        reason = reason_in_words(joined.terms, joined.emotion)
    return replace(joined, score=joined.score * there / sum(counts), reason=reason)
