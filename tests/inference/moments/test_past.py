from dataclasses import replace

import numpy as np
import pytest

from inference.moments.measures import CHROMA_SIDE, SIGNATURE_SIDE, FaceMeasures
from inference.moments.past import PAST_SECONDS, Past

LOOK = np.ones(SIGNATURE_SIDE**2, dtype=np.float32)
SKIN = np.zeros((CHROMA_SIDE, CHROMA_SIDE, 2), dtype=np.float32)
FACE = FaceMeasures(12.0, 40.0, 0.3, 0.1, 0.05, 120.0, 0.0, 0.08, 0.4, LOOK, SKIN)


def test_before_the_first_frame_nothing_is_usual() -> None:
    assert Past().usual() is None


def test_a_short_peak_does_not_change_what_is_usual() -> None:
    past = Past()
    for step in range(60):
        past.add(step / 15, 0.9 if 30 <= step < 40 else 0.1, FACE)
    usual = past.usual()
    assert usual is not None
    assert usual.intensity == pytest.approx(0.1)


def test_what_lasts_becomes_usual() -> None:
    past = Past()
    for step in range(120):
        past.add(step / 15, 0.1 if step < 60 else 0.9, FACE)
        past.usual()
    usual = past.usual()
    assert usual is not None
    assert usual.intensity == pytest.approx(0.9)


def test_what_is_older_than_five_seconds_is_forgotten() -> None:
    past = Past()
    past.add(0.0, 1.0, FACE)
    past.add(PAST_SECONDS + 0.1, 0.2, FACE)
    usual = past.usual()
    assert usual is not None
    assert usual.intensity == pytest.approx(0.2)


def test_open_eyes_are_usual_even_for_somebody_who_blinks_a_lot() -> None:
    past = Past()
    for step in range(30):
        past.add(step / 15, 0.0, replace(FACE, openness=0.3 if step % 3 else 0.02))
    usual = past.usual()
    assert usual is not None
    assert usual.openness == pytest.approx(0.3)


def test_memory_is_fixed_however_fast_frames_come() -> None:
    past = Past()
    for step in range(5000):
        past.add(step / 2000, 0.0, FACE)
    assert len(past._entries) == 160
