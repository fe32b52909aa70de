from pathlib import Path

import numpy as np
import pytest

from inference.evaluation.clips.peaks import PeakShot
from inference.evaluation.film import REFERENCES
from inference.evaluation.peaks import cast_peaks, count, shares
from inference.moments.candidates import Candidate, ChosenMoment, Star

BLANK = np.zeros((2, 2, 3), np.uint8)
SHOTS = [
    PeakShot("lisa", 0.0, 1.5, 4.0, "blurred", BLANK, BLANK, BLANK),
    PeakShot("rose", 6.0, 10.5, 7.5, "eyes closed", BLANK, BLANK, BLANK),
]


def moment(time, name=None):
    star = Star(name, name) if name else None
    face = Candidate(
        time=time, number=0, captured_at=0.0, track=1, star=star, score=0.5, terms={}, reason="",
        box=(0, 0, 1, 1), width=2, height=2, emotion=None, emotions={},
        signature=np.zeros(1, np.float32),
    )  # fmt: skip
    return ChosenMoment((star,) if star else (), (face,), 0.0)


def counted(*moments):
    return {name: number for name, number in count(SHOTS, moments).items() if number}


@pytest.mark.parametrize(
    ("time", "is_kept"), [(1.0, True), (2.0, True), (0.9, False), (2.1, False)]
)
def test_a_peak_is_kept_by_a_moment_within_half_a_second(time, is_kept):
    assert counted(moment(time)).get("peaks_kept", 0) == is_kept


@pytest.mark.parametrize("time", [4.1, 7.5])
def test_a_moment_of_the_flawed_copy_is_flawed(time):
    assert counted(moment(time)) == {"shots": 2, "moments": 1, "flawed": 1}


def test_a_second_moment_of_the_same_look_is_near_equal_and_one_of_another_look_is_not():
    assert counted(moment(1.4), moment(3.0)).get("near_equal", 0) == 0
    assert counted(moment(0.2), moment(3.0))["near_equal"] == 1
    assert counted(moment(1.4), moment(10.4)) == {"shots": 2, "moments": 2, "peaks_kept": 2}


def test_one_peak_is_kept_once_however_many_moments_it_has():
    found = counted(moment(1.4), moment(1.6))
    assert (found["peaks_kept"], found["near_equal"]) == (1, 1)


def test_names_are_counted_and_wrong_ones_too():
    found = counted(moment(1.5, "lisa"), moment(10.5, "lisa"))
    assert (found["named"], found["named_wrong"]) == (2, 1)


def test_the_shares_are_of_peaks_and_of_moments_and_nothing_has_none():
    counts = count(SHOTS, [moment(1.5), moment(4.0)])
    assert shares(counts) == {"kept_share": 0.5, "unwanted_share": 0.5}
    assert shares(count(SHOTS, [])) == {"kept_share": 0.0, "unwanted_share": 0.0}


def test_no_reference_is_shown_and_everybody_is_enrolled():
    people = {name: [Path(f"{name}{n}.jpg") for n in range(9)] for name in ("lisa", "rose")}
    references, shown = cast_peaks(people, seed=1)
    for name, photos in people.items():
        assert len(references[name]) == REFERENCES
        assert sorted([*references[name], *shown[name]]) == photos
