"""What a camera says about a photo in EXIF: which way is up, when it was taken, and by what."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from PIL import Image

from inference.images.faults import DECODER_ERRORS, is_of_device

_ORIENTATION_TAG = 0x0112
_MAKE_TAG, _MODEL_TAG, _EXIF_IFD, _GPS_IFD = 0x010F, 0x0110, 0x8769, 0x8825
# DateTimeOriginal and DateTimeDigitized, each with its fraction and its offset; DateTime is the
# last edit.
_TAKEN_TAGS = ((0x9003, 0x9291, 0x9011), (0x9004, 0x9292, 0x9012))
_GPS_TIME, _GPS_DATE = 7, 29
_CLOCK = re.compile(
    r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?"
)
_OFFSET = re.compile(r"(Z)|([+-])(\d\d):?(\d\d)")
_MOST_OFFSET = timedelta(hours=14)
_QUARTER = timedelta(minutes=15)
"""Offsets of clocks are multiples of this."""
_GPS_SLACK = timedelta(minutes=3)
"""By which the time of the last GPS fix may be older than the photo."""
FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_CAMERA_LENGTH = 80


def is_in_reason(moment: datetime) -> bool:
    """Whether anything can have been recorded then: not before 1970, nor after tomorrow.

    A time without a zone counts as UTC, which a day of slack allows for.
    """
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return FIRST_DAY <= moment <= datetime.now(UTC) + timedelta(days=1)


def read_exif(image: Image.Image) -> tuple[int, datetime | None, str]:
    """Read orientation, capture time and camera; broken EXIF is as good as none.

    The time is the camera's clock, with its offset from UTC where the file tells that; a time out
    of reason, as of a clock that was never set, is none.
    """
    try:
        exif = image.getexif()
        details, place = exif.get_ifd(_EXIF_IFD), exif.get_ifd(_GPS_IFD)
    except DECODER_ERRORS as error:
        if is_of_device(error):
            raise
        return 1, None, ""
    orientation = exif.get(_ORIENTATION_TAG, 1)
    times = (_time_of(details, place, tags) for tags in _TAKEN_TAGS)
    taken_at = next((time for time in times if time), None)
    camera = _plain_text(f"{exif.get(_MAKE_TAG, '')} {exif.get(_MODEL_TAG, '')}")
    return (orientation if isinstance(orientation, int) else 1), taken_at, camera


def _time_of(
    details: Mapping[int, object], place: Mapping[int, object], tags: tuple[int, int, int]
) -> datetime | None:
    """Return one time of EXIF, with its offset from UTC where the file tells it."""
    time_tag, fraction_tag, offset_tag = tags
    time, inline = _parse_time(details.get(time_tag), details.get(fraction_tag))
    if time is None:
        return None
    offset = _parse_offset(inline or details.get(offset_tag))
    if offset is None:
        offset = _offset_by_satellite(time, place)
    if offset is not None:
        time = time.replace(tzinfo=timezone(offset))
    return time if is_in_reason(time) else None


def _parse_time(value: object, fraction: object) -> tuple[datetime | None, str]:
    """Return a time with its decimals of a second, and the offset that was written into it."""
    found = _CLOCK.match(str(value))
    if found is None:
        return None, ""
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    decimals, offset = found[7], found[8]
    try:
        # The camera's clock has no zone, and none is invented for it.
        time = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None, ""
    decimals = decimals or str(fraction).strip(" \0")
    if decimals.isascii() and decimals.isdigit():
        time = time.replace(microsecond=int(decimals[:6].ljust(6, "0")))
    return time, offset or ""


def _parse_offset(value: object) -> timedelta | None:
    found = _OFFSET.match(str(value).strip(" \0"))
    if found is None:
        return None
    if found[1]:
        return timedelta(0)
    offset = timedelta(hours=int(found[3]), minutes=int(found[4]))
    offset = -offset if found[2] == "-" else offset
    return offset if abs(offset) <= _MOST_OFFSET else None


def _offset_by_satellite(local: datetime, place: Mapping[int, object]) -> timedelta | None:
    """Return how far the camera's clock is from the UTC that GPS told, if that is an offset."""
    try:
        day = datetime.strptime(str(place.get(_GPS_DATE)).strip(" \0"), "%Y:%m:%d")  # noqa: DTZ007
        hours, minutes, seconds = (float(part) for part in place[_GPS_TIME])  # type: ignore[attr-defined]
        fix = day + timedelta(hours=hours, minutes=minutes, seconds=seconds)
        quarters = round((local - fix) / _QUARTER)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None
    offset = quarters * _QUARTER
    is_offset = abs(local - fix - offset) <= _GPS_SLACK and abs(offset) <= _MOST_OFFSET
    return offset if is_offset else None


def _plain_text(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return re.sub(r"\s+", " ", printable).strip()[:_MAX_CAMERA_LENGTH]
