"""Video of a server-side source: a file, a camera of this machine, or a network address."""

import itertools
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from webapp.vision.values import VisionError

if TYPE_CHECKING:
    import cv2
    from av.video.frame import VideoFrame

    from inference.video.reader import VideoReader

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
JPEG_QUALITY = 80
WHOLE_QUALITY = 92
"""Of the frame as it was read, from which a captured moment is made."""
LONGEST_SIDE = 640
USUAL_RATE = 25.0
"""Frames per second of a source that does not say."""
MOST_BEHIND_SECONDS = 1 / USUAL_RATE
"""A picture of a file that is later than this is passed over."""


_Picture: TypeAlias = "tuple[float, Callable[[], cv2.typing.MatLike | None]]"
"""When a picture is shown, in seconds, and what decodes it."""


class SourceError(VisionError):
    """The source cannot be opened; the text says which and why."""


@dataclass(frozen=True, slots=True)
class SourceFrame:
    """One picture.

    Attributes:
        captured_at: Milliseconds; for a file since its beginning, for a camera since the start.
        jpeg: At most 640 px on the longer side.
        whole: In the size of the source.
        number: Grows with every picture that was read.
    """

    captured_at: float
    jpeg: bytes
    whole: bytes = b""
    number: int = 0


def is_live(source: str) -> bool:
    """Whether the source goes on for ever: an address or a camera, not a file."""
    return "://" in source or source.isdecimal() or source.startswith("/dev/")


def read_source(
    source: str,
    *,
    keeps_pace: bool = True,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[SourceFrame]:
    """Yield the pictures of a source.

    A file ends; a camera or address is opened again for ever, with a pause that doubles. A file
    is read at its own pace unless ``keeps_pace`` is false; a reader that is slower than the file
    skips pictures, as live means now.

    Raises:
        SourceError: A file cannot be opened.
    """
    if not is_live(source):
        yield from _read_file(source, keeps_pace=keeps_pace, pause=pause)
        return
    wait = FIRST_PAUSE_SECONDS
    started = time.monotonic()
    numbers = itertools.count(1)
    while True:
        video = open_by_opencv(source)
        while video is not None and (image := next_picture(video)) is not None:
            wait = FIRST_PAUSE_SECONDS
            yield encoded(1000 * (time.monotonic() - started), image, next(numbers))
        if video is not None:
            video.release()
        logger.warning("the source gives no picture; trying again in %.1f s", wait)
        pause(wait)
        wait = min(2 * wait, LONGEST_PAUSE_SECONDS)


def _read_file(
    source: str, *, keeps_pace: bool, pause: Callable[[float], None]
) -> Iterator[SourceFrame]:
    if not Path(source).is_file():
        raise SourceError(f"There is no file {source}.")
    started = time.monotonic()
    for number, (at, decode) in enumerate(_pictures_of_file(source), start=1):
        ahead = at - (time.monotonic() - started)
        if keeps_pace and ahead < -MOST_BEHIND_SECONDS:
            continue
        if keeps_pace and ahead > 0:
            pause(ahead)
        image = decode()
        if image is not None:
            yield encoded(1000 * at, image, number)


def _pictures_of_file(source: str) -> Iterator[_Picture]:
    """Read what uploads may be as they are read: upright, in true colours, by the file's times.

    OpenCV takes what else there is, such as AVI, but knows of no mirrored matrix and no HDR.
    """
    from inference.errors import VideoError
    from inference.video.reader import open_video

    with ExitStack() as opened:
        try:
            reader = opened.enter_context(open_video(Path(source)))
        except VideoError:
            yield from _pictures_by_opencv(source)
            return
        for tick, frame in reader.frames():
            yield reader.seconds_of(tick), partial(_upright, reader, frame)


def _upright(reader: "VideoReader", frame: "VideoFrame") -> "cv2.typing.MatLike":
    import cv2

    return cv2.cvtColor(reader.upright(frame), cv2.COLOR_RGB2BGR)


def _pictures_by_opencv(source: str) -> Iterator[_Picture]:
    import cv2

    video = open_by_opencv(source)
    if video is None:
        raise SourceError(f"{source} is no video that can be read.")
    rate = video.get(cv2.CAP_PROP_FPS)
    rate = rate if 0 < rate < 1000 else USUAL_RATE
    try:
        for number in itertools.count():
            if not video.grab():
                return
            yield number / rate, partial(_retrieve, video)
    finally:
        video.release()


def _retrieve(video: "cv2.VideoCapture") -> "cv2.typing.MatLike | None":
    is_read, image = video.retrieve()
    return image if is_read else None


def open_by_opencv(source: str) -> "cv2.VideoCapture | None":
    """Open a file, a camera or an address; ``None`` where that does not work."""
    import cv2

    video = cv2.VideoCapture(int(source)) if source.isdecimal() else cv2.VideoCapture(source)
    if video.isOpened():
        if is_live(source):
            video.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return video
    video.release()
    return None


def next_picture(video: "cv2.VideoCapture") -> "cv2.typing.MatLike | None":
    """Return the next picture, as BGR; ``None`` where no more comes."""
    is_read, image = video.read()
    return image if is_read else None


def encoded(captured_at: float, image: "cv2.typing.MatLike", number: int) -> SourceFrame:
    """Encode a picture as it is sent, and as it is kept."""
    return SourceFrame(captured_at, _small(image), _encode(image, WHOLE_QUALITY), number)


def _small(image: "cv2.typing.MatLike") -> bytes:
    import cv2

    height, width = image.shape[:2]
    scale = LONGEST_SIDE / max(width, height)
    if scale < 1:
        size = (max(2, round(width * scale)), max(2, round(height * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return _encode(image, JPEG_QUALITY)


def _encode(image: "cv2.typing.MatLike", quality: int) -> bytes:
    import cv2

    is_encoded, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not is_encoded:
        raise SourceError("A picture of the source cannot be encoded.")
    return bytes(data)
