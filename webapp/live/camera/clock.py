"""How the clock of one camera stands to the server's, measured through its own socket.

A phone's clock may be wrong by hours, and a page's counts from when it was opened. Moments of two
cameras lie on one time axis only if each is known; so the server asks, and the camera answers with
when it heard that and when it answered (the four stamps of NTP).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from webapp.live.messages import ClockAsked, ClockTold

FIRST_EXCHANGES = 6
FIRST_PAUSE_SECONDS = 0.5
PAUSE_SECONDS = 15.0
"""Clocks of phones drift by a few ms in a minute."""
KEPT = 12
"""Readings of the last three minutes, of which the quickest counts."""
MOST_OPEN = 4
"""Questions that may be unanswered; an answer to an older one says little."""
FRAMES = 64
"""Frames over which the quickest arrival tells how a clock stands that answers no question."""
DRIFT_MS = 50.0
"""Beyond its bounds by more than this a clock has not drifted but jumped."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One exchange: nothing arrives before it was sent, so the difference lies in between.

    Attributes:
        least: Of what has to be added to the camera's milliseconds to get the server's, since 1970.
        most: As above; the same as ``least`` only if nothing took any time.
    """

    least: float
    most: float

    @property
    def ahead_ms(self) -> float:
        """The middle, as if both ways took equally long; wrong by half of ``width`` at most."""
        return (self.least + self.most) / 2

    @property
    def width(self) -> float:
        """The round trip, without the time in which the camera thought."""
        return self.most - self.least

    def contradicts(self, other: "Reading") -> bool:
        """Whether no one clock can have given both."""
        return self.least > other.most + DRIFT_MS or other.least > self.most + DRIFT_MS


class CameraClock:
    """Asks a camera for its time and knows what its milliseconds mean. Belongs to one event loop.

    Args:
        now: The server's time in milliseconds since 1970.
    """

    def __init__(self, now: Callable[[], float] = lambda: 1000 * time.time()) -> None:
        self._now = now
        self._readings: deque[Reading] = deque(maxlen=KEPT)
        self._asked: dict[int, float] = {}
        self._exchange = 0
        self._lags: deque[float] = deque(maxlen=FRAMES)
        self._jumped = asyncio.Event()

    @property
    def ahead_ms(self) -> float:
        """What to add to the camera's milliseconds; by its frames while it answers no question."""
        if self._readings:
            return min(self._readings, key=lambda one: one.width).ahead_ms
        return min(self._lags, default=self._now())

    def ask(self) -> ClockAsked:
        """Return the next question, as it is sent now."""
        self._exchange += 1
        self._asked[self._exchange] = self._now()
        self._asked.pop(self._exchange - MOST_OPEN, None)
        return {"type": "clock", "exchange": self._exchange}

    def hear(self, told: ClockTold) -> None:
        """Take an answer; one to no question, or that took less than no time, says nothing."""
        asked = self._asked.pop(told["exchange"], None)
        if asked is None or told["sent_at"] < told["received_at"]:
            return
        reading = Reading(asked - told["received_at"], self._now() - told["sent_at"])
        if reading.width < 0:
            return
        if any(reading.contradicts(one) for one in self._readings):
            self._forget()
        self._readings.append(reading)

    def arrived(self, captured_at: float) -> None:
        """Note that a frame came; one from the future shows that the clock has jumped."""
        lag = self._now() - captured_at
        if self._readings and lag < max(one.least for one in self._readings) - DRIFT_MS:
            self._forget()
        self._lags.append(lag)

    async def work(self, put: Callable[[ClockAsked], None]) -> None:
        """Ask some times at first and after a jump, then now and then, while the socket lives."""
        while True:
            self._jumped.clear()
            for _ in range(FIRST_EXCHANGES):
                put(self.ask())
                await asyncio.sleep(FIRST_PAUSE_SECONDS)
            while not self._jumped.is_set():
                put(self.ask())
                await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(PAUSE_SECONDS):
                await self._jumped.wait()
        except TimeoutError:
            return

    def _forget(self) -> None:
        """Begin anew: what was measured before a jump is true no more."""
        self._readings.clear()
        self._lags.clear()
        self._asked.clear()
        self._jumped.set()
