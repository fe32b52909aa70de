"""A second opinion: it takes names away, gives none, and is used only where that helps."""

from collections.abc import Hashable, Sequence

import numpy as np
import pytest

from inference.recognition.gallery import Gallery
from inference.recognition.second_opinion import (
    Asked,
    Comparison,
    Faces,
    SecondOpinion,
    Tally,
    ask,
    compare_with_gallery,
    learn,
    summed,
)
from inference.types import Embeddings

DIMENSIONS = 16


def near(axis: int, count: int, noise: float = 0.05, seed: int = 1) -> Embeddings:
    """Return faces of one person, who lies along an axis."""
    rows = np.random.default_rng(seed + axis).normal(0, noise, (count, DIMENSIONS))
    rows[:, axis] += 1.0
    unit: Embeddings = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def faces_of(people: Sequence[tuple[str, Embeddings]]) -> Faces[str]:
    """Return faces, each an occasion of its own."""
    names = [name for name, rows in people for _ in rows]
    return Faces(np.concatenate([rows for _, rows in people]), names, list(range(len(names))))


@pytest.fixture
def known() -> Faces[str]:
    return faces_of([("Lisa", near(0, 10)), ("Rosé", near(1, 10))])


@pytest.fixture
def strangers() -> Faces[str]:
    return faces_of([(f"stranger {axis}", near(axis, 6)) for axis in range(3, 10)])


def test_it_tells_the_people_of_a_group_apart_and_knows_others_as_others(
    known: Faces[str], strangers: Faces[str]
) -> None:
    opinion = learn(known, strangers.rows)
    assert opinion.people == ("Lisa", "Rosé")
    lisa, rose, other = opinion.probabilities(
        np.concatenate([near(0, 1, seed=50), near(1, 1, seed=50), near(4, 1, seed=50)])
    )
    assert lisa[0] > 0.9
    assert rose[1] > 0.9
    assert other.sum() < 0.1


def test_nobody_to_tell_apart_and_no_strangers_teach_nothing(
    known: Faces[str], strangers: Faces[str]
) -> None:
    with pytest.raises(ValueError, match="1 people"):
        learn(faces_of([("Lisa", near(0, 9))]), strangers.rows)
    with pytest.raises(ValueError, match="0 strangers"):
        learn(known, np.zeros((0, DIMENSIONS), np.float32))


def test_weights_that_are_not_those_of_its_people_are_refused() -> None:
    with pytest.raises(ValueError, match="for 2 people"):
        SecondOpinion(("a", "b"), np.zeros((2, 4), np.float32), np.zeros(2, np.float32))


def test_a_face_that_the_gallery_does_not_name_is_never_named(
    known: Faces[str], strangers: Faces[str]
) -> None:
    opinion = learn(known, strangers.rows)
    strict = Gallery(known.people, known.rows, 2.0)
    asked = ask(strict, opinion, known, strangers)
    assert asked.probable[0] > 0.9, "the second opinion is sure"
    assert not asked.named(0.0).any()


def test_at_every_bar_it_names_a_part_of_those_whom_the_gallery_names(
    known: Faces[str], strangers: Faces[str]
) -> None:
    asked = ask(
        Gallery(known.people, known.rows, 0.1), learn(known, strangers.rows), known, strangers
    )
    for bar in (0.0, 0.3, 0.5, 0.9):
        assert not (asked.named(bar) & ~asked.is_near).any()


def look_alikes(axis: int, count: int, seed: int = 1) -> Embeddings:
    """Return faces of a stranger who is as near to Lisa as a gallery allows."""
    rows = 0.75 * near(0, count, seed=seed) + 0.66 * near(axis, count, seed=seed)
    unit: Embeddings = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit.astype(np.float32)


