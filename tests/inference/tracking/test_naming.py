import numpy as np
import pytest

from inference.recognition.gallery import Gallery
from inference.recognition.postprocessing import unchanged
from inference.tracking.naming import (
    ENOUGH_WEIGHT,
    STAYING_BONUS,
    SURE_MARGIN,
    Evidence,
    Name,
    choose_names,
    sure_threshold,
)
from inference.tracking.probe import Probe
from inference.types import Embedding
from tests.inference.tracking.faces import person

THRESHOLD = 0.5
PEOPLE = Gallery(["jisoo", "rosé"], np.stack([person(0), person(1)]), THRESHOLD)
SPACE = unchanged(16, THRESHOLD)


def between(share: float) -> Embedding:
    """Return a face that has this cosine to jisoo, and the rest to rosé."""
    row: Embedding = share * person(0) + np.float32(np.sqrt(1 - share**2)) * person(1)
    return row


def near(similarity: float, index: int = 0, rest: int = 9) -> Embedding:
    """Return a face that has this cosine to one person and none to the others."""
    row: Embedding = similarity * person(index) + np.float32(np.sqrt(1 - similarity**2)) * person(
        rest
    )
    return row


def looks_of(*seen: tuple[Embedding, float]) -> Probe:
    probe = Probe(SPACE)
    for embedding, quality in seen:
        probe.add(embedding, quality, 0.0)
    return probe


def evidence(probe: Probe, shown: Name[str] | None = None) -> Evidence[str]:
    if probe.raw is None:
        return Evidence.of(probe, np.full(2, -1.0, np.float32), shown)
    return Evidence.of(probe, PEOPLE.similarities(probe.raw[None])[0], shown)


def name_of(probe: Probe, shown: Name[str] | None = None) -> Name[str] | None:
    return choose_names(PEOPLE, [evidence(probe, shown)])[0]


def name(probe: Probe, shown: str | None = None) -> str | None:
    match = name_of(probe, Name(shown, 0.5, is_sure=False) if shown else None)
    return match.key if match else None


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param([(near(0.9), 0.8)], "jisoo", id="one good look"),
        pytest.param([(near(0.9), 0.1)], None, id="one poor look is not enough"),
        pytest.param([(near(0.9), 0.15)] * 3, "jisoo", id="several poor looks are"),
        pytest.param([(near(0.3), 0.9)] * 4, None, id="a stranger"),
        pytest.param(
            [(between(0.9), 0.2), (between(0.4), 0.9)], "rosé", id="the sharp look outweighs"
        ),
        pytest.param([], None, id="not looked at yet"),
    ],
)
def test_a_track_is_named_by_the_mean_of_its_looks(
    seen: list[tuple[Embedding, float]], expected: str | None
) -> None:
    assert name(looks_of(*seen)) == expected


def test_a_name_is_upgraded_when_better_looks_come() -> None:
    looks = looks_of((near(0.4), 0.5))
    assert name(looks) is None
    looks.add(near(0.95), 1.0, 0.0)
    looks.add(near(0.95), 1.0, 0.0)
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
    names = choose_names(PEOPLE, [evidence(looks) for looks in both])
    assert [match.key if match else None for match in names] == [None, "jisoo"]


def test_the_name_goes_to_whom_it_fits_so_that_both_are_named() -> None:
    both = [looks_of((between(0.75), 1.0)), looks_of((near(0.9), 1.0))]
    names = choose_names(PEOPLE, [evidence(looks) for looks in both])
    assert [match.key if match else None for match in names] == ["rosé", "jisoo"]


def test_a_name_of_somebody_no_longer_enrolled_gives_no_bonus() -> None:
    assert name(looks_of((near(0.48), 1.0)), shown="who left") is None


def test_an_empty_gallery_names_nobody() -> None:
    nobody: Gallery[str] = Gallery([], np.zeros((0, 16), np.float32), THRESHOLD)
    looks = looks_of((person(0), 1.0))
    assert choose_names(nobody, [Evidence.of(looks, np.zeros(0, np.float32), None)]) == [None]


def test_enough_weight_is_less_than_one_perfect_look() -> None:
    assert 0 < ENOUGH_WEIGHT < 1


def test_a_stranger_whose_single_look_resembles_somebody_is_not_surely_named() -> None:
    single = looks_of((near(THRESHOLD + SURE_MARGIN - 0.02), 1.0))
    first = name_of(single)
    assert first == Name("jisoo", pytest.approx(THRESHOLD + SURE_MARGIN - 0.02), is_sure=False)


def test_a_stranger_whose_looks_resemble_different_people_is_not_named_at_all() -> None:
    looks = looks_of((near(0.55), 1.0), (near(0.55, 1), 1.0))
    assert name(looks) is None


def test_the_same_nearness_is_sure_once_there_are_enough_looks() -> None:
    similarity = THRESHOLD + 0.6 * SURE_MARGIN
    sure = [
        named.is_sure
        for count in (1, 2, 3, 4)
        if (named := name_of(looks_of(*[(near(similarity), 1.0)] * count)))
    ]
    assert sure == [False, False, True, True]


def test_looks_that_err_apart_make_a_sure_name_that_none_of_them_would() -> None:
    looks = [near(0.55, rest=rest) for rest in (6, 7, 8, 9)]
    alone = [name_of(looks_of((look, 1.0))) for look in looks]
    together = name_of(looks_of(*[(look, 1.0) for look in looks]))
    assert [named.is_sure if named else None for named in alone] == [False] * 4
    assert together is not None
    assert (together.key, together.is_sure) == ("jisoo", True)


def test_a_sure_name_is_a_question_again_only_where_the_mean_no_longer_supports_it() -> None:
    sure = Name("jisoo", 0.9, is_sure=True)
    still = name_of(looks_of((near(THRESHOLD + 0.01), 1.0)), sure)
    asked = name_of(looks_of((near(THRESHOLD - 0.01), 1.0)), sure)
    assert still is not None
    assert still.is_sure
    assert asked is not None
    assert not asked.is_sure


def test_a_name_that_is_taken_over_has_to_become_sure_by_itself() -> None:
    taken = name_of(looks_of((near(THRESHOLD + 0.05), 1.0)), Name("rosé", 0.9, is_sure=True))
    assert taken is not None
    assert (taken.key, taken.is_sure) == ("jisoo", False)


def test_after_a_cut_a_sure_name_is_a_question_until_the_next_look() -> None:
    looks = looks_of(*[(near(0.9), 1.0)] * 4)
    sure = Name("jisoo", 0.9, is_sure=True)
    looks.doubt()
    doubted = name_of(looks, sure)
    assert doubted is not None
    assert not doubted.is_sure
    looks.add(near(0.9), 1.0, 0.0)
    again = name_of(looks, doubted)
    assert again is not None
    assert again.is_sure


def test_less_than_one_look_is_no_surer_than_one() -> None:
    assert sure_threshold(0.5, 0.2) == sure_threshold(0.5, 1.0) == 0.5 + SURE_MARGIN
