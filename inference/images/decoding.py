"""Photos from outside become upright 8-bit sRGB pixels here, or are refused with a sentence.

The header is checked before a decoder runs (``headers``). Pillow reads the pixels
with an allow-list of formats; ``pillow_heif`` adds HEIC. The content decides, never the name.
"""

import errno
import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

from inference.errors import ImageError, ImageMemoryError
from inference.images.colour import deep_to_srgb, to_srgb
from inference.images.declared import declared_coding
from inference.images.exif import read_exif
from inference.images.faults import DECODER_ERRORS, is_of_device
from inference.images.headers import (
    MAX_JPEG_PIXELS,
    MAX_PIXELS,
    MAX_SIDE,
    ImageHeader,
    check_limits,
    read_header,
)
from inference.types import RGBImage

ALLOWED_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")

pillow_heif.register_heif_opener(thumbnails=False)
# The limits of ``headers`` decide; Pillow's own would refuse a 200-megapixel JPEG on opening.
Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True, eq=False)
class UprightPhoto:
    """A decoded photo as Pillow holds it, for code that writes files and must not copy pixels.

    Attributes:
        image: Mode ``RGB``, upright, sRGB.
        original_size: Width and height of the upright photo before any scaling.
        taken_at: Time on the camera's clock, with its offset from UTC where the file tells it, else
            without a zone; ``None`` when unknown.
        camera: Maker and model, printable, at most 80 characters; empty when unknown.
        format: One of ``ALLOWED_FORMATS``.
    """

    image: Image.Image
    original_size: tuple[int, int]
    taken_at: datetime | None
    camera: str
    format: str


@dataclass(frozen=True, slots=True, eq=False)
class DecodedPhoto:
    """A decoded photo as pixels; the fields mean what they mean in ``UprightPhoto``."""

    image: RGBImage
    original_size: tuple[int, int]
    taken_at: datetime | None
    camera: str
    format: str


def decode_photo(path: Path, *, max_pixels: int = MAX_PIXELS) -> DecodedPhoto:
    """Read a photo as upright sRGB pixels.

    Args:
        path: Any file; its name says nothing.
        max_pixels: A JPEG above this is decoded at 1/2, 1/4 or 1/8 of its size, whichever is the
            largest that fits. Other formats above the limits are refused.

    Raises:
        ImageError: The file is no photo, broken, cut off or too large; says which.
    """
    photo = open_upright(path, max_pixels=max_pixels)
    return DecodedPhoto(
        image=np.array(photo.image, dtype=np.uint8),
        original_size=photo.original_size,
        taken_at=photo.taken_at,
        camera=photo.camera,
        format=photo.format,
    )


def open_upright(path: Path, *, max_pixels: int = MAX_PIXELS) -> UprightPhoto:
    """Decode a photo like ``decode_photo``, keeping it as a Pillow image.

    Raises:
        ImageError: The file is no photo, broken, cut off or too large; says which.
        ImageMemoryError: This process may not take as much memory as it needs.
        OSError: The device cannot be read now; says nothing about the file.
    """
    header = read_header(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decode(path, header, max_pixels)
    except (MemoryError, *DECODER_ERRORS) as error:
        if _needs_memory(error):
            raise ImageMemoryError(
                "The photo needs more memory than this server gives to one."
            ) from error
        if is_of_device(error):
            raise
        if "truncated" in str(error).lower():
            raise ImageError("The file is cut off: it ends before the picture does.") from error
        raise ImageError(f"The file is broken and cannot be read as {header.format}.") from error


def read_taken_at(path: Path) -> datetime | None:
    """Return when a photo was taken, as ``UprightPhoto`` has it; ``None`` where nothing tells.

    Raises:
        OSError: The device cannot be read now.
    """
    try:
        read_header(path)
        with warnings.catch_warnings(), Image.open(path, formats=ALLOWED_FORMATS) as image:
            warnings.simplefilter("ignore")
            return read_exif(image)[1]
    except (ImageError, MemoryError, *DECODER_ERRORS) as error:
        if is_of_device(error):
            raise
        return None


def _needs_memory(error: BaseException) -> bool:
    """Whether a decoder failed for want of memory, by whichever of its ways to say so."""
    if isinstance(error, MemoryError):
        return True
    is_refused = isinstance(error, OSError) and error.errno == errno.ENOMEM
    return is_refused or "memory alloc" in str(error).lower()


def _decode(path: Path, header: ImageHeader, max_pixels: int) -> UprightPhoto:
    with Image.open(path, formats=ALLOWED_FORMATS) as image:
        width, height = image.size
        check_limits(ImageHeader(header.format, width, height, header.is_progressive))
        if header.format == "JPEG":
            _scale_while_decoding(image, max_pixels)
        rgb = _read_colours(image, path)
        # Only now: asking a PNG for EXIF decodes it, and a broken one would then count as black.
        orientation, taken_at, camera = read_exif(image)
    if orientation in _UPRIGHT:
        rgb = rgb.transpose(_UPRIGHT[orientation])
    original = (height, width) if orientation in {5, 6, 7, 8} else (width, height)
    return UprightPhoto(rgb, original, taken_at, camera, header.format)


def _read_colours(image: Image.Image, path: Path) -> Image.Image:
    """Decode to sRGB; a HEIC of more than 8 bits keeps them until its curve has been applied."""
    if image.format == "HEIF" and image.info.get("bit_depth", 8) > 8:
        coding = declared_coding(image, path)
        if coding is not None and not coding.is_srgb:
            deep = pillow_heif.open_heif(path, convert_hdr_to_8bit=False)
            return deep_to_srgb(np.asarray(deep), coding)
    image.load()
    return to_srgb(image, declared_coding(image, path))


def _scale_while_decoding(image: Image.Image, max_pixels: int) -> None:
    """Let libjpeg decode at 1/2, 1/4 or 1/8 when the full size is above the limits."""
    width, height = image.size
    for scale in (1, 2, 4, 8):
        fits = (width // scale) * (height // scale) <= max_pixels
        if fits and max(width, height) // scale <= MAX_SIDE:
            break
    if scale > 1:
        image.draft(None, (width // scale, height // scale))
