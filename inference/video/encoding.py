"""Writing H.264 with its colours declared, with whatever encoder this PyAV brings."""

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from inference.errors import VideoError
from inference.types import RGBImage

ENCODERS = ("libx264", "libopenh264", "h264")
"""Of PyAV, best first; all write H.264."""
NO_ENCODER = "This server cannot write H.264 films; its PyAV has no encoder."
_BT709 = 1
"""Code point of H.273 for matrix, primaries and curve."""
_OPTIONS = {"libx264": {"crf": "20", "preset": "veryfast"}}


def add_h264(container: OutputContainer, size: tuple[int, int], rate: int) -> VideoStream:
    """Add a stream of H.264 that says it is BT.709, or players would guess by its size.

    Raises:
        VideoError: PyAV has no encoder of H.264 here.
    """
    encoder = next((name for name in ENCODERS if name in av.codecs_available), None)
    if encoder is None:
        raise VideoError(NO_ENCODER)
    stream = container.add_stream(encoder, rate=rate, options=_OPTIONS.get(encoder, {}))
    if not isinstance(stream, VideoStream):
        raise VideoError(NO_ENCODER)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    coder = stream.codec_context
    coder.colorspace = coder.color_primaries = coder.color_trc = _BT709
    coder.color_range = ColorRange.MPEG
    return stream


def bt709_frame(image: RGBImage) -> VideoFrame:
    """Return an ``(H, W, 3)`` uint8 RGB picture as a frame for such a stream."""
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
    return frame.reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
    )
