"""From frames to moments: a planted peak is found, whatever the delays."""

from collections.abc import Sequence

import numpy as np
import pytest

from inference.engine.live.engine import LiveEngine
from inference.engine.models import Sighting
from inference.moments.taste import Taste
from inference.protocol.messages import MomentChosen
from inference.types import Embeddings, EmotionPrediction, RGBImage
from tests.inference.engine.fakes import FakeModels, frame, gallery, jpeg, picture

STAGE = (1, "stage")
RATE = 15
WANTED = Taste(is_wanted=True)
STEP_MS = 1000 / RATE


class Smiles(FakeModels):
    """Reads a smile from the brightness of a bar at the bottom of the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.readings = 0

    def read_emotions(self, sightings: Sequence[Sighting]) -> list[EmotionPrediction]:
        self.readings += len(sightings)
        shares = [float(image[-4:].mean()) / 100 for image, _ in sightings]
        return [
            EmotionPrediction(
                {"happy": share, "neutral": 1 - share}, "happy" if share > 0.5 else "neutral"
            )
            for share in shares
        ]


def smiling_picture(share: float, look: int = 3) -> RGBImage:
    """Draw somebody who smiles so much, 0 to 1, and looks in some way."""
    image = picture(("red", 160, 100))
    chance = np.random.default_rng(look)
    image[image > 200] -= chance.integers(0, 60, size=int((image > 200).sum()), dtype=np.uint8)
    image[-4:] = round(100 * share)
    return image


def smiling(share: float) -> bytes:
    """Encode ``smiling_picture``."""
    return jpeg(smiling_picture(share))


def open_engine(models: FakeModels | None = None, taste: Taste = WANTED) -> LiveEngine:
    engine = LiveEngine(models or Smiles())
    engine.open(STAGE, "fans", taste)
    engine.put_gallery(1, "fans", gallery("red", "green"))
    return engine


def moments_of(engine: LiveEngine) -> list[MomentChosen]:
    return [answer for _, answer in engine.step() if answer["type"] == "moment"]


def film(engine: LiveEngine, smiles: Sequence[float], rate: float = RATE) -> list[MomentChosen]:
    """Send frames as fast as they are read."""
    moments: list[MomentChosen] = []
    for number, share in enumerate(smiles):
        engine.submit(frame(smiling(share), number, captured_at=5e6 + number * 1000 / rate))
        moments += moments_of(engine)
    return moments


def smile(peak_ms: float, seconds: float, rate: float = RATE) -> list[float]:
    """Rise to a smile and fall again within about half a second."""
    at = np.arange(round(seconds * rate)) * 1000 / rate
    share = 0.05 + 0.9 * np.exp(-(((at - peak_ms) / 220) ** 2))
    return [float(value) for value in share]


def test_a_peak_becomes_a_moment_with_its_frame_its_person_and_its_reason() -> None:
    (moment,) = film(open_engine(), smile(2000, 4.5))
    assert moment["camera"] == "stage"
    assert moment["people"] == [{"person": "red", "name": "Red"}]
    assert moment["emotion"] == "happy"
    assert len(moment["key"]) == 32
    best = moment["frames"][0]
    assert best["frame"] == 30
    assert best["captured_at"] == pytest.approx(5e6 + 2000)
    assert (best["width"], best["height"]) == (320, 240)
    assert best["box"] == pytest.approx((136, 76, 184, 124), abs=3)
    assert best["terms"]["expression"] > 0.9
    assert "happy" in best["reason"]
    assert 2 <= len(moment["frames"]) <= 5


@pytest.mark.parametrize("delay_ms", [0, 300, 800])
@pytest.mark.parametrize("peak_ms", [1700, 1955, 2310, 2666])
def test_a_delay_of_network_and_inference_moves_no_peak(peak_ms: float, delay_ms: float) -> None:
    """Frames come late, and decisions lag; the choice comes while the ring of 3 s has the frame."""
    engine = open_engine()
    moments: list[tuple[float, MomentChosen]] = []
    for number, share in enumerate(smile(peak_ms, 5.0)):
        captured_at = number * STEP_MS
        engine.submit(frame(smiling(share), number, captured_at=captured_at))
        moments += [(captured_at + delay_ms, moment) for moment in moments_of(engine)]
    ((told_at, moment),) = moments
    best = moment["frames"][0]
    assert abs(best["captured_at"] - peak_ms) <= 100
    assert told_at - best["captured_at"] <= 3000


@pytest.mark.parametrize("phase_ms", [0, 100, 200, 300])
def test_the_peak_is_timed_between_frames_that_a_slow_network_lets_through(
    phase_ms: float,
) -> None:
    """Two frames under way and 800 ms there and back: one frame in 400 ms."""
    rate, peak_ms = 2.5, 2000.0 + phase_ms
    at = np.arange(14) * 1000 / rate
    shares = 0.05 + 0.9 * np.exp(-(((at - peak_ms) / 450) ** 2))
    (moment,) = film(open_engine(), [float(share) for share in shares], rate)
    assert moment["peak_at"] - 5e6 == pytest.approx(peak_ms, abs=100)


def test_without_a_wish_no_face_is_scored_and_no_moment_told() -> None:
    engine = open_engine(taste=Taste(is_wanted=False))
    assert film(engine, smile(2000, 4.5)) == []


def test_a_wish_may_come_and_go_while_the_camera_films() -> None:
    engine = open_engine(taste=Taste(is_wanted=False))
    assert film(engine, smile(1000, 3.0)) == []
    assert engine.set_taste(STAGE, WANTED) is None
    moments: list[MomentChosen] = []
    for number, share in enumerate(smile(2000, 4.5), start=45):
        engine.submit(frame(smiling(share), number, captured_at=5e6 + number * STEP_MS))
        moments += moments_of(engine)
    assert [moment["frames"][0]["frame"] for moment in moments] == [75]
    refused = engine.set_taste((1, "elsewhere"), WANTED)
    assert refused is not None
    assert refused["code"] == "not_open"


def test_a_swift_change_is_read_on_every_frame() -> None:
    """Half a second of change; about every second frame of the rest is read."""
    still, lively = Smiles(), Smiles()
    film(open_engine(still), [0.1] * 40)
    film(open_engine(lively), smile(1300, 40 / RATE))
    assert still.readings == 20
    assert lively.readings >= still.readings + 4


def test_a_stranger_makes_a_moment_only_where_anyone_may() -> None:
    for takes_anyone, expected in ((False, 0), (True, 1)):
        engine = open_engine(taste=Taste(takes_anyone=takes_anyone))
        engine.put_gallery(1, "fans", gallery("green", revision=2))
        moments = film(engine, smile(2000, 4.5))
        assert len(moments) == expected
        assert all(moment["people"] == [] for moment in moments)


class Resembling(Smiles):
    """Takes the face for somebody who is a little like red."""

    def embed(self, sightings: Sequence[Sighting]) -> Embeddings:
        rows = np.array([[0.82, 0.0, (1 - 0.82**2) ** 0.5]] * len(sightings), dtype=np.float32)
        return rows


@pytest.mark.parametrize("takes_anyone", [False, True])
def test_who_seems_to_be_a_star_makes_a_moment_that_is_filed_without_a_name(
    takes_anyone: bool,
) -> None:
    taste = Taste(is_wanted=True, takes_anyone=takes_anyone)
    engine = open_engine(Resembling(), taste)
    (moment,) = film(engine, smile(2000, 4.5))
    assert moment["people"] == []


def test_a_peak_in_the_last_second_is_told_when_the_stream_is_over() -> None:
    engine = open_engine()
    assert film(engine, smile(2000, 2.4)) == []
    assert engine.flush(STAGE) is None
    (moment,) = moments_of(engine)
    assert moment["frames"][0]["frame"] == 30
    engine.flush(STAGE)
    assert engine.step() == []


def test_the_end_waits_for_the_last_frame() -> None:
    engine = LiveEngine(Smiles(), max_batch=1)
    engine.put_gallery(1, "fans", gallery("red"))
    for camera in (STAGE, (1, "other")):
        engine.open(camera, "fans", WANTED)
    assert film(engine, smile(2000, 2.1)[:-1]) == []
    engine.submit(frame(smiling(0.1), 0, camera="other"))
    engine.submit(frame(smiling(0.97), 31, captured_at=5e6 + 31 * STEP_MS))
    engine.flush(STAGE)
    assert [camera for camera, _ in engine.step()] == [(1, "other")]
    answers = [answer for _, answer in engine.step()]
    assert [answer["type"] for answer in answers] == ["result", "moment"]
    assert answers[1]["type"] == "moment"
    assert answers[1]["frames"][0]["frame"] == 31


def test_a_stream_that_goes_on_after_its_end_is_watched_further() -> None:
    engine = open_engine()
    film(engine, smile(2000, 2.4))
    engine.flush(STAGE)
    assert len(moments_of(engine)) == 1
    moments: list[MomentChosen] = []
    for number, share in enumerate(smile(4000, 6.0), start=36):
        image = smiling_picture(share, look=4)
        engine.submit(frame(jpeg(image), number, captured_at=5e6 + number * STEP_MS))
        moments += moments_of(engine)
    assert [moment["frames"][0]["frame"] for moment in moments] == [96]


def test_nothing_is_told_at_the_end_of_a_stream_that_wants_nothing_any_more() -> None:
    engine = open_engine()
    film(engine, smile(2000, 2.4))
    engine.set_taste(STAGE, Taste(is_wanted=False))
    engine.flush(STAGE)
    assert engine.step() == []


def test_the_end_of_a_stream_that_is_not_open_is_refused() -> None:
    refused = open_engine().flush((1, "elsewhere"))
    assert refused is not None
    assert refused["code"] == "not_open"
