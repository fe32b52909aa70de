"""Pixels become smaller pictures and JPEG files without any metadata here."""

import io

import numpy as np
from PIL import Image

from inference.types import RGBImage


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
