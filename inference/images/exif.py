"""What a camera says about a photo in EXIF: which way is up, when it was taken, and by what."""

import re
from datetime import datetime

from PIL import Image

from inference.images.faults import DECODER_ERRORS, is_of_device

_ORIENTATION_TAG = 0x0112
_MAKE_TAG, _MODEL_TAG, _EXIF_IFD = 0x010F, 0x0110, 0x8769
# DateTimeOriginal and DateTimeDigitized, each with its fraction; DateTime is the last edit.
_TAKEN_TAGS = ((0x9003, 0x9291), (0x9004, 0x9292))
_MAX_CAMERA_LENGTH = 80


def read_exif(image: Image.Image) -> tuple[int, datetime | None, str]:
    """Read orientation, capture time and camera; broken EXIF is as good as none."""
    try:
        exif = image.getexif()
        details = exif.get_ifd(_EXIF_IFD)
    except DECODER_ERRORS as error:
        if is_of_device(error):
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
