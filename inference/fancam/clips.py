"""Cuts a clip: some seconds of a film as they are, with their sound, and the same as an animation.

Everything is decoded and encoded anew, so nothing of the source's container is passed on. Meant for
a process with limits, like everything that decodes what strangers made.
"""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from PIL import Image

from inference.errors import VideoError
from inference.fancam.rendering import NOTHING, TELL_SECONDS, Cutter, pictures
from inference.types import RGBImage
from inference.video.reader import open_video

LONGEST_SIDE = 1920
MOVING_SIDE = 480
"""Longest side of the animation: it is for chats, where a megabyte is much."""
MOVING_RATE = 12
MOVING_QUALITY = 60


def render_clip(
    source: Path,
    target: Path,
    animation: Path,
    *,
    span: tuple[float, float],
    tell: Callable[[float], None] = lambda _: None,
) -> None:
    """Write a part of a film as MP4 with H.264 and, where it has sound, AAC, and as moving WebP.

    Args:
        source: The film.
        target: Written anew.
        animation: Likewise.
        span: First and last second; where the film ends before, the clip does too.
        tell: Called about once for each second of the film with the share that is done.

    Raises:
        VideoError: The file is at fault, or nothing can be encoded here.
    """
    moving = _Moving()
    with (
        open_video(source) as reader,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as container,
    ):
        cutter: Cutter | None = None
        told = 0.0
        for seconds, frame in pictures(reader, span):
            image = _even(reader.upright(frame, LONGEST_SIDE))
            if cutter is None:
                size = image.shape[1], image.shape[0]
                cutter = Cutter(container, reader, source, span, size)
            passed = seconds - span[0]
            cutter.write(_fitted(image, cutter.size), passed)
            moving.add(image, passed)
            if passed - told >= TELL_SECONDS:
                told = passed
                tell(min(1.0, passed / (span[1] - span[0])))
        if cutter is None:
            raise VideoError(NOTHING)
        cutter.close()
    moving.save(animation)


class _Moving:
    """The pictures of an animation: small, and few enough to hold."""

    def __init__(self) -> None:
        self._pictures: list[Image.Image] = []
        self._slots: list[int] = []

    def add(self, image: RGBImage, seconds: float) -> None:
        """Take a picture if it is time for one."""
        slot = int(seconds * MOVING_RATE)
        if self._slots and slot <= self._slots[-1]:
            return
        picture = Image.fromarray(image)
        picture.thumbnail((MOVING_SIDE, MOVING_SIDE))
        self._pictures.append(picture)
        self._slots.append(slot)

    def save(self, path: Path) -> None:
        """Write the animation; a picture without a successor in its slot is shown for longer."""
        first, *others = self._pictures
        gaps = [*np.diff(self._slots), 1]
        shown = [round(1000 * int(gap) / MOVING_RATE) for gap in gaps]
        first.save(
            path,
            "WEBP",
            save_all=True,
            append_images=others,
            duration=shown,
            loop=0,
            quality=MOVING_QUALITY,
            method=2,
        )


def _even(image: RGBImage) -> RGBImage:
    """Leave out a last row or column, as H.264 has pictures of even sides."""
    height, width = image.shape[:2]
    return image[: height // 2 * 2, : width // 2 * 2]


def _fitted(image: RGBImage, size: tuple[int, int]) -> RGBImage:
    """Return a picture in the size of the first one; a browser may change it while it records."""
    if (image.shape[1], image.shape[0]) == size:
        return image
    return np.asarray(Image.fromarray(image).resize(size), dtype=np.uint8)
