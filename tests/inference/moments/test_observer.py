import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from inference.moments.candidates import ChosenMoment, EarlierMoment
from inference.moments.observer import MOST_FACES, Observer, SeenFace, SeenFrame
from inference.moments.taste import Taste
from inference.types import Face
from tests.inference.moments.drawn import draw_face, drawn_face
from tests.inference.moments.faces import IRENE

IMAGE = draw_face()


def watch(observer: Observer, seconds: float, peak: float, **known: object) -> list[ChosenMoment]:
    """Film a drawn face that smiles at a time, at 15 fps."""
    moments: list[ChosenMoment] = []
    for number in range(round(seconds * 15)):
        time = number / 15
        happy = math.exp(-(((time - peak) / 0.3) ** 2))
        face = SeenFace(
            track=1,
            frames=number + 1,
            face=drawn_face(),
            star=IRENE,
            emotion="happy" if happy > 0.5 else "neutral",
            emotions={"happy": happy, "neutral": 1 - happy},
        )
        frame = SeenFrame(IMAGE, time, number, 1000 * time, 800, 640, scale=2.0)
        moments += observer.observe(frame, [replace(face, **known)])  # type: ignore[arg-type]
    return moments


def test_a_smile_of_a_face_is_a_moment_in_pixels_of_the_frame_as_sent() -> None:
    (moment,) = watch(Observer(Taste()), 4, peak=2.0)
    assert moment.best.time == pytest.approx(2.0, abs=0.07)
    assert moment.best.box == tuple(2 * side for side in drawn_face().box)
    assert (moment.best.width, moment.best.height) == (800, 640)
    assert moment.best.emotion == "happy"


def test_what_is_undecided_at_the_end_is_told_when_the_recording_ends() -> None:
    observer = Observer(Taste())
    assert watch(observer, 2.5, peak=2.0) == []
    assert [moment.stars for moment in observer.flush()] == [(IRENE,)]


def test_a_face_that_was_hardly_seen_is_no_moment() -> None:
    assert watch(Observer(Taste()), 4, peak=2.0, frames=2) == []


def test_a_face_that_the_edge_cuts_is_no_moment() -> None:
    face = drawn_face()
    cut = Face((-20.0, *face.box[1:]), face.score, face.landmarks)
    assert watch(Observer(Taste()), 4, peak=2.0, face=cut) == []


def test_landmarks_that_are_no_face_are_passed_over() -> None:
    broken = replace(drawn_face(), landmarks=np.full((5, 2), 100, np.float32))
    assert watch(Observer(Taste()), 4, peak=2.0, face=broken) == []


def test_without_an_emotion_network_a_calm_face_is_kept_now_and_then() -> None:
    observer = Observer(Taste())
    moments = watch(observer, 20, peak=2.0, emotion=None, emotions=None)
    assert len(moments) <= 1


def test_the_weights_of_the_taste_make_the_score() -> None:
    taste = Taste(weights={"expression": 1.0, "sharpness": 0.0} | _nothing())
    (moment,) = watch(Observer(taste), 4, peak=2.0)
    assert moment.best.score == pytest.approx(moment.best.terms["expression"])


def test_a_moment_that_was_chosen_before_keeps_its_distance() -> None:
    observer = Observer(Taste())
    observer.remember(EarlierMoment("irene", 0.5, 0.9))
    assert watch(observer, 4, peak=2.0) == []


def test_of_a_crowd_only_the_largest_faces_are_scored() -> None:
    observer = Observer(Taste(takes_anyone=True))
    sizes = [0.3 + index / 30 for index in range(MOST_FACES + 5)]
    crowd: Sequence[SeenFace] = [
        SeenFace(track, 9, drawn_face(scale)) for track, scale in enumerate(sizes)
    ]
    observer.observe(SeenFrame(IMAGE, 1.0, 1, 1000.0, 400, 320), crowd)
    assert set(observer._pasts) == set(range(5, MOST_FACES + 5))


def test_the_past_of_a_face_that_is_gone_is_forgotten() -> None:
    observer = Observer(Taste())
    watch(observer, 1, peak=0.5)
    observer.observe(SeenFrame(IMAGE, 20.0, 300, 20_000.0, 400, 320), [])
    assert observer._pasts == {}


def _nothing() -> dict[str, float]:
    names = ("eyes", "pose", "size", "exposure", "unhidden", "quality", "stillness")
    return dict.fromkeys(names, 0.0)
