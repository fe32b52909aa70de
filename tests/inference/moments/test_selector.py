import itertools
import random
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.moments.candidates import Candidate, ChosenMoment, EarlierMoment, StarKey
from inference.moments.kept import KeptMoment, KeptMoments
from inference.moments.selector import (
    CALM_SECONDS,
    FIRST_SECONDS,
    MAX_ALTERNATES,
    WINDOW_SECONDS,
    Selector,
)
from inference.moments.taste import Taste
from tests.inference.moments.faces import IRENE, SEULGI, WENDY, candidate, choose, times

ANYONE = Taste(takes_anyone=True)
STARS = (IRENE, WENDY, SEULGI, None)


def selector(taste: Taste | None = None) -> Selector:
    return Selector(taste or Taste())


def hill(peak: float, height: float = 0.9, **known: object) -> list[Candidate]:
    """Three seconds of frames that are best at a time."""
    return [
        candidate(peak + step / 10, height - 0.02 * abs(step), **known)  # type: ignore[arg-type]
        for step in range(-15, 16)
    ]


def test_the_best_frame_of_a_window_is_chosen() -> None:
    (moment,) = choose(selector(), hill(2.0))
    assert moment.best.time == 2.0
    assert moment.stars == (IRENE,)


def test_a_choice_is_made_as_soon_as_its_window_has_passed() -> None:
    chooser = selector()
    for one in hill(2.0):
        chooser.add(one)
    assert chooser.advance(2.0 + WINDOW_SECONDS - 0.01) == []
    assert times(chooser.advance(2.0 + WINDOW_SECONDS)) == [2.0]
    assert chooser.advance(9.0) == []


def test_an_earlier_frame_wins_over_its_equal() -> None:
    plain = [candidate(step / 10, 0.6) for step in range(5)]
    equals = [candidate(1.0, 0.8), candidate(1.1, 0.8)]
    assert times(choose(selector(), plain + equals)) == [1.0]


def test_a_poor_instant_is_kept_for_nobody() -> None:
    assert choose(selector(), hill(2.0, 0.4)) == []


def calm_face(frames: int) -> list[Candidate]:
    """Return a face that hardly changes, ten times a second."""
    noise = np.random.default_rng(1).uniform(0, 0.02, frames)
    return [candidate(step / 10, 0.6 + noise[step]) for step in range(frames)]


def test_the_noise_of_a_calm_face_is_no_moment_until_its_star_had_none_for_long() -> None:
    kept = times(choose(selector(), calm_face(300)))
    assert FIRST_SECONDS <= kept[0] < CALM_SECONDS
    assert all(later - one >= CALM_SECONDS for one, later in itertools.pairwise(kept))
    assert len(kept) == 2


def test_a_short_calm_clip_gives_its_star_one_moment_and_a_passing_face_none() -> None:
    assert len(choose(selector(), calm_face(100))) == 1
    assert choose(selector(), calm_face(50)) == []


def test_a_calm_beginning_does_not_stand_in_the_way_of_a_peak() -> None:
    calm = [candidate(step / 10, 0.6) for step in range(20)]
    assert times(choose(selector(), [*calm, *hill(3.6)])) == [3.6]


def test_two_peaks_of_one_star_within_three_seconds_give_one_moment() -> None:
    frames = hill(2.0) + hill(4.9)
    assert times(choose(selector(), frames)) == [2.0]


def test_two_stars_have_moments_of_their_own() -> None:
    frames = hill(2.0) + hill(3.0, star=WENDY, track=2)
    assert [moment.stars for moment in choose(selector(), frames)] == [(IRENE,), (WENDY,)]


def test_somebody_unknown_counts_only_where_anyone_does() -> None:
    frames = hill(2.0, star=None)
    assert choose(selector(), frames) == []
    (moment,) = choose(selector(ANYONE), frames)
    assert moment.stars == ()


def test_a_face_that_gets_its_name_later_keeps_what_it_did_before() -> None:
    nameless = [candidate(1.0 + step / 10, 0.9 - step / 25, None) for step in range(8)]
    named = [candidate(1.8 + step / 10, 0.5) for step in range(8)]
    (moment,) = choose(selector(), nameless + named)
    assert moment.best.time == 1.0
    assert moment.stars == (IRENE,)


