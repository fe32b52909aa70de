"""Where a tall window goes that follows one star through a film: smooth, ahead of her, never late.

The whole path is known before the first picture is cut, so the window begins to move before the
star does. Around where she is seen there is a corridor that the window may not leave without
cutting her head; the path is the smoothest one found in it, by smoothing and pressing back into the
corridor in turns (projections onto convex sets). Where she is lost for long the window opens to the
widest cut and rests, so that whatever happens there is seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TALL = 9 / 16
"""Width by height of a fancam."""
FACE_SHARE = 0.13
"""Wanted height of the face, of the window's: the star from her head to her knees."""
LEAST_HEIGHT = 720
"""Pixels of the source that a window keeps at least; nearer is only blur."""
HEAD_ROOM, CHIN_ROOM, SIDE_ROOM = 0.6, 0.3, 0.4
"""Around the box of a face, in its heights and (beside it) widths: must be in the window too."""
FACE_LINE = 0.3
"""How far down in the window the middle of the face rests, where there is a choice."""
LEAD_SECONDS, MOST_LEAD = 0.4, 0.12
"""How far ahead of a moving star the window looks, and of the window's width at most."""
BRIDGED_SECONDS = 1.5
"""A shorter gap between two sightings is crossed as if she had been seen; a longer is a loss."""
EASE_SECONDS = 0.55
"""Sigma of the smoothing; the window takes about twice as long to follow a jump."""
ZOOM_EASE_SECONDS = 0.9
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where the star was on one looked-at picture.

    Attributes:
        time: In seconds of the film.
        box: ``x1, y1, x2, y2`` in pixels of the upright picture; ``None`` where she was not found.
    """

    time: float
    box: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """The window over time.

    Attributes:
        times: ``(T,)`` in seconds, rising.
        windows: ``(T, 4)`` left, top, width and height in pixels of the upright picture.
        is_seen: ``(T,)`` whether the star was seen then, or within a bridged gap.
        faces: ``(T, 4)`` her box ``x1 y1 x2 y2``; meaningless where she was not seen.
    """

    times: Floats
    windows: Floats
    is_seen: Bools
    faces: Floats

    def at(self, time: float) -> tuple[float, float, float, float]:
        """Return the window at a time; before and after, the first and the last."""
        left, top, width, height = (
            float(np.interp(time, self.times, side)) for side in self.windows.T
        )
        return left, top, width, height


def widest(width: int, height: int) -> tuple[float, float]:
    """Return width and height of the largest tall window in a picture, in pixels."""
    if width / height >= TALL:
        return height * TALL, float(height)
    return float(width), width / TALL


def plan(sightings: Sequence[Sighting], size: tuple[int, int], times: npt.ArrayLike) -> Path:
    """Return the window of every picture.

    Args:
        sightings: In the order of time; a few a second are enough.
        size: Width and height of the upright picture in pixels.
        times: ``(T,)`` when the film's pictures are, in seconds, rising and about evenly apart.
    """
    moments = np.asarray(times, dtype=np.float64)
    faces, is_seen = _faces_at(sightings, moments)
    step = float(np.median(np.diff(moments))) if len(moments) > 1 else 1 / 30
    heights = _heights(faces, is_seen, size, step)
    widths = heights * TALL
    centres = (faces[:, 0] + faces[:, 2]) / 2
    middles = (faces[:, 1] + faces[:, 3]) / 2
    lead = (
        np.clip(
            LEAD_SECONDS * _smoothed(np.gradient(centres) / step, EASE_SECONDS / step),
            -MOST_LEAD * widths,
            MOST_LEAD * widths,
        )
        * is_seen
    )
    across, along = faces[:, 2] - faces[:, 0], faces[:, 3] - faces[:, 1]
    lefts = _eased(
        centres + lead - widths / 2,
        low=faces[:, 2] + SIDE_ROOM * across - widths,
        high=faces[:, 0] - SIDE_ROOM * across,
        end=size[0] - widths,
        is_seen=is_seen,
        sigma=EASE_SECONDS / step,
    )
    tops = _eased(
        middles - FACE_LINE * heights,
        low=faces[:, 3] + CHIN_ROOM * along - heights,
        high=faces[:, 1] - HEAD_ROOM * along,
        end=size[1] - heights,
        is_seen=is_seen,
        sigma=EASE_SECONDS / step,
    )
    windows = np.stack([lefts, tops, widths, heights], axis=1)
    return Path(moments, windows, is_seen, faces)


def _faces_at(sightings: Sequence[Sighting], times: Floats) -> tuple[Floats, Bools]:
    """Return the star's box at each time and whether it is known; a loss holds its two ends.

    Between two ends of a loss the box goes evenly from where she left to where she comes back.
    """
    seen = [one for one in sightings if one.box is not None]
    if not seen:
        return np.zeros((len(times), 4)), np.zeros(len(times), dtype=np.bool_)
    at = np.array([one.time for one in seen])
    boxes = np.array([one.box for one in seen], dtype=np.float64)
    faces = np.stack([np.interp(times, at, side) for side in boxes.T], axis=1)
    after = np.searchsorted(at, times).clip(0, len(at) - 1)
    before = (np.searchsorted(at, times, side="right") - 1).clip(0, len(at) - 1)
    gap = np.where(at[after] >= at[before], at[after] - at[before], 0.0)
    nearest = np.minimum(np.abs(times - at[before]), np.abs(at[after] - times))
    inside = (times >= at[0]) & (times <= at[-1])
    is_seen: Bools = np.where(inside, gap <= BRIDGED_SECONDS, nearest <= BRIDGED_SECONDS / 2)
    return faces, is_seen


def _heights(faces: Floats, is_seen: Bools, size: tuple[int, int], step: float) -> Floats:
    """Return the window's height at each time: near where the star is small, widest when lost."""
    _, most = widest(*size)
    least = min(most, max(LEAST_HEIGHT, most / 3))
    tall = np.maximum(faces[:, 3] - faces[:, 1], 1.0)
    room = (1 + HEAD_ROOM + CHIN_ROOM) * tall
    across = (1 + 2 * SIDE_ROOM) * (faces[:, 2] - faces[:, 0]) / TALL
    wanted = np.where(is_seen, np.clip(tall / FACE_SHARE, least, most), most)
    needed = np.where(is_seen, np.minimum(np.maximum(room, across), most), 0.0)
    sigma = ZOOM_EASE_SECONDS / step
    heights = _smoothed(wanted, sigma)
    for _ in range(_ROUNDS // 4):
        heights = _smoothed(np.clip(heights, np.maximum(needed, least), most), sigma / 3)
    return np.clip(heights, np.maximum(needed, least), most)


def _eased(
    wanted: Floats, *, low: Floats, high: Floats, end: Floats, is_seen: Bools, sigma: float
) -> Floats:
    """Return the smoothest line near a wanted one that stays within its corridor.

    Args:
        wanted: Where the window's edge would be by itself.
        low: Where it must be at least, so that the head is in; only meant where she is seen.
        high: Where it may be at most.
        end: The last place at which the window lies within the picture; the first is 0.
        is_seen: Where the corridor counts.
        sigma: Of the smoothing, in pictures.
    """
    end = np.maximum(end, 0.0)
    lowest = np.where(is_seen, np.clip(low, 0.0, end), 0.0)
    highest = np.where(is_seen, np.clip(high, 0.0, end), end)
    inner_low, inner_high = _uncrossed(
        _smoothed(_largest_near(lowest, sigma), sigma / 2),
        _smoothed(-_largest_near(-highest, sigma), sigma / 2),
    )
    line = _smoothed(np.clip(wanted, 0.0, end), sigma)
    for _ in range(_ROUNDS):
        line = _smoothed(np.clip(line, inner_low, inner_high), sigma / 2)
    return np.clip(line, *_uncrossed(lowest, highest))


def _uncrossed(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return a corridor that is open everywhere: where a head is too large, its middle counts."""
    middle = (low + high) / 2
    is_crossed = low > high
    return np.where(is_crossed, middle, low), np.where(is_crossed, middle, high)


def _largest_near(values: Floats, sigma: float) -> Floats:
    """Return the largest value near each place, so that a smoothed bound stays beyond the bound."""
    reach = max(1, round(sigma))
    padded = np.pad(values, reach, mode="edge")
    largest: Floats = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)
    return largest


def _smoothed(values: Floats, sigma: float) -> Floats:
    """Return values smoothed by a Gaussian of so many places; the ends go on as they went."""
    if sigma < 0.3 or len(values) < 2:
        return values
    reach = min(int(np.ceil(3 * sigma)), len(values) - 1)
    places = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (places / sigma) ** 2)
    padded = np.pad(values, reach, mode="reflect", reflect_type="odd")
    smooth: Floats = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    return smooth
