"""Where a photo was taken, taken out of the file itself without touching a pixel.

Everything is overwritten in place, so offsets within the file hold; only a PNG may become shorter.
Date, orientation, camera and colours stay.
"""

import zlib

from inference.places.blanking import UnreadableError
from inference.places.pictures import heif, jpeg, png, webp


def blank_places(data: bytearray) -> bool:
    """Blank whatever says where a photo was taken, in place.

    Args:
        data: A whole JPEG, PNG, WebP or HEIC file.

    Returns:
        Whether anything was changed.

    Raises:
        UnreadableError: A HEIC whose parts cannot be told apart.
    """
    before = zlib.crc32(data)
    if data.startswith(png.SIGNATURE):
        png.blank_png(data)
    elif data.startswith(b"\xff\xd8"):
        jpeg.blank_jpeg(data)
    elif data.startswith(b"RIFF"):
        webp.blank_webp(data)
    elif data[4:8] == b"ftyp":
        heif.blank_heif(data)
    else:
        raise UnreadableError
    return zlib.crc32(data) != before
