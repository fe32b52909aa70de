"""The colours of a frame become sRGB by what its film declares: matrix, range, primaries, curve.

Where nothing is declared, a film of 720 lines or more is BT.709 and a smaller one BT.601, as
players and browsers take it, with limited range unless its pixel format says full.
"""

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from inference.images.colorimetry import coding_of, to_srgb_pixels
from inference.types import RGBImage

_HD_LINES = 720
_BT709, _BT2020_NCL, _BT2020_CL = 1, 9, 10
_MATRICES = {
    _BT709: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    _BT2020_NCL: Colorspace.BT2020,
    _BT2020_CL: Colorspace.BT2020,
}


def srgb_pixels(frame: VideoFrame, size: tuple[int, int]) -> RGBImage:
    """Scale a frame and convert it to sRGB.

    Args:
        frame: As it was decoded.
        size: Width and height wanted, in pixels.

    Returns:
        ``(H, W, 3)`` uint8 RGB, neither turned nor mirrored.
    """
    width, height = size
    coding = coding_of(int(frame.color_primaries), int(frame.color_trc))
    pixels = frame.to_ndarray(
        format="rgb24" if coding.is_srgb else "rgb48le",
        width=width,
        height=height,
        src_colorspace=_matrix_of(frame),
        src_color_range=ColorRange.JPEG if _is_full_range(frame) else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    )
    if coding.is_srgb:
        return np.asarray(pixels, dtype=np.uint8)
    return to_srgb_pixels(np.asarray(pixels, dtype=np.uint16), coding)


def _is_full_range(frame: VideoFrame) -> bool:
    is_full_by_format = frame.format.is_rgb or frame.format.name.startswith("yuvj")
    return is_full_by_format or int(frame.color_range) == ColorRange.JPEG


def _matrix_of(frame: VideoFrame) -> Colorspace:
    usual = Colorspace.ITU709 if min(frame.width, frame.height) >= _HD_LINES else Colorspace.ITU601
    return _MATRICES.get(int(frame.colorspace), usual)
