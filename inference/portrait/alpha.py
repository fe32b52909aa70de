"""A soft mask as a small file: 8-bit grey PNG, so a new strength needs no new network pass."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.errors import ImageError
from inference.types import AlphaMask


def encode_alpha(alpha: AlphaMask) -> bytes:
    """Return the mask as PNG, in steps of 1/255."""
    levels: NDArray[np.uint8] = np.clip(alpha * 255 + 0.5, 0, 255).astype(np.uint8)
    # Level 1 with run lengths: masks are mostly flat, and higher levels cost seconds at 12 MP.
    options = [
        cv2.IMWRITE_PNG_COMPRESSION,
        1,
        cv2.IMWRITE_PNG_STRATEGY,
        cv2.IMWRITE_PNG_STRATEGY_RLE,
    ]
    _, encoded = cv2.imencode(".png", levels, options)
    return encoded.tobytes()


def decode_alpha(data: bytes) -> AlphaMask:
    """Return the mask of a PNG made by ``encode_alpha``.

    Raises:
        ImageError: The bytes are no grey picture.
    """
    levels = cv2.imdecode(np.frombuffer(data or b"\0", np.uint8), cv2.IMREAD_GRAYSCALE)
    if levels is None:
        raise ImageError("the stored mask cannot be read; analyse the photo again")
    return np.asarray(levels, np.float32) / np.float32(255)
