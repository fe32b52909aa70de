"""Frames on which several stars are good together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inference.moments.candidates import Candidate, StarKey

_SLACK_SECONDS = 0.4
"""How far a group's frame may lie before the first of its peaks or after the last."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupFrame:
    """One frame of several stars.

    Attributes:
        faces: Each star's face on it.
        whole: The frame as one candidate.
    """

    faces: Mapping[StarKey, Candidate]
    whole: Candidate

    def left_to_right(self) -> list[Candidate]:
        """Return the faces in the order in which they stand."""
        return sorted(self.faces.values(), key=lambda face: face.box[0])


def group_frames(
    faces: Mapping[StarKey, Sequence[Candidate]], peaks: Sequence[Candidate]
) -> list[GroupFrame]:
    """Return the frames between the peaks that show every star.

    Args:
        faces: The scored faces of the stars who peak together.
        peaks: Their peaks.
    """
    first = min(peak.time for peak in peaks) - _SLACK_SECONDS
    last = max(peak.time for peak in peaks) + _SLACK_SECONDS
    shown: dict[int, dict[StarKey, Candidate]] = {}
    for star, mine in faces.items():
        for face in mine:
            if first <= face.time <= last:
                shown.setdefault(face.number, {})[star] = face
    return [
        GroupFrame(members, join_faces(list(members.values())))
        for _, members in sorted(shown.items())
        if len(members) == len(faces)
    ]


def join_faces(faces: Sequence[Candidate], counts: Sequence[float] = ()) -> Candidate:
    """Make one candidate of the faces of a group on one frame.

    Large faces count for more. Of the eyes the worst count: one blink spoils a group picture, the
    less the smaller the face.

    Args:
        faces: At least one, all on the same frame.
        counts: How much each face counts besides its size; all the same by default.
    """
    sizes = [
        max(face.box[3] - face.box[1], 1.0) * count
        for face, count in zip(faces, counts or [1.0] * len(faces), strict=True)
    ]
    total, largest = sum(sizes), max(sizes)

    def mean(values: Sequence[float]) -> float:
        return sum(size * value for size, value in zip(sizes, values, strict=True)) / total

    terms = {name: mean([face.terms[name] for face in faces]) for name in faces[0].terms}
    score = mean([face.score for face in faces])
    if "eyes" in terms:
        worst = 1.0 - max(
            (1.0 - face.terms["eyes"]) * size / largest
            for face, size in zip(faces, sizes, strict=True)
        )
        # What one pair of closed eyes takes from one face, it takes from the group.
        score -= max(terms["eyes"] - worst, 0.0) * faces[0].eyes_weight
        terms["eyes"] = worst
    main = max(faces, key=lambda face: (face.box[3] - face.box[1], -face.track))
    corners = zip(*(face.box for face in faces), strict=True)
    lefts, tops, rights, bottoms = corners
    return replace(
        main,
        score=max(score, 0.0),
        terms={name: round(value, 4) for name, value in terms.items()},
        box=(min(lefts), min(tops), max(rights), max(bottoms)),
    )
