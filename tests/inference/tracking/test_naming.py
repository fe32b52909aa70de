import numpy as np
import pytest

from inference.recognition.gallery import Gallery
from inference.tracking.naming import (
    ENOUGH_WEIGHT,
    MAX_LOOKS,
    STAYING_BONUS,
    Looks,
    choose_names,
)
from inference.types import Embedding
from tests.inference.tracking.faces import person

THRESHOLD = 0.5
PEOPLE = Gallery(["jisoo", "rosé"], np.stack([person(0), person(1)]), THRESHOLD)


def between(share: float) -> Embedding:
    """Return a face that has this cosine to jisoo, and the rest to rosé."""
    row: Embedding = share * person(0) + np.float32(np.sqrt(1 - share**2)) * person(1)
    return row


def near(similarity: float, index: int = 0) -> Embedding:
    """Return a face that has this cosine to one person and none to the others."""
    row: Embedding = similarity * person(index) + np.float32(np.sqrt(1 - similarity**2)) * person(9)
    return row


def looks_of(*seen: tuple[Embedding, float]) -> Looks:
    looks = Looks()
    for embedding, quality in seen:
        looks.add(embedding, quality)
    return looks


def name(looks: Looks, shown: str | None = None) -> str | None:
    (match,) = choose_names(PEOPLE, [looks.votes(PEOPLE)], [looks.weight], [shown])
    return match.key if match else None


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param([(near(0.9), 0.8)], "jisoo", id="one good look"),
        pytest.param([(near(0.9), 0.1)], None, id="one poor look is not enough"),
        pytest.param([(near(0.9), 0.15)] * 3, "jisoo", id="several poor looks are"),
        pytest.param([(near(0.3), 0.9)] * 4, None, id="a stranger"),
        pytest.param(
            [(near(0.9), 0.9), (near(0.9, 1), 0.2), (near(0.9), 0.8)], "jisoo", id="one bad vote"
        ),
        pytest.param(
            [(near(0.9), 0.1), (near(0.95, 1), 0.9)], "rosé", id="the sharp look outweighs"
        ),
        pytest.param([], None, id="not looked at yet"),
    ],
)
def test_looks_vote_by_their_quality(
    seen: list[tuple[Embedding, float]], expected: str | None
) -> None:
    assert name(looks_of(*seen)) == expected


def test_a_name_is_upgraded_when_better_looks_come() -> None:
    looks = looks_of((near(0.3), 0.5))
    assert name(looks) is None
    looks.add(near(0.95), 1.0)
    looks.add(near(0.95), 1.0)
    assert name(looks) == "jisoo"


def test_a_shown_name_stays_a_little_below_the_threshold_and_not_further() -> None:
    just_below = looks_of((near(THRESHOLD - STAYING_BONUS / 2), 1.0))
    assert name(just_below) is None
    assert name(just_below, shown="jisoo") == "jisoo"
    far_below = looks_of((near(THRESHOLD - STAYING_BONUS * 2), 1.0))
    assert name(far_below, shown="jisoo") is None


def test_two_people_who_are_alike_do_not_flicker() -> None:
    shown: str | None = None
    changes = 0
    for frame in range(50):
        share = np.sqrt(0.5) + (0.01 if frame % 2 else -0.01)
        newest = name(looks_of((between(share), 1.0)), shown)
        changes += newest != shown
        shown = newest
    assert changes == 1


def test_a_clearly_nearer_person_takes_the_name_over() -> None:
    assert name(looks_of((between(0.85), 1.0)), shown="rosé") == "jisoo"


def test_nobody_is_named_twice_on_one_frame() -> None:
    both = [looks_of((near(0.7), 1.0)), looks_of((near(0.9), 1.0))]
    votes = [looks.votes(PEOPLE) for looks in both]
    names = choose_names(PEOPLE, votes, [1.0, 1.0], [None, None])
    assert [match.key if match else None for match in names] == [None, "jisoo"]


def test_the_name_goes_to_whom_it_fits_so_that_both_are_named() -> None:
    votes = [looks_of((between(0.75), 1.0)).votes(PEOPLE), looks_of((near(0.9), 1.0)).votes(PEOPLE)]
    names = choose_names(PEOPLE, votes, [1.0, 1.0], [None, None])
    assert [match.key if match else None for match in names] == ["rosé", "jisoo"]


def test_a_name_of_somebody_no_longer_enrolled_gives_no_bonus() -> None:
    assert name(looks_of((near(0.48), 1.0)), shown="who left") is None


def test_an_empty_gallery_names_nobody() -> None:
    nobody: Gallery[str] = Gallery([], np.zeros((0, 16), np.float32), THRESHOLD)
    looks = looks_of((person(0), 1.0))
    assert choose_names(nobody, [looks.votes(nobody)], [looks.weight], [None]) == [None]


def test_only_the_last_looks_are_kept() -> None:
    looks = looks_of(*[(person(1), 1.0)] * 5, *[(person(0), 1.0)] * MAX_LOOKS)
    assert looks.weight == MAX_LOOKS
    assert looks.count == MAX_LOOKS + 5
    assert looks.votes(PEOPLE) == pytest.approx([1.0, 0.0])


def test_the_mean_look_has_unit_length() -> None:
    mean = looks_of((person(0), 1.0), (person(1), 0.5)).embedding
    assert mean is not None
    assert np.linalg.norm(mean) == pytest.approx(1.0)
    assert mean[0] == pytest.approx(2 * mean[1])
    assert Looks().embedding is None


def test_enough_weight_is_less_than_one_perfect_look() -> None:
    assert 0 < ENOUGH_WEIGHT < 1
