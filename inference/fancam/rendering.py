"""Cuts a fancam: decodes a part of a film, takes the window out of every picture, keeps the sound.

Meant for a process with limits, like everything that decodes what strangers made.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.container import OutputContainer
from av.video.frame import VideoFrame

from inference.errors import VideoError
from inference.fancam.path import TALL, widest
from inference.fancam.sound import SoundTrack, has_sound
from inference.types import RGBImage
from inference.video.encoding import add_h264, bt709_frame
from inference.video.reader import VideoReader, open_video

TALLEST = 1920
TELL_SECONDS = 1.0
"""Of the film, between two words about how far it is."""
_CLOCK = 90_000
NOTHING = "This part of the video holds no picture that can be decoded."

RGBAImage = npt.NDArray[np.uint8]
"""``(H, W, 4)``."""
Window = Sequence[float]
"""``left, top, width, height`` in pixels of the upright picture."""


def output_size(width: int, height: int) -> tuple[int, int]:
    """Return width and height of a fancam: as many pixels as the source has, 1080x1920 at most."""
    most = widest(width, height)[1]
    tall = min(TALLEST, int(most)) // 2 * 2
    return max(2, round(tall * TALL / 2) * 2), tall


def render(
    source: Path,
    target: Path,
    *,
    span: tuple[float, float],
    window_at: Callable[[float], Window],
    caption: RGBAImage | None = None,
    tell: Callable[[float], None] = lambda _: None,
) -> None:
    """Write the fancam of a part of a film as MP4 with H.264 and, where it has sound, AAC.

    Args:
        source: The film.
        target: Written anew.
        span: First and last second.
        window_at: The window at a second of the film.
        caption: Laid over the lower edge; as wide as the fancam.
        tell: Called about once for each second of the film with the share that is done.

    Raises:
        VideoError: The file is at fault, or nothing can be encoded here.
    """
    with (
        open_video(source) as reader,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as container,
    ):
        cutter: Cutter | None = None
        told = 0.0
        for seconds, frame in pictures(reader, span):
            if cutter is None:
                size = output_size(*reader.upright_size(frame))
                cutter = Cutter(container, reader, source, span, size)
            image = cut_out(reader.upright(frame), window_at(seconds), cutter.size)
            passed = seconds - span[0]
            cutter.write(image if caption is None else _captioned(image, caption), passed)
            if passed - told >= TELL_SECONDS:
                told = passed
                tell(min(1.0, passed / (span[1] - span[0])))
        if cutter is None:
            raise VideoError(NOTHING)
        cutter.close()


def pictures(reader: VideoReader, span: tuple[float, float]) -> Iterator[tuple[float, VideoFrame]]:
    """Yield the frames of a part with their seconds."""
    for tick, frame in reader.frames(span[0]):
        seconds = reader.seconds_of(tick)
        if seconds >= span[1]:
            return
        if seconds >= span[0]:
            yield seconds, frame


class Cutter:
    """Writes the pictures of one film that is cut out of another, and beside them its sound."""

    def __init__(
        self,
        container: OutputContainer,
        reader: VideoReader,
        source: Path,
        span: tuple[float, float],
        size: tuple[int, int],
    ) -> None:
        self.size = size
        self._rate = min(max(round(float(reader.stream.average_rate or 30)), 1), 120)
        self._container = container
        self._film = add_h264(container, self.size, self._rate)
        self._film.codec_context.time_base = Fraction(1, _CLOCK)
        self._sound: SoundTrack | None = None
        self._last = 0.0
        if has_sound(source):
            stream = reader.stream
            origin = float((stream.start_time or 0) * (stream.time_base or 0))
            self._sound = SoundTrack(container, source, origin, *span)

    def write(self, image: RGBImage, seconds: float) -> None:
        """Write a picture that is shown so many seconds after the beginning."""
        coded = bt709_frame(image)
        coded.pts, coded.time_base = round(seconds * _CLOCK), Fraction(1, _CLOCK)
        self._container.mux(self._film.encode(coded))
        self._last = seconds
        if self._sound is not None:
            self._sound.write_until(seconds)

    def close(self) -> None:
        """Write what the encoders still hold; the sound ends with the last picture."""
        self._container.mux(self._film.encode(None))
        if self._sound is not None:
            self._sound.close(self._last + 1 / self._rate)


def cut_out(image: RGBImage, window: Window, size: tuple[int, int]) -> RGBImage:
    """Return a window of a picture in another size; its edges may lie between two pixels.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        window: In pixels of the picture.
        size: Width and height wanted.
    """
    left, top, width, height = window
    # Only the pixels around the window are looked at: the rest of a large picture costs nothing.
    x, y = max(0, int(left) - 1), max(0, int(top) - 1)
    part = image[y : int(np.ceil(top + height)) + 2, x : int(np.ceil(left + width)) + 2]
    across, along = width / size[0], height / size[1]
    # Pixels are squares: the middle of the first one lies half a pixel inside the window.
    matrix = np.array(
        [
            [across, 0, left - x + across / 2 - 0.5],
            [0, along, top - y + along / 2 - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(part, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, dtype=np.uint8)


def _captioned(image: RGBImage, caption: RGBAImage) -> RGBImage:
    """Lay a caption over the lower edge of a picture."""
    tall = min(len(caption), len(image))
    rows = image[-tall:].astype(np.uint16)
    alpha = caption[-tall:, :, 3:].astype(np.uint16)
    image[-tall:] = ((rows * (255 - alpha) + caption[-tall:, :, :3] * alpha) // 255).astype(
        np.uint8
    )
    return image
