"""What a photo says of its colours besides an ICC profile.

HEIC has code points (``nclx``); PNG has them (``cICP``) or a gamma and chromaticities; cameras
name Adobe RGB in EXIF; a profile of ICC version 4.4 may carry code points too. Where a file says
nothing, it means sRGB.
"""

import struct
from pathlib import Path
from typing import Any

from PIL import Image

from inference.images import colorimetry
from inference.images.colorimetry import SRGB, ColourCoding
from inference.images.faults import DECODER_ERRORS, is_of_device

_EXIF_IFD, _INTEROP_IFD = 0x8769, 0xA005
_COLOUR_SPACE, _INTEROP_INDEX = 0xA001, 0x0001
_ADOBE_RGB_SPACE, _UNCALIBRATED, _ADOBE_RGB_INDEX = 2, 0xFFFF, "R03"
_HDR_TRANSFERS = {16, 18}
_USUAL_GAMMA = 1 / 2.2
_PNG_SIGNATURE_BYTES = 8
_MAX_PNG_CHUNKS = 500


def declared_coding(image: Image.Image, path: Path) -> ColourCoding | None:
    """Return how a photo codes its colours, or ``None`` where its ICC profile says so.

    Args:
        image: Opened by Pillow; its metadata has been read.
        path: Where it was read from.
    """
    profile = image.info.get("icc_profile")
    points = _code_points(image, path, profile if isinstance(profile, bytes) else b"")
    if points is not None and (not profile or points[1] in _HDR_TRANSFERS):
        return colorimetry.coding_of(*points)
    if profile:
        return None
    if image.format == "PNG":
        return _png_coding(image.info)
    return _ADOBE_RGB if _is_adobe_rgb(image) else SRGB


_ADOBE_RGB = ColourCoding(colorimetry.ADOBE_RGB_PRIMARIES, colorimetry.ADOBE_RGB_GAMMA)


def _code_points(image: Image.Image, path: Path, profile: bytes) -> tuple[int, int] | None:
    """Return primaries and transfer as code points of H.273, where a file has them."""
    nclx = image.info.get("nclx_profile")
    if isinstance(nclx, dict):
        return int(nclx["color_primaries"]), int(nclx["transfer_characteristics"])
    if image.format == "PNG" and (body := _png_chunk(path, b"cICP")):
        return body[0], body[1]
    return _points_of_profile(profile)


def _points_of_profile(profile: bytes) -> tuple[int, int] | None:
    """Read the ``cicp`` tag of an ICC profile (ICC.1:2022, 9.2.17)."""
    try:
        (count,) = struct.unpack_from(">I", profile, 128)
        for index in range(min(count, 100)):
            name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * index)
            if name == b"cicp" and size >= 12:
                return profile[offset + 8], profile[offset + 9]
    except (struct.error, IndexError):
        return None
    return None


def _png_chunk(path: Path, wanted: bytes) -> bytes:
    """Return the body of a chunk that must stand before the pixels; empty when there is none."""
    with path.open("rb") as file:
        file.seek(_PNG_SIGNATURE_BYTES)
        for _ in range(_MAX_PNG_CHUNKS):
            head = file.read(8)
            if len(head) < 8 or head[4:] == b"IDAT":
                return b""
            length = int.from_bytes(head[:4], "big")
            if head[4:] == wanted:
                return file.read(length) if length == 4 else b""
            file.seek(length + 4, 1)
    return b""


def _png_coding(info: dict[Any, Any]) -> ColourCoding:
    """Return what ``sRGB``, or else ``gAMA`` and ``cHRM``, say; nonsense is as good as nothing."""
    gamma, stated = info.get("gamma"), info.get("chromaticity")
    if "srgb" in info:
        return SRGB
    curve: colorimetry.Curve = "srgb"
    if isinstance(gamma, float) and 0.1 <= gamma <= 10 and abs(gamma - _USUAL_GAMMA) > 0.01:
        curve = 1 / gamma
    primaries = colorimetry.SRGB_PRIMARIES
    if isinstance(stated, tuple) and len(stated) == 8 and colorimetry.are_sane(stated):
        primaries = stated
    return ColourCoding(primaries, curve)


def _is_adobe_rgb(image: Image.Image) -> bool:
    """Whether EXIF names Adobe RGB: by its number, or as cameras do after DCF 2.0."""
    try:
        exif = image.getexif()
        space = exif.get_ifd(_EXIF_IFD).get(_COLOUR_SPACE)
        if space != _UNCALIBRATED:
            return space == _ADOBE_RGB_SPACE
        index = exif.get_ifd(_INTEROP_IFD).get(_INTEROP_INDEX, "")
    except DECODER_ERRORS as error:
        if is_of_device(error):
            raise
        return False
    return str(index).strip("\0 ") == _ADOBE_RGB_INDEX
