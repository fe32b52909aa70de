"""How the server learns a camera's clock from the frames that come in."""

from datetime import UTC, datetime
from typing import cast
from uuid import uuid4

import pytest

from webapp.live.camera import clock
from webapp.live.camera.capturing import Capturing
from webapp.live.camera.clock import FRAMES
from webapp.live.keeping import CameraTime, Filming, Keeper

pytestmark = pytest.mark.django_db(transaction=True)
NOW = 1_700_000_000.0


class Remembers:
    """A keeper that only remembers what time a moment was told with."""

    def __init__(self) -> None:
        self.times: list[CameraTime] = []

    def keep(self, _filming: Filming, _chosen: object, now: CameraTime) -> None:
        self.times.append(now)


async def ahead_after(lags_ms: list[float], monkeypatch: pytest.MonkeyPatch) -> float:
    """Return by how much the camera's clock is taken to be behind, after frames with these lags."""
    monkeypatch.setattr(clock.time, "time", lambda: NOW)
    keeper = Remembers()
    camera = Capturing(
        cast(Keeper, keeper), Filming(1, uuid4()), datetime.now(UTC), lambda _capture: None
    )
    for lag in lags_ms:
        camera.clock.arrived(1000 * NOW - lag)
    camera.chosen({})
    await camera.end()
    return keeper.times[0].ahead_ms


async def test_the_quickest_frame_tells_how_the_clocks_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a frame was late by on the network is no difference of clocks."""
    assert await ahead_after([340.0, 120.0, 900.0], monkeypatch) == pytest.approx(120.0)


async def test_a_clock_that_was_set_right_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    lags = [50.0] + [3_600_080.0] * FRAMES

    assert await ahead_after(lags, monkeypatch) == pytest.approx(3_600_080.0)


async def test_without_a_frame_the_camera_is_taken_to_count_from_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await ahead_after([], monkeypatch) == pytest.approx(1000 * NOW)
