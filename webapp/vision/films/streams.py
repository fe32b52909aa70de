"""The pictures of a camera without end: from the network by FFmpeg, or from this machine.

Live means now: at most so many pictures a second are encoded, and what comes late is passed over.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from webapp.vision.films import sources
from webapp.vision.values import VisionError

if TYPE_CHECKING:
    import cv2

PATIENCE_SECONDS = 10.0
MOST_PIXELS = 3840 * 2160
LATE_SECONDS = 0.5
"""A picture that is later is decoded, as the next one is made of it, and not shown."""
VERY_LATE_SECONDS = 2.0
"""From here on only whole pictures are decoded, until it is in time again."""
_OPTIONS = {
    "rtsp_transport": "tcp",  # Nothing comes in by ports that nobody opened.
    "protocol_whitelist": "tcp",
    "allowed_media_types": "video",
    "fflags": "nobuffer",
}

Image: TypeAlias = "cv2.typing.MatLike"


class StreamError(VisionError):
    """A stream does not come, or is none; says nothing of its address."""


class SignInError(StreamError):
    """The camera wants a name and a password, or others."""


class NoStreamError(StreamError):
    """The camera is there and has no such stream."""


class TooLargeError(StreamError):
    """Pictures are larger than is decoded here."""


class Timing:
    """Says of each picture what becomes of it, by its own time and the clock, in seconds.

    The clock of a camera runs a little differently; whichever picture came soonest after it was
    taken counts as in time.
    """

    def __init__(self, most_per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause = 1 / most_per_second
        self._clock = clock
        self._soonest: float | None = None
        self._next_at = float("-inf")
        self.lateness = 0.0

    def is_shown(self, taken_at: float) -> bool:
        """Whether a picture is neither late nor too soon after the one before."""
        now = self._clock()
        delay = now - taken_at
        self._soonest = delay if self._soonest is None else min(self._soonest, delay)
        self.lateness = delay - self._soonest
        if self.lateness > LATE_SECONDS or now < self._next_at:
            return False
        # From when it was due, so that 15 of 25 are taken and not every second one.
        self._next_at = max(self._next_at, now - self._pause) + self._pause
        return True


def pictures_of_network(address: str, timing: Timing) -> Iterator[Image]:
    """Yield the pictures of an RTSP address, as BGR, until it breaks off.

    Raises:
        StreamError: It does, or does not begin.
    """
    import av
    from av.error import FFmpegError

    av.logging.set_level(None)
    logging.getLogger("libav").setLevel(logging.CRITICAL)  # Its lines may have the address.
    try:
        with av.open(
            address, format="rtsp", options=_OPTIONS, timeout=(PATIENCE_SECONDS, PATIENCE_SECONDS)
        ) as opened:
            yield from _decoded(opened, timing)
    except FFmpegError as error:
        raise _in_words(error) from None  # Its text has the address, with the password.


def _decoded(opened: "object", timing: Timing) -> Iterator[Image]:
    import av

    container: av.container.InputContainer = opened  # type: ignore[assignment]
    if not container.streams.video:
        raise NoStreamError("no video in it")
    stream = container.streams.video[0]
    stream.thread_type = "SLICE"  # Threads by frame hold pictures back.
    stream.codec_context.thread_count = 1
    for packet in container.demux(stream):
        if stream.width * stream.height > MOST_PIXELS:
            raise TooLargeError(f"{stream.width} x {stream.height}")
        is_behind = timing.lateness > VERY_LATE_SECONDS
        stream.codec_context.skip_frame = "NONKEY" if is_behind else "DEFAULT"
        for frame in packet.decode():
            if timing.is_shown(frame.time if frame.time is not None else time.monotonic()):
                yield frame.to_ndarray(format="bgr24")


def _in_words(error: Exception) -> StreamError:
    from av import error as reasons

    if isinstance(error, (reasons.HTTPUnauthorizedError, reasons.HTTPForbiddenError)):
        return SignInError("the camera asks for another name or password")
    if isinstance(error, (reasons.HTTPNotFoundError, reasons.HTTPBadRequestError)):
        return NoStreamError("the camera has no such stream")
    return StreamError(type(error).__name__)


def pictures_of_device(path: str, timing: Timing) -> Iterator[Image]:
    """Yield the pictures of a camera of this machine, as BGR, until it is unplugged.

    Raises:
        StreamError: It cannot be opened, or is gone.
    """
    video = sources.open_by_opencv(path)
    if video is None:
        raise StreamError("the device cannot be opened")
    try:
        while (image := sources.next_picture(video)) is not None:
            if image.shape[0] * image.shape[1] > MOST_PIXELS:
                raise TooLargeError(f"{image.shape[1]} x {image.shape[0]}")
            if timing.is_shown(time.monotonic()):
                yield image
        raise StreamError("no picture comes any more")
    finally:
        video.release()
