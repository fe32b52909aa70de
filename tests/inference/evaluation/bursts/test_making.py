"""Bursts are made worse in the ways that they say."""

import numpy as np
import pytest

from inference.evaluation.bursts.making import (
    BURST_FRAMES,
    blink,
    darker,
    defocus,
    half_hidden,
    make_burst,
    motion_blur,
    turned,
)
from inference.evaluation.moments import Judged, frame_sharpness, ranking
from inference.moments.measures import measure_face
from inference.moments.scoring import FaceState
from tests.inference.moments.drawn import draw_face, drawn_face
from tests.inference.moments.test_past import FACE


def chance() -> np.random.Generator:
    return np.random.default_rng(1)


def test_a_burst_has_eleven_frames_and_one_is_as_it_was() -> None:
    burst = make_burst(draw_face(), drawn_face(), None, chance())
    assert len(burst.frames) == len(burst.kinds) == BURST_FRAMES
    assert burst.kinds.count("untouched") == 1
    assert burst.kinds[burst.best] == "untouched"
    assert np.abs(burst.frames[burst.best].astype(int) - draw_face()).mean() < 6


def test_a_neutral_face_takes_the_place_of_one_frame() -> None:
    burst = make_burst(draw_face(), drawn_face(), draw_face(0.4), chance())
    assert burst.kinds.count("neutral") == 1
    assert len(burst.frames) == BURST_FRAMES


def test_the_same_chance_makes_the_same_burst() -> None:
    one, other = (make_burst(draw_face(), drawn_face(), None, chance()) for _ in range(2))
    assert one.kinds == other.kinds
    for frame, same in zip(one.frames, other.frames, strict=True):
        assert np.array_equal(frame, same)


@pytest.mark.parametrize("worse", [motion_blur, defocus])
def test_more_blur_leaves_less_detail(worse: object) -> None:
    assert callable(worse)
    image, face = draw_face(), drawn_face()
    details = []
    for strength in (0.0, 1.0):
        measures = measure_face(worse(image, face, strength, chance()), face)
        assert measures is not None
        details.append(measures.detail)
    untouched = measure_face(image, face)
    assert untouched is not None
    assert untouched.detail > details[0] > details[1]


def test_darker_frames_are_darker_and_closed_eyes_are_closed() -> None:
    image, face = draw_face(), drawn_face()
    assert darker(image, face, 1.0, chance()).mean() < darker(image, face, 0.0, chance()).mean()
    opened, closed = measure_face(image, face), measure_face(blink(image, face), face)
    assert opened is not None
    assert closed is not None
    assert closed.openness < 0.3 * opened.openness


@pytest.mark.parametrize("worse", [half_hidden, turned])
def test_only_the_face_is_changed(worse: object) -> None:
    assert callable(worse)
    image, face = draw_face(), drawn_face()
    changed = worse(image, face, 0.5, chance())
    x1, y1, x2, y2 = (round(side) for side in face.box)
    assert np.abs(changed.astype(int) - image)[y1:y2, x1:x2].mean() > 1
    assert np.array_equal(changed[:20], image[:20])
    assert np.array_equal(changed[:, :60], image[:, :60])


def test_a_head_that_is_turned_already_turns_further() -> None:
    image, face = draw_face(), drawn_face()
    face.landmarks[2, 0] += 10
    image[:, 199:202, 1] = 255
    moved = turned(image, face, 0.5, chance())
    green = np.flatnonzero(moved[150, :, 1] == 255)
    assert green.size == 0 or green.mean() > 205


def test_a_tie_counts_against_the_good_frame() -> None:
    state = FaceState({"neutral": 1.0})
    burst = Judged(0, ["untouched", "darker"], [(FACE, state)] * 2, [5, 5], [1, 2], False, False)
    assert ranking([burst], lambda one: one.widths)["top1"] == 0.0
    assert ranking([burst], lambda one: [2.0, 1.0]) == {"top1": 1.0, "top3": 1.0}


def test_a_blurred_frame_is_less_sharp() -> None:
    image = draw_face()
    assert frame_sharpness(defocus(image, drawn_face(), 1.0, chance())) < frame_sharpness(image)
