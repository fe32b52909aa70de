"""Photos from outside become upright 8-bit sRGB pixels here, or are refused with a sentence.

The header is checked before a decoder runs (``inference.headers``). Pillow reads the pixels with an
allow-list of formats; ``pillow_heif`` adds HEIC. The content decides the format, never the name.
"""

import errno
import io
import re
import struct
import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

from inference.errors import ImageError, ImageMemoryError
from inference.headers import MAX_FILE_BYTES as MAX_FILE_BYTES
from inference.headers import MAX_JPEG_PIXELS, MAX_PIXELS, MAX_SIDE, ImageHeader, check_limits
from inference.headers import read_header as read_header
from inference.types import RGBImage

ALLOWED_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")

pillow_heif.register_heif_opener(thumbnails=False)
# The limits of inference.headers decide; Pillow's own would refuse a 200-megapixel JPEG on opening.
Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS

_ORIENTATION_TAG = 0x0112
_MAKE_TAG, _MODEL_TAG, _EXIF_IFD = 0x010F, 0x0110, 0x8769
# DateTimeOriginal and DateTimeDigitized, each with its fraction; DateTime is the last edit.
_TAKEN_TAGS = ((0x9003, 0x9291), (0x9004, 0x9292))
_MAX_CAMERA_LENGTH = 80
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_STRIP_ROWS = 256
# What Pillow's readers raise when a file lies to them; a crash of native code is no exception.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    EOFError,
    RuntimeError,
    struct.error,
)
# A file that lies can send a reader to a place that no file has. All else is the device's.
_ERRNOS_OF_LIES = {errno.EINVAL, errno.EOVERFLOW}