def test_where_a_look_alike_is_always_named_it_is_better_and_says_so(known: Faces[str]) -> None:
    others = faces_of([("a", near(6, 200)), ("look-alike", look_alikes(5, 8))])
    found = compare_with_gallery(known, others, 0.6)
    assert (found.gallery.strangers, found.opinion.strangers) == (8, 0)
    assert found.opinion.right == found.gallery.right == 20
    assert found.gain == 8
    assert found.is_better


def test_where_the_gallery_makes_no_mistake_it_is_not_used(
    known: Faces[str], strangers: Faces[str]
) -> None:
    found = compare_with_gallery(known, strangers, 0.6)
    assert found.gallery == Tally(right=20)
    assert (found.known, found.strangers) == (20, len(strangers.rows))
    assert not found.is_better


def test_no_occasion_is_learnt_from_and_asked_about_at_once(
    known: Faces[str], strangers: Faces[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from inference.recognition import second_opinion

    concerts = Faces(known.rows, known.people, [place // 2 for place in range(20)])
    held: list[tuple[set[Hashable], set[Hashable]]] = []
    taught: list[set[Hashable]] = []
    chosen = Faces.chosen

    def noted(self: Faces[str], places: np.ndarray) -> Faces[str]:
        found = chosen(self, places)
        if self is concerts:
            taught.append(set(found.held_together))
        return found

    monkeypatch.setattr(Faces, "chosen", noted)
    second_opinion.compare_with_gallery(concerts, strangers, 0.6)
    held = list(zip(taught[::2], taught[1::2], strict=True))
    assert len(held) == second_opinion.FOLDS
    assert all(not learnt & asked for learnt, asked in held)
    assert set.union(*(asked for _, asked in held)) == set(range(10))


def test_everything_in_one_occasion_cannot_be_compared(
    known: Faces[str], strangers: Faces[str]
) -> None:
    at_once = Faces(known.rows, known.people, [0] * 20)
    with pytest.raises(ValueError, match="too few occasions"):
        compare_with_gallery(at_once, strangers, 0.6)


def test_progress_is_told_fold_by_fold(known: Faces[str], strangers: Faces[str]) -> None:
    told: list[int] = []
    compare_with_gallery(known, strangers, 0.6, told.append)
    assert told == [1, 2, 3, 4, 5]


def asked_of(strangers_named: int, occasions: Sequence[int]) -> Asked:
    """A hundred known faces named right; of as many strangers some whom only the gallery names."""
    is_near = np.array([True] * 100 + [place < strangers_named for place in range(100)])
    probable = np.array([0.9] * 100 + [0.1] * 100, dtype=np.float32)
    is_known = np.arange(200) < 100
    return Asked(is_near, is_known.copy(), probable, is_known, [*range(1000, 1100), *occasions])


def test_one_error_fewer_is_chance_and_many_are_not() -> None:
    assert not summed(asked_of(1, range(100))).is_better
    assert summed(asked_of(12, range(100))).is_better


def test_errors_of_one_evening_count_as_one() -> None:
    """Twelve pictures of one burst are one stranger."""
    burst = [0] * 12 + list(range(1, 89))
    assert not summed(asked_of(12, burst)).is_better


@pytest.mark.parametrize(
    ("opinion", "expected"),
    [
        pytest.param(Tally(100, 0, 0), True, id="no error left"),
        pytest.param(Tally(98, 0, 0), False, id="loses more than one right name in a hundred"),
        pytest.param(Tally(100, 2, 0), False, id="more wrong names than promised"),
        pytest.param(Tally(100, 0, 6), False, id="more strangers than promised"),
    ],
)
def test_it_is_used_only_where_it_keeps_the_promise(opinion: Tally, expected: bool) -> None:
    found = Comparison(100, 100, Tally(100, 9, 20), opinion, 9, 3.0, 12.0, ())
    assert found.is_better is expected


def test_the_curve_shows_what_each_bar_would_do() -> None:
    curve = {bar: shares for bar, *shares in summed(asked_of(12, range(100))).curve}
    assert curve[0.0] == [1.0, 0.12]
    assert curve[0.5] == [1.0, 0.0]
