"""Cutting a face out of a stored picture, with Pillow alone: quick enough for the web process."""

from io import BytesIO
from pathlib import Path

from PIL import Image

from webapp.vision.values import Box

JPEG_QUALITY = 88


def crop_jpeg(path: Path, box: Box, *, width: int, margin: float, side: int) -> bytes:
    """Return a JPEG of one face and some of its surroundings, without metadata.

    Args:
        path: The photo or a smaller copy of it; both work.
        box: In pixels of the full-size photo.
        width: Of the full-size photo; tells how much smaller the copy at ``path`` is.
        margin: What to add on each side, as a share of the box's longer side.
        side: At most this many pixels on the longer side; never enlarged.

    Raises:
        FileNotFoundError: The picture is gone.
        ValueError: The box lies wholly outside the picture.
    """
    with Image.open(path) as picture:
        stored_width = picture.width
        region = _widened(box, margin)
        wanted = side / max(region[2] - region[0], region[3] - region[1])
        shrink = min(1.0, wanted * width / stored_width)
        picture.draft("RGB", (int(picture.width * shrink) + 1, int(picture.height * shrink) + 1))
        scale = picture.width / width
        crop = picture.convert("RGB").crop(_clamped(region, scale, picture.size))
    crop.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    crop.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def _widened(box: Box, margin: float) -> Box:
    x1, y1, x2, y2 = box
    more = margin * max(x2 - x1, y2 - y1)
    return x1 - more, y1 - more, x2 + more, y2 + more


def _clamped(region: Box, scale: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the region in whole pixels of a picture of ``size``, cut off at its edges."""
    left, top = max(0, round(region[0] * scale)), max(0, round(region[1] * scale))
    right = min(size[0], round(region[2] * scale))
    bottom = min(size[1], round(region[3] * scale))
    if right <= left or bottom <= top:
        raise ValueError(f"the region {region} lies outside the picture")
    return left, top, right, bottom
