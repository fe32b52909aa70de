"""Portrait preview: who stands out of a frame, as often as there is time for it.

A mask costs more than everything else about a frame, so masks get a share of the time and no more:
after one that took long, the next waits longer. The frames in between are drawn with the last one.
"""

import logging
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.engine.analysis import View
from inference.engine.mailboxes import CameraKey
from inference.engine.models import Segmenter
from inference.errors import WeightsError
from inference.protocol.messages import PortraitMask

logger = logging.getLogger(__name__)

TIME_SHARE = 0.25
"""Of one thread; with 40 ms a mask, six masks a second."""

LONGEST_PAUSE_SECONDS = 1.0
"""Between two masks of a camera; a cut-out that lags further behind is worse than none."""

RETRY_SECONDS = 10.0
LEVELS = 16
"""Steps of opacity; more are not seen and make the runs shorter."""

_EDGE = (0.25, 0.75)
"""Probabilities drawn as fully background and fully person; the network is unsure only at edges."""

_NEWEST_SHARE = 0.3

_HEAD_WIDTH, _HEAD_HEIGHT, _HAIR = 0.6, 0.75, 0.1
"""Half axes of a head and how far its middle lies above that of the face, in sides of the box."""


class Portraits:
    """Cuts people out of frames. ``cut_out`` belongs to one thread.

    Args:
        load: Loads the network; raises ``WeightsError``. Called once, in a thread of its own, when
            somebody first wants a portrait: it takes seconds that nobody else should wait for.
        clock: Seconds, never falling.
    """

    def __init__(
        self, load: Callable[[], Segmenter], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._load = load
        self._clock = clock
        self._segmenter: Segmenter | None = None
        self._state: Literal["unloaded", "loading", "ready", "missing"] = "unloaded"
        self._cost_seconds = 0.0
        self._next_at = 0.0
        self._served: dict[CameraKey, float] = {}

    def cut_out(self, views: Sequence[View]) -> None:
        """Give at most one frame its mask, that of the camera that has waited longest."""
        wanting = [view for view in views if "portrait" in view.frame.want]
        if not wanting:
            return
        if self._state == "unloaded":
            self._state = "loading"
            threading.Thread(target=self._get_ready, name="portrait", daemon=True).start()
        if self._segmenter is None:
            for view in wanting:
                view.portrait = _without("missing" if self._state == "missing" else "loading")
            return
        now = self._clock()
        view = min(wanting, key=lambda one: self._served.get(one.camera.key, -np.inf))
        if now < self._next_at:
            return
        probability = self._segmenter.preview(view.decoded.image)
        height, width = view.decoded.image.shape[:2]
        boxes = np.array([face.box for _, face in view.shown], np.float32).reshape(-1, 4)
        mask = portrait_mask(with_heads(probability, boxes / [width, height, width, height]))
        is_slow = self._note(view.camera.key, now)
        view.portrait = _without("slow") if is_slow else mask

    def _note(self, camera: CameraKey, started: float) -> bool:
        """Take in what a mask cost and plan the next one; returns whether there is no time."""
        ended = self._clock()
        cost = ended - started
        first = self._cost_seconds == 0.0
        self._cost_seconds += (1.0 if first else _NEWEST_SHARE) * (cost - self._cost_seconds)
        self._served = {
            key: at for key, at in self._served.items() if ended - at < RETRY_SECONDS
        } | {camera: ended}
        # The cameras take turns, so each of them waits for the masks of all.
        pause = self._cost_seconds / TIME_SHARE
        is_slow = len(self._served) * pause > LONGEST_PAUSE_SECONDS
        self._next_at = ended + (RETRY_SECONDS if is_slow else pause)
        if is_slow:
            self._cost_seconds = 0.0
            self._served.clear()
        return is_slow

    def _get_ready(self) -> None:
        try:
            segmenter = self._load()
            # The first pass chooses its algorithms and takes several times as long.
            segmenter.preview(np.zeros((360, 640, 3), np.uint8))
        except WeightsError as error:
            logger.warning("working without portraits: %s", error)
            self._state = "missing"
            return
        except Exception:
            logger.exception("the portrait network does not work")
            self._state = "missing"
            return
        self._segmenter, self._state = segmenter, "ready"


def with_heads(
    probability: NDArray[np.float32], boxes: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Make sure of the heads whose faces are known, whatever the network says of them.

    Args:
        probability: ``(h, w)`` of a person.
        boxes: ``(N, 4)`` faces as ``x1, y1, x2, y2`` in parts of the width and height.

    Returns:
        A new ``(h, w)``; 1 in an ellipse about each face with its hair, falling off at its edge.
    """
    height, width = probability.shape
    sure = probability.copy()
    columns = (np.arange(width) + 0.5) / width
    rows = (np.arange(height) + 0.5) / height
    for x1, y1, x2, y2 in boxes:
        across = (columns - (x1 + x2) / 2) / (_HEAD_WIDTH * (x2 - x1))
        down = (rows - (y1 + y2) / 2 + _HAIR * (y2 - y1)) / (_HEAD_HEIGHT * (y2 - y1))
        distance = np.hypot(across[None], down[:, None])
        np.maximum(sure, np.clip((1.15 - distance) / 0.3, 0.0, 1.0), out=sure)
    return sure


def portrait_mask(probability: NDArray[np.float32]) -> PortraitMask:
    """Make a message of ``(h, w)`` probabilities of a person."""
    low, high = _EDGE
    alpha = np.clip((probability - low) / (high - low), 0.0, 1.0)
    levels = (np.round(alpha * LEVELS) * (255 / LEVELS)).astype(np.uint8)
    height, width = levels.shape
    runs = b64encode(run_lengths(levels)).decode()
    return {"state": "ready", "width": width, "height": height, "runs": runs}


def run_lengths(levels: NDArray[np.uint8]) -> bytes:
    """Return pairs of a value and how many pixels in a row have it, row by row.

    Args:
        levels: ``(h, w)``, at least one pixel.
    """
    flat = levels.reshape(-1)
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    lengths = np.diff(np.append(starts, flat.size))
    pieces = -(-lengths // 255)
    counts = np.full(int(pieces.sum()), 255)
    counts[np.cumsum(pieces) - 1] = lengths - 255 * (pieces - 1)
    pairs = np.stack([np.repeat(flat[starts], pieces), counts.astype(np.uint8)], axis=1)
    return pairs.tobytes()


def _without(state: Literal["loading", "missing", "slow"]) -> PortraitMask:
    return {"state": state, "width": 0, "height": 0, "runs": ""}
