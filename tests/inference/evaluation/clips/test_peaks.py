import numpy as np
import pytest

from inference.evaluation.bursts.sources import Source
from inference.evaluation.clips.making import HEIGHT, WIDTH
from inference.evaluation.clips.peaks import (
    APART_SECONDS,
    FLAW_SECONDS,
    FLAWS,
    SHOT_SECONDS,
    peak_frames,
    peak_shots,
    placed,
)
from inference.types import EmotionPrediction, Face

RATE = 8.0
POINTS = np.array([[80, 90], [120, 90], [100, 112], [84, 132], [116, 132]], dtype=np.float32)


def look(person, label, shade):
    """A photo of one face: a plain shade with dark eyes."""
    image = np.full((200, 200, 3), shade, np.uint8)
    for x, y in POINTS[:2].astype(int):
        image[y - 3 : y + 4, x - 3 : x + 4] = 20
    rest = "happy" if label == "neutral" else "neutral"
    emotions = EmotionPrediction({label: 0.9, rest: 0.1})
    return Source(person, image, Face((60, 60, 140, 160), 0.99, POINTS), emotions)


@pytest.fixture
def looks():
    return [
        look("lisa", "neutral", 90), look("lisa", "happy", 200), look("lisa", "surprised", 220),
        look("rose", "happy", 180), look("jisoo", "neutral", 100),
    ]  # fmt: skip


def test_each_expressive_photo_of_whoever_has_a_calm_one_peaks_once(looks):
    shots = peak_shots(looks, most=10, seed=1)
    assert [shot.person for shot in shots] == ["lisa", "lisa"]
    assert {int(shot.best[HEIGHT // 2, WIDTH // 2, 0]) for shot in shots} == {200, 220}
    assert len(peak_shots(looks, most=1, seed=1)) == 1


def test_the_same_seed_composes_the_same_film_and_another_seed_another(looks):
    def film(seed):
        return [image for _, image in peak_frames(peak_shots(looks, 1, seed), RATE, seed)]

    assert np.array_equal(film(1), film(1))
    assert not np.array_equal(film(1), film(2))


@pytest.mark.parametrize("seed", range(8))
def test_peak_and_flawed_copy_lie_within_their_shot_and_apart(looks, seed):
    for number, shot in enumerate(peak_shots(looks, 10, seed)):
        assert shot.start == number * SHOT_SECONDS
        assert abs(shot.peak - shot.flawed) >= APART_SECONDS
        for time in (shot.peak, shot.flawed):
            assert shot.start + 1 <= time <= shot.start + SHOT_SECONDS - 1
        assert shot.flaw in FLAWS
        assert shot.shown_at(shot.peak) == "peak"
        assert shot.shown_at(shot.flawed) == shot.flaw
        assert shot.shown_at(shot.flawed + FLAW_SECONDS) == "calm"


def test_the_expressive_face_is_seen_at_the_peak_and_only_flawed_elsewhere(looks):
    (shot,) = peak_shots(looks[:2], 1, seed=3)
    frames = dict(peak_frames([shot], RATE, seed=3))
    assert len(frames) == round(SHOT_SECONDS * RATE)
    for time, image in frames.items():
        assert image.shape == (HEIGHT, WIDTH, 3)
        is_bright = image[HEIGHT // 2, WIDTH // 2].mean() > 150
        if abs(time - shot.peak) < 0.2:
            assert is_bright
        elif shot.shown_at(time) == "calm" and abs(time - shot.peak) > 0.5:
            assert not is_bright


def test_a_flawed_copy_is_not_the_face_itself(looks):
    flaws = {shot.flaw: shot for seed in range(8) for shot in peak_shots(looks, 10, seed)}
    assert set(flaws) == set(FLAWS)
    for shot in flaws.values():
        assert np.abs(shot.worse.astype(int) - shot.best).max() > 40


def test_faces_of_every_size_come_to_lie_in_the_same_place(looks):
    image, face = placed(looks[0])
    for x, y in face.landmarks[:2].round().astype(int):
        assert image[y, x].max() < 40
    assert np.allclose([face.box[0] + face.box[2], face.box[1] + face.box[3]], [WIDTH, HEIGHT])