def test_a_stranger_who_is_lost_and_found_again_is_the_same_stranger() -> None:
    frames = hill(2.0, star=None, embedding=(1, 0)) + hill(
        4.5, star=None, track=2, embedding=(0.98, 0.199)
    )
    assert times(choose(selector(ANYONE), frames)) == [2.0]
    other = hill(2.0, star=None, embedding=(1, 0)) + hill(4.5, star=None, track=2, embedding=(0, 1))
    assert times(choose(selector(ANYONE), other)) == [2.0, 4.5]


def test_alternates_are_the_next_best_frames_and_not_neighbours() -> None:
    (moment,) = choose(selector(), hill(2.0))
    assert len(moment.frames) == 1 + MAX_ALTERNATES
    scores = [frame.score for frame in moment.frames]
    assert scores == sorted(scores, reverse=True)
    for one, other in itertools.combinations(moment.frames, 2):
        assert abs(one.time - other.time) >= 0.15
        assert abs(one.time - 2.0) <= WINDOW_SECONDS


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(8.0, id="a moment ago"),
        pytest.param(45.0, id="more than half a minute ago"),
        pytest.param(1800.0, id="half an hour ago"),
    ],
)
@pytest.mark.parametrize(
    "who",
    [
        pytest.param({}, id="a star"),
        pytest.param({"star": None, "embedding": (1, 0)}, id="a stranger"),
    ],
)
def test_a_look_that_was_kept_in_this_session_is_not_kept_again(
    later: float, who: dict[str, object]
) -> None:
    frames = hill(2.0, look=1, **who) + hill(later, look=1, **who)
    assert times(choose(selector(ANYONE), frames)) == [2.0]


def test_a_look_that_was_kept_before_this_selector_began_is_not_kept_again() -> None:
    (first,) = choose(selector(), hill(2.0, look=1))
    chooser = selector()
    chooser.remember(EarlierMoment("irene", 2.0, first.best.score, "happy", first.best.signature))
    frames = hill(90.0, look=1) + hill(100.0, look=2) + hill(110.0, star=WENDY, look=1)
    assert times(choose(chooser, frames)) == [100.0, 110.0]


def test_looks_are_remembered_in_bounds() -> None:
    """Of each star the newest, and the newest stars."""
    kept = KeptMoments(same_person=0.5)
    for number in range(3000):
        face = candidate(float(number), look=number)
        kept.add(StarKey(is_named=True, id=str(number % 300)), KeptMoment.of(face))
        kept.add(StarKey(is_named=True, id="irene"), KeptMoment.of(face))
        kept.forget(float(number))
    irene = StarKey(is_named=True, id="irene")
    assert len(kept) < 1500, "99 stars of 10 looks, 200 of Irene, and the last minute"
    assert kept.is_known(irene, candidate(3000.0, look=2999))
    assert not kept.is_known(irene, candidate(3000.0, look=1))


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({"look": 2}, id="another look"),
        pytest.param({"look": 1, "emotion": "surprised"}, id="another expression"),
        pytest.param({"look": 1, "height": 0.95}, id="much better"),
    ],
)
def test_what_differs_is_kept(again: dict[str, object]) -> None:
    frames = hill(2.0, 0.8, look=1) + hill(8.0, **again)  # type: ignore[arg-type]
    assert times(choose(selector(), frames)) == [2.0, 8.0]


def test_the_centre_does_not_take_all() -> None:
    taste = Taste(per_minute=3)
    frames = [one for peak in range(12) for one in hill(2.0 + 4 * peak)]
    assert len(choose(selector(taste), frames)) == 3


def test_the_second_half_of_a_quota_waits_for_something_better() -> None:
    taste = Taste(per_minute=4)
    heights = (0.8, 0.8, 0.7, 0.7, 0.9)
    frames = [one for at, height in enumerate(heights) for one in hill(2.0 + 4 * at, height)]
    assert times(choose(selector(taste), frames)) == [2.0, 6.0, 18.0]


def test_a_favourite_has_a_larger_share() -> None:
    taste = Taste(per_minute=3, favourites=frozenset({"irene"}))
    frames = [one for peak in range(12) for one in hill(2.0 + 4 * peak)]
    assert len(choose(selector(taste), frames)) == 6


def test_stars_who_peak_together_share_a_moment() -> None:
    frames = hill(2.0) + hill(2.3, star=WENDY, track=2)
    (moment,) = choose(selector(), frames)
    assert moment.stars == (IRENE, WENDY)
    assert 2.0 <= moment.best.time <= 2.3
    assert moment.best.box == (100.0, 20.0, 260.0, 100.0)


