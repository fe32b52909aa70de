"""Masks for the portrait preview: where they are wanted, as often as there is time."""

import threading
import time
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.engine.live.engine import LiveEngine
from inference.engine.live.portraits import (
    LONGEST_PAUSE_SECONDS,
    Portraits,
    portrait_mask,
    run_lengths,
    with_heads,
)
from inference.protocol.messages import PortraitMask, Result
from inference.types import RGBImage
from tests.inference.engine.fakes import FakeModels, frame, jpeg, picture

PICTURE = jpeg(picture(("red", 160, 120)))


def decoded(mask: PortraitMask) -> NDArray[np.uint8]:
    """Undo the runs."""
    pairs = np.frombuffer(b64decode(mask["runs"]), np.uint8).reshape(-1, 2)
    levels = np.repeat(pairs[:, 0], pairs[:, 1])
    return levels.reshape(mask["height"], mask["width"])


class Clock:
    """A clock that a network moves on by what it costs."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Network:
    """Takes time by the clock of the test."""

    def __init__(self, clock: Clock, cost: float) -> None:
        self.clock, self.cost = clock, cost
        self.passes = 0

    def preview(self, image: RGBImage) -> NDArray[np.float32]:
        """Find somebody everywhere."""
        self.passes += 1
        self.clock.seconds += self.cost
        return np.ones((9, 16), np.float32)


def engine_with(network: Network, cameras: int = 1) -> LiveEngine:
    """An engine whose portrait network is ready."""
    engine = LiveEngine(FakeModels())
    for camera in range(cameras):
        engine.open((1, str(camera)))
    asked = threading.Event()

    def when_asked() -> Network:
        asked.wait(10)
        return network

    engine.portraits = Portraits(when_asked, network.clock)
    film(engine, 0, cameras)
    asked.set()
    deadline = time.monotonic() + 10
    while engine.portraits._segmenter is None and time.monotonic() < deadline:
        time.sleep(0.005)
    network.passes = 0
    return engine


def film(
    engine: LiveEngine, number: int, cameras: int = 1, label: str = "portrait"
) -> list[Result]:
    """Send a frame of each camera; return the results."""
    for camera in range(cameras):
        sent = frame(PICTURE, number, camera=str(camera))
        engine.submit(replace(sent, want=frozenset({label})))
    results: list[Result] = []
    while answers := engine.step():
        results += [answer for _, answer in answers if answer["type"] == "result"]
    return results


def seconds_of_masks(network: Network, seconds: float, cameras: int = 1) -> dict[str, list[float]]:
    """Film at 15 fps for a while; return when each camera got a mask."""
    engine = engine_with(network, cameras)
    got: dict[str, list[float]] = {str(camera): [] for camera in range(cameras)}
    started, number = network.clock.seconds, 0
    while network.clock.seconds < started + seconds:
        number += 1
        for result in film(engine, number, cameras):
            if result.get("portrait", {}).get("state") == "ready":
                got[result["camera"]].append(network.clock.seconds - started)
        network.clock.seconds += 1 / 15
    return got


def test_a_mask_covers_what_stands_out_and_nothing_else() -> None:
    engine = LiveEngine(FakeModels())
    engine.open((1, "0"))
    deadline = time.monotonic() + 10
    states = []
    while time.monotonic() < deadline:
        (result,) = film(engine, len(states))
        states.append(result["portrait"]["state"])
        if states[-1] == "ready":
            break
        assert states[-1] == "loading"
        time.sleep(0.01)
    levels = decoded(result["portrait"])
    assert levels.shape == (60, 80)
    assert levels[30, 40] == 255
    assert levels[5, 5] == levels[55, 75] == 0


def test_who_does_not_ask_gets_no_mask_and_loads_no_network() -> None:
    loaded = threading.Event()
    engine = LiveEngine(FakeModels())
    engine.open((1, "0"))
    engine.portraits = Portraits(lambda: loaded.set() or FakeModels())  # type: ignore[func-returns-value]
    (result,) = film(engine, 1, label="names")
    assert "portrait" not in result
    assert not loaded.is_set()


def test_a_missing_network_is_told() -> None:
    engine = LiveEngine(FakeModels(missing=["portrait"]))
    engine.open((1, "0"))
    deadline = time.monotonic() + 10
    state = ""
    while state != "missing" and time.monotonic() < deadline:
        (result,) = film(engine, 1)
        state = result["portrait"]["state"]
    assert state == "missing"


def test_masks_take_a_quarter_of_the_time() -> None:
    network = Network(Clock(), cost=0.05)
    (times,) = seconds_of_masks(network, 10).values()
    assert 0.15 < 0.05 * len(times) / 10 <= 0.25


def test_a_costly_network_is_asked_less_often() -> None:
    (quick,) = seconds_of_masks(Network(Clock(), cost=0.02), 10).values()
    (costly,) = seconds_of_masks(Network(Clock(), cost=0.15), 10).values()
    assert len(costly) < len(quick) / 3


def test_several_cameras_take_turns() -> None:
    got = seconds_of_masks(Network(Clock(), cost=0.03), 10, cameras=4)
    counts = [len(times) for times in got.values()]
    assert min(counts) >= 0.8 * max(counts) > 0


def test_a_network_that_is_too_slow_says_so_and_leaves_the_time_to_the_faces() -> None:
    network = Network(Clock(), cost=0.5)
    engine = engine_with(network)
    (result,) = film(engine, 1)
    assert result["portrait"] == {"state": "slow", "width": 0, "height": 0, "runs": ""}
    for number in range(2, 60):
        network.clock.seconds += LONGEST_PAUSE_SECONDS / 15
        film(engine, number)
    assert network.passes == 1


def test_after_a_while_a_slow_network_gets_another_chance() -> None:
    network = Network(Clock(), cost=0.5)
    engine = engine_with(network)
    film(engine, 1)
    network.cost = 0.02
    network.clock.seconds += 20
    (result,) = film(engine, 2)
    assert result["portrait"]["state"] == "ready"


def test_a_known_face_is_never_blurred_even_if_the_network_does_not_see_the_person() -> None:
    nobody = np.zeros((100, 200), np.float32)
    sure = with_heads(nobody, np.array([[0.4, 0.3, 0.6, 0.6]]))
    assert sure[35:57, 88:112].min() == 1.0, "the face"
    assert sure[25, 100] == 1.0, "the hair"
    assert sure[50, 30] == sure[95, 100] == sure[50, 180] == 0.0
    assert nobody.max() == 0.0, "the input is not changed"


def test_heads_take_nothing_away_from_what_the_network_sees() -> None:
    seen = np.random.default_rng(3).random((40, 60)).astype(np.float32)
    sure = with_heads(seen, np.array([[0.2, 0.2, 0.3, 0.4], [0.9, 0.9, 1.3, 1.4]]))
    assert (sure >= seen).all()
    assert np.array_equal(with_heads(seen, np.zeros((0, 4))), seen)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        pytest.param([[7]], [7, 1], id="one pixel"),
        pytest.param([[0, 0, 9]], [0, 2, 9, 1], id="two runs"),
        pytest.param([[1, 1], [1, 2]], [1, 3, 2, 1], id="runs go on in the next row"),
        pytest.param([[5] * 255], [5, 255], id="just fits"),
        pytest.param([[5] * 256], [5, 255, 5, 1], id="one too many"),
        pytest.param([[5] * 600, [6] * 600], [5, 255] * 2 + [5, 90] + [6, 255] * 2 + [6, 90],
                     id="long runs are cut"),
    ],
)  # fmt: skip
def test_runs(levels: list[list[int]], expected: list[int]) -> None:
    assert list(run_lengths(np.array(levels, np.uint8))) == expected


def test_an_edge_stays_soft_and_the_rest_is_flat() -> None:
    ramp = np.tile(np.linspace(0, 1, 101, dtype=np.float32), (3, 1))
    levels = decoded(portrait_mask(ramp))
    assert levels[0, 0] == levels[2, 20] == 0
    assert levels[0, 80] == levels[1, 100] == 255
    assert 100 < levels[1, 50] < 155
    assert (np.diff(levels[1].astype(int)) >= 0).all()


def test_a_mask_of_a_camera_picture_is_a_few_kilobytes() -> None:
    y, x = np.mgrid[0:128, 0:224]
    person = 1 / (1 + np.exp((np.hypot((x - 112) / 1.2, y - 90) - 50) / 2))
    mask = portrait_mask(person.astype(np.float32))
    assert len(mask["runs"]) < 4000
