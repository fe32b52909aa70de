"""What the clock of a camera is worth, by simulated exchanges: slow, lopsided, wrong, jumping."""

import asyncio
from dataclasses import dataclass
from random import Random

import pytest

from webapp.live.camera.clock import KEPT, MOST_OPEN, CameraClock
from webapp.live.messages import ClockAsked, ClockTold

HOUR = 3_600_000.0
NOW = 1_700_000_000_000.0


@dataclass
class World:
    """A server and a camera whose clock is behind by ``ahead`` milliseconds.

    Attributes:
        now: The server's true time.
    """

    ahead: float
    now: float = NOW

    def __post_init__(self) -> None:
        self.clock = CameraClock(lambda: self.now)

    def exchange(self, there: float, back: float, thinking: float = 0.0) -> None:
        """Ask, and have the answer come after these milliseconds on the way."""
        self.answer(self.clock.ask(), there, back, thinking)

    def answer(
        self, asked: ClockAsked, there: float, back: float, thinking: float = 0.0
    ) -> ClockTold:
        """Have a question answered."""
        self.now += there
        received = self.now - self.ahead
        self.now += thinking
        told: ClockTold = {
            "type": "clock",
            "exchange": asked["exchange"],
            "received_at": received,
            "sent_at": self.now - self.ahead,
        }
        self.now += back
        self.clock.hear(told)
        return told

    def frame(self, late: float) -> None:
        """Have a frame arrive that was taken so long ago."""
        self.clock.arrived(self.now - self.ahead - late)

    @property
    def error(self) -> float:
        """By how many milliseconds the clock is mistaken."""
        return abs(self.clock.ahead_ms - self.ahead)


@pytest.mark.parametrize(
    "ahead",
    [
        pytest.param(0.0, id="right"),
        pytest.param(9 * HOUR, id="hours behind"),
        pytest.param(-26 * HOUR, id="a day ahead"),
        pytest.param(NOW - 5000.0, id="counting from when the page was opened"),
    ],
)
def test_a_clock_may_be_wrong_by_any_time(ahead: float) -> None:
    world = World(ahead)
    world.exchange(40, 40)
    assert world.error < 0.01


def test_what_a_camera_thinks_before_it_answers_is_no_way() -> None:
    world = World(HOUR)
    world.exchange(20, 20, thinking=900)
    assert world.error < 0.01


@pytest.mark.parametrize(("there", "back"), [(0, 200), (200, 0), (150, 50)])
def test_lopsided_ways_mislead_by_half_of_the_round_trip_at_most(there: float, back: float) -> None:
    world = World(HOUR)
    world.exchange(there, back)
    assert world.error <= (there + back) / 2


def test_the_quickest_of_several_counts() -> None:
    world = World(-HOUR)
    for there, back in ((400, 90), (6, 8), (30, 700), (900, 900)):
        world.exchange(there, back)
    assert world.error <= 1.0


def test_among_noisy_ways_the_clock_is_known_to_a_few_milliseconds() -> None:
    rng = Random(7)  # noqa: S311 - no secret
    world = World(3 * HOUR)
    for _ in range(KEPT):
        world.exchange(10 + rng.expovariate(1 / 80), 10 + rng.expovariate(1 / 80))
    assert world.error < 60
    for _ in range(3 * KEPT):
        world.exchange(10 + rng.expovariate(1 / 80), 10 + rng.expovariate(1 / 80))
    assert world.error < 60, "however long it goes on"


def test_frames_tell_the_clock_until_a_question_is_answered() -> None:
    world = World(HOUR)
    assert world.clock.ahead_ms == world.now, "nothing is known: it counts from now"
    for late in (340, 120, 900):
        world.frame(late)
    assert world.error == pytest.approx(120)
    world.exchange(10, 10)
    assert world.error < 0.01


@pytest.mark.parametrize("jump", [2 * HOUR, -2 * HOUR, 700.0, -700.0])
def test_a_clock_that_jumps_is_measured_anew(jump: float) -> None:
    world = World(HOUR)
    for _ in range(5):
        world.exchange(15, 15)
    world.ahead += jump
    world.exchange(60, 60)
    assert world.error < 0.01, "a slow reading after the jump is worth more than quick ones before"


def test_a_frame_from_the_future_tells_of_a_jump_before_any_question_does() -> None:
    world = World(HOUR)
    world.exchange(15, 15)
    world.frame(30)
    world.ahead -= 2 * HOUR
    world.frame(30)
    assert world.error == pytest.approx(30)


def test_a_late_frame_is_no_jump() -> None:
    world = World(HOUR)
    world.exchange(15, 15)
    world.frame(5000)
    assert world.error < 0.01


def test_slow_drift_is_followed_without_beginning_anew() -> None:
    world = World(HOUR)
    for _ in range(5 * KEPT):
        world.ahead += 1.0
        world.exchange(20, 20)
    assert world.error <= KEPT


def test_answers_to_no_question_or_from_before_it_say_nothing() -> None:
    world = World(HOUR)
    told = world.answer(world.clock.ask(), 10, 10)
    known = world.clock.ahead_ms
    world.clock.hear(told)
    world.clock.hear({**told, "exchange": 99})
    asked = world.clock.ask()
    world.clock.hear({**told, "exchange": asked["exchange"], "sent_at": told["received_at"] - 1})
    asked = world.clock.ask()
    far = {"received_at": -1e9, "sent_at": 1e9}
    world.clock.hear({"type": "clock", "exchange": asked["exchange"], **far})
    assert world.clock.ahead_ms == known


def test_who_never_answers_leaves_nothing_behind_and_a_late_answer_is_passed_over() -> None:
    world = World(HOUR)
    first = world.clock.ask()
    for _ in range(MOST_OPEN):
        world.clock.ask()
    world.answer(first, 10, 10)
    assert world.clock.ahead_ms == world.now, "still nothing is known"


async def test_a_camera_is_asked_several_times_at_first_and_at_once_after_a_jump(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webapp.live.camera.clock.FIRST_PAUSE_SECONDS", 0)
    monkeypatch.setattr("webapp.live.camera.clock.FIRST_EXCHANGES", 3)
    world = World(HOUR)
    asked: asyncio.Queue[ClockAsked] = asyncio.Queue()
    work = asyncio.create_task(world.clock.work(asked.put_nowait))
    async with asyncio.timeout(5):
        for _ in range(4):
            world.answer(await asked.get(), 10, 10)
        world.ahead -= HOUR
        world.frame(10)
        again = [(await asked.get())["exchange"] for _ in range(4)]
    assert again == [5, 6, 7, 8]
    work.cancel()
