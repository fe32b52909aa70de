"""What a library's confirmed faces teach about the people of one group; no network is loaded."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from webapp.vision.gallery.spaces import spaces_with, to_rows
from webapp.vision.values import LearntSpace, TaughtOpinion

if TYPE_CHECKING:
    from inference.recognition.second_opinion import Faces, SecondOpinion


@dataclass(frozen=True, slots=True)
class ConfirmedFace:
    """A face whose person the user has confirmed.

    Attributes:
        person: Who it shows; of strangers whoever that is.
        embedding: Raw, as stored.
        held_together: The occasion, or the stranger, that is held out as a whole.
    """

    person: UUID
    embedding: bytes
    held_together: Hashable


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learnt, and whether it helps.

    Attributes:
        figures: The comparison on faces held out, as plain numbers.
        is_better: Whether names are to be told by it as well.
    """

    opinion: TaughtOpinion
    figures: dict[str, Any]
    is_better: bool


def teach_opinion(
    model: str,
    known: Sequence[ConfirmedFace],
    strangers: Sequence[ConfirmedFace],
    learnt: Iterable[LearntSpace],
    progress: Callable[[int], None],
) -> Lesson:
    """Learn a second opinion on a group, and compare it with the gallery on faces held out.

    Args:
        model: Tag of the model that embedded all of them.
        known: Of the group's people.
        strangers: Of others.
        learnt: What the library has taught about comparing.
        progress: Told after each of five folds how many are done.

    Raises:
        ValueError: There are too few to hold any out.
    """
    from inference.recognition.second_opinion import compare_with_gallery, learn

    space = spaces_with(learnt)(model)

    def comparable(faces: Sequence[ConfirmedFace]) -> "Faces[UUID]":
        from inference.recognition.second_opinion import Faces

        rows = space.apply(to_rows([face.embedding for face in faces]))
        people = [face.person for face in faces]
        return Faces(rows, people, [face.held_together for face in faces])

    ours, theirs = comparable(known), comparable(strangers)
    found = compare_with_gallery(ours, theirs, space.threshold, progress)
    opinion = learn(ours, theirs.rows)
    numbers = np.concatenate([opinion.weights.reshape(-1), opinion.biases]).astype("<f4")
    taught = TaughtOpinion(model, opinion.people, numbers.tobytes())
    return Lesson(taught, asdict(found), found.is_better)


def second_opinion(taught: TaughtOpinion) -> "SecondOpinion[UUID]":
    """Return what was taught as inference knows it."""
    from inference.recognition.second_opinion import SecondOpinion

    count = len(taught.people) + 1
    numbers = np.frombuffer(taught.numbers, dtype="<f4").astype(np.float32)
    weights = numbers[:-count].reshape(count, -1)
    return SecondOpinion(taught.people, weights, numbers[-count:])
