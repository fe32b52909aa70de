"""Where a face will be next, if it goes on as it did."""

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]

_NEWEST_SHARE = 0.5
"""Of a new velocity in the kept one: heads change direction within a few frames."""

_LONGEST_FLIGHT_SECONDS = 0.3
"""A face that is not seen is not believed to move on for longer."""


class ConstantVelocity:
    """A box whose centre and size change evenly.

    Measurements are taken as they are, because the network that makes them errs by little; only
    the velocity is averaged.

    Args:
        box: Where the face is first seen.
        time: When, in seconds.
        drift: How fast it is believed to move at first, ``(2,)`` pixels per second.
    """

    def __init__(self, box: Box, time: float, drift: NDArray[np.float64] | None = None) -> None:
        self._state = _centre_and_size(box)
        self._velocity = np.zeros(4)
        if drift is not None:
            self._velocity[:2] = drift
        self._time = time

    @property
    def drift(self) -> NDArray[np.float64]:
        """How fast the centre moves, ``(2,)`` pixels per second."""
        return self._velocity[:2]

    def observe(self, box: Box, time: float) -> None:
        """Take a new measurement; one at the same time as the last replaces its place only."""
        state = _centre_and_size(box)
        elapsed = time - self._time
        if elapsed > 1e-6:
            newest = (state - self._state) / elapsed
            self._velocity += _NEWEST_SHARE * (newest - self._velocity)
        self._state, self._time = state, time

    def predict(self, time: float) -> Box:
        """Return the box expected at a time; the size never falls below half of the last one."""
        elapsed = min(max(time - self._time, 0.0), _LONGEST_FLIGHT_SECONDS)
        centre, size = np.split(self._state + elapsed * self._velocity, 2)
        size = np.maximum(size, self._state[2:] / 2)
        x1, y1, x2, y2 = np.concatenate([centre - size / 2, centre + size / 2]).tolist()
        return (x1, y1, x2, y2)


def _centre_and_size(box: Box) -> NDArray[np.float64]:
    corners = np.asarray(box, dtype=np.float64)
    return np.concatenate([(corners[:2] + corners[2:]) / 2, corners[2:] - corners[:2]])
