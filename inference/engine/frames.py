"""Live frames from outside become pixels here, or are refused with a sentence.

What the header claims is checked before a decoder sees a byte, so a bomb costs nothing.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from inference.errors import ImageError
from inference.images.headers import ImageHeader, parse_header
from inference.protocol.messages import RefusalCode
from inference.protocol.wire import MAX_FRAME_BYTES
from inference.types import RGBImage

MAX_FRAME_PIXELS = 8_300_000
"""A 4K video frame; photos of 12 megapixels belong to the upload page."""

MAX_FRAME_SIDE = 4096
ANALYSED_SIDE = 1280
"""Larger frames are analysed at 1/2, 1/4 or 1/8: a face of 20 pixels at 4K has no name anyway."""

_REDUCED = {
    1: cv2.IMREAD_COLOR_RGB,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
_JPEG_END = b"\xff\xd9"
_CUT_OFF = "The frame is cut off: it ends before the picture does."


class FrameRefusedError(Exception):
    """A frame cannot be used; the text is a sentence for the user."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, eq=False)
class DecodedFrame:
    """A frame as pixels.

    Attributes:
        image: ``(H, W, 3)`` uint8 RGB, as it is analysed.
        width: Of the frame as it was sent, in pixels.
        height: Of the frame as it was sent.
        scale: Pixels of the frame per pixel of ``image``.
    """

    image: RGBImage
    width: int
    height: int
    scale: float


def decode_frame(data: bytes) -> DecodedFrame:
    """Decode a JPEG or WebP frame.

    Raises:
        FrameRefusedError: It is empty, too large, cut off, broken or something else.
    """
    header = check_frame(data)
    factor = 1
    while max(header.width, header.height) > ANALYSED_SIDE * factor and factor < 8:
        factor *= 2
    flags = _REDUCED[factor] | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise FrameRefusedError("bad_frame", f"The frame is broken and no {header.format} picture.")
    if factor > 1:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    image = np.asarray(pixels, dtype=np.uint8)
    return DecodedFrame(image, header.width, header.height, header.width / image.shape[1])


def check_frame(data: bytes) -> ImageHeader:
    """Hold a frame against the limits without decoding it.

    Raises:
        FrameRefusedError: It must not be decoded.
    """
    if not data:
        raise FrameRefusedError("bad_frame", "The frame is empty.")
    if len(data) > MAX_FRAME_BYTES:
        raise FrameRefusedError(
            "too_large", f"The frame has {len(data):,} bytes; the limit is {MAX_FRAME_BYTES:,}."
        )
    try:
        header = parse_header(data)
    except ImageError as error:
        raise FrameRefusedError("bad_frame", str(error)) from error
    if header.format not in {"JPEG", "WEBP"} or header.is_progressive:
        raise FrameRefusedError("bad_frame", "A frame must be a baseline JPEG or a WebP picture.")
    if header.format == "JPEG" and not data.rstrip(b"\0").endswith(_JPEG_END):
        raise FrameRefusedError("bad_frame", _CUT_OFF)
    _check_size(header)
    return header


def _check_size(header: ImageHeader) -> None:
    width, height = header.width, header.height
    if min(width, height) < 1:
        raise FrameRefusedError("bad_frame", "The frame says that it has no width or no height.")
    if width * height > MAX_FRAME_PIXELS or max(width, height) > MAX_FRAME_SIDE:
        raise FrameRefusedError(
            "too_large",
            f"The frame is {width:,} x {height:,} pixels; the limit is {MAX_FRAME_SIDE:,} on the "
            f"long side and {MAX_FRAME_PIXELS / 1e6:.1f} megapixels.",
        )