def test_stars_who_peak_one_after_the_other_do_not() -> None:
    frames = hill(2.0) + hill(2.8, star=WENDY, track=2)
    assert [moment.stars for moment in choose(selector(), frames)] == [(IRENE,), (WENDY,)]


def test_a_star_without_a_name_is_in_no_group() -> None:
    frames = hill(2.0) + hill(2.1, star=None, track=2)
    assert [moment.stars for moment in choose(selector(ANYONE), frames)] == [(IRENE,), ()]


def test_of_a_group_the_worst_eyes_count() -> None:
    """Wendy blinks on the frame that is best otherwise."""
    frames = [(1.0, 0.6, 1.0), (1.1, 0.6, 1.0), (2.0, 0.80, 0.0), (2.2, 0.79, 1.0)]
    both = [
        one
        for time, score, eyes in [*frames, (3.0, 0.6, 1.0)]
        for one in (
            candidate(time, score),
            candidate(time, score, WENDY, track=2, eyes=eyes),
        )
    ]
    (moment,) = choose(selector(), both)
    assert moment.best.time == 2.2


def test_what_comes_after_its_window_is_ignored() -> None:
    chooser = selector()
    chooser.advance(10.0)
    chooser.add(candidate(8.0, 0.9))
    assert chooser.flush() == []


def test_a_peak_just_before_the_end_is_chosen_then_and_once() -> None:
    chooser = selector()
    for one in hill(2.0)[:18]:
        chooser.add(one)
        assert chooser.advance(one.time) == []
    assert times(chooser.flush()) == [2.0]
    assert chooser.flush() == []


def test_a_stream_that_goes_on_after_its_end_keeps_its_distances_and_its_share() -> None:
    chooser = selector(Taste(per_minute=3))
    moments: list[ChosenMoment] = []
    for one in [one for peak in range(2, 40, 2) for one in hill(float(peak))[5:26]]:
        chooser.add(one)
        moments += chooser.advance(one.time) + chooser.flush()
    found = times(moments)
    assert 2 <= len(found) <= 3
    assert all(later - earlier >= 3 for earlier, later in itertools.pairwise(found))


appearances = st.lists(
    st.tuples(
        st.integers(0, 900),
        st.floats(0.0, 1.0),
        st.integers(0, len(STARS) - 1),
        st.sampled_from(["happy", "sad", None]),
    ),
    max_size=120,
    unique_by=lambda one: (one[0], one[2]),
)


def candidates(drawn: list[tuple[int, float, int, str | None]]) -> list[Candidate]:
    return [
        candidate(tenth / 10, score, STARS[star], track=star + 1, emotion=emotion, look=star)
        for tenth, score, star, emotion in drawn
    ]


def moments_by_star(moments: list[ChosenMoment]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for moment in moments:
        for star in moment.stars or (None,):
            found[star.person if star else "nobody"].append(moment.best.time)
    return found


@given(appearances, st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_no_star_has_two_moments_within_three_seconds_or_more_than_the_quota(
    drawn: list[tuple[int, float, int, str | None]], per_minute: int
) -> None:
    taste = Taste(takes_anyone=True, per_minute=per_minute)
    for chosen in moments_by_star(choose(selector(taste), candidates(drawn))).values():
        assert all(later - sooner >= 3.0 for sooner, later in itertools.pairwise(sorted(chosen)))
        for time in chosen:
            assert sum(time <= other < time + 60 for other in chosen) <= per_minute


@given(appearances, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_arrival_within_the_window_does_not_matter(
    drawn: list[tuple[int, float, int, str | None]], chance: random.Random
) -> None:
    frames = candidates(drawn)
    in_order, out_of_order = selector(ANYONE), selector(ANYONE)
    expected = choose(in_order, frames)
    moments: list[ChosenMoment] = []
    for start in range(0, 91):
        arriving = [one for one in frames if start <= one.time < start + 1]
        chance.shuffle(arriving)
        for one in arriving:
            out_of_order.add(one)
        moments += out_of_order.advance(start + 0.99)
    moments += out_of_order.flush()
    assert [(moment.stars, times([moment])) for moment in moments] == [
        (moment.stars, times([moment])) for moment in expected
    ]