@dataclass(frozen=True, slots=True, eq=False)
class UprightPhoto:
    """A decoded photo as Pillow holds it, for code that writes files and must not copy pixels.

    Attributes:
        image: Mode ``RGB``, upright, sRGB.
        original_size: Width and height of the upright photo before any scaling.
        taken_at: Local time on the camera's clock without a zone, or ``None``.
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
    except (MemoryError, *_DECODER_ERRORS) as error:
        if _needs_memory(error):
            raise ImageMemoryError(
                "The photo needs more memory than this server gives to one."
            ) from error
        if _is_of_device(error):
            raise
        if "truncated" in str(error).lower():
            raise ImageError("The file is cut off: it ends before the picture does.") from error
        raise ImageError(f"The file is broken and cannot be read as {header.format}.") from error


def _needs_memory(error: BaseException) -> bool:
    """Whether a decoder failed for want of memory, by whichever of its ways to say so."""
    if isinstance(error, MemoryError):
        return True
    is_refused = isinstance(error, OSError) and error.errno == errno.ENOMEM
    return is_refused or "memory alloc" in str(error).lower()


def _is_of_device(error: BaseException) -> bool:
    """Whether the system could not read; what a decoder finds wrong in a file has no number."""
    return isinstance(error, OSError) and bool(error.errno) and error.errno not in _ERRNOS_OF_LIES


def encode_jpeg(image: RGBImage, quality: int = 90) -> bytes:
    """Encode pixels as JPEG without any metadata.

    Colour is kept at full resolution from quality 95 on, at half below (4:2:0).
    """
    buffer = io.BytesIO()
    save_jpeg(Image.fromarray(image), buffer, quality)
    return buffer.getvalue()


def save_jpeg(image: Image.Image, target: io.BytesIO | io.BufferedWriter, quality: int) -> None:
    """Write a Pillow image as JPEG without any metadata; see ``encode_jpeg``."""
    subsampling = "4:4:4" if quality >= 95 else "4:2:0"
    image.info.clear()
    image.save(target, "JPEG", quality=quality, subsampling=subsampling, exif=b"")


def resize_to_fit(image: RGBImage, side: int) -> RGBImage:
    """Shrink pixels so that the longer side is at most ``side``; never enlarges.

    Returns:
        A new array, or ``image`` itself when it fits already.
    """
    if max(image.shape[:2]) <= side:
        return image
    return np.array(shrink(Image.fromarray(image), side), dtype=np.uint8)


def shrink(image: Image.Image, side: int) -> Image.Image:
    """Shrink a Pillow image so that the longer side is at most ``side``; never enlarges."""
    scale = side / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(length * scale)) for length in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _decode(path: Path, header: ImageHeader, max_pixels: int) -> UprightPhoto:
    with Image.open(path, formats=ALLOWED_FORMATS) as image:
        width, height = image.size
        check_limits(ImageHeader(header.format, width, height, header.is_progressive))
        if header.format == "JPEG":
            _scale_while_decoding(image, max_pixels)
        image.load()
        # Only now: asking a PNG for EXIF decodes it, and a broken one would then count as black.
        orientation, taken_at, camera = _read_exif(image)
        profile = image.info.get("icc_profile")
        rgb = _to_srgb(image, profile if isinstance(profile, bytes) else b"")
    if orientation in _UPRIGHT:
        rgb = rgb.transpose(_UPRIGHT[orientation])
    original = (height, width) if orientation in {5, 6, 7, 8} else (width, height)
    return UprightPhoto(rgb, original, taken_at, camera, header.format)


def _scale_while_decoding(image: Image.Image, max_pixels: int) -> None:
    """Let libjpeg decode at 1/2, 1/4 or 1/8 when the full size is above the limits."""
    width, height = image.size
    for scale in (1, 2, 4, 8):
        fits = (width // scale) * (height // scale) <= max_pixels
        if fits and max(width, height) // scale <= MAX_SIDE:
            break
    if scale > 1:
        image.draft(None, (width // scale, height // scale))


def _read_exif(image: Image.Image) -> tuple[int, datetime | None, str]:
    """Read orientation, capture time and camera; broken EXIF is as good as none."""
    try:
        exif = image.getexif()
        details = exif.get_ifd(_EXIF_IFD)
    except _DECODER_ERRORS as error:
        if _is_of_device(error):
            raise
        return 1, None, ""
    orientation = exif.get(_ORIENTATION_TAG, 1)
    times = (_parse_time(details.get(tag), details.get(part)) for tag, part in _TAKEN_TAGS)
    taken_at = next((time for time in times if time), None)
    camera = _plain_text(f"{exif.get(_MAKE_TAG, '')} {exif.get(_MODEL_TAG, '')}")
    return (orientation if isinstance(orientation, int) else 1), taken_at, camera


def _parse_time(value: object, fraction: object) -> datetime | None:
    """Return a time of EXIF with its decimals of a second, where the camera wrote some."""
    try:
        # The camera's clock has no zone, and none is invented for it.
        time = datetime.strptime(str(value)[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    decimals = str(fraction).strip(" \0")[:6]
    if not (decimals.isascii() and decimals.isdigit()):
        return time
    return time.replace(microsecond=int(decimals.ljust(6, "0")))


def _plain_text(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return re.sub(r"\s+", " ", printable).strip()[:_MAX_CAMERA_LENGTH]


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        image = _sixteen_to_eight_bits(image)
    if image.mode == "1":
        image = image.convert("L")
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        return _on_white(_apply_profile(image.convert("RGBA"), profile))
    if image.mode == "P":
        image = image.convert("RGB")
    return _apply_profile(image, profile).convert("RGB")


def _sixteen_to_eight_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    return Image.fromarray((np.clip(values, 0, 65535).astype(np.uint16) >> 8).astype(np.uint8))


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert to sRGB by the embedded profile; a broken or foreign one changes nothing."""
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source) and image.mode in {"RGB", "RGBA"}:
            return image
        in_place = image.mode in {"RGB", "RGBA"}
        converted = ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            outputMode=image.mode if in_place else "RGB",
            inPlace=in_place,
        )
    except (ImageCms.PyCMSError, *_DECODER_ERRORS):
        return image
    return image if converted is None else converted


def _on_white(image: Image.Image) -> Image.Image:
    """Lay a transparent picture on white, strip by strip, so that no third copy is needed."""
    paper = Image.new("RGB", image.size, "white")
    for top in range(0, image.height, _STRIP_ROWS):
        box = (0, top, image.width, min(top + _STRIP_ROWS, image.height))
        strip = image.crop(box)
        paper.paste(strip, box, mask=strip.getchannel("A"))
    return paper
