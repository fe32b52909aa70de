"""Whatever colours a picture file holds become 8-bit sRGB here."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from inference.images.colorimetry import ColourCoding, to_srgb_pixels
from inference.images.faults import DECODER_ERRORS

_STRIP_ROWS = 256


def to_srgb(image: Image.Image, coding: ColourCoding | None) -> Image.Image:
    """Convert any mode of Pillow to ``RGB``; transparency is laid on white.

    Args:
        image: Decoded.
        coding: How its colours are coded; ``None`` where its ICC profile says so.
    """
    profile = image.info.get("icc_profile", b"") if coding is None else b""
    if image.mode in {"LA", "La"}:
        return _on_white(_grey_with_alpha(image, profile, coding))
    if image.mode.startswith("I") or image.mode == "F":
        image = _sixteen_to_eight_bits(image)
    if image.mode == "1":
        image = image.convert("L")
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        return _on_white(_apply(image.convert("RGBA"), profile, coding))
    if image.mode == "P":
        image = image.convert("RGB")
    return _apply(image, profile, coding).convert("RGB")


def deep_to_srgb(pixels: NDArray[np.uint16], coding: ColourCoding) -> Image.Image:
    """Convert ``(H, W, 3)`` or ``(H, W, 4)`` pixels of 16 bits to ``RGB``, laid on white."""
    colour = Image.fromarray(to_srgb_pixels(pixels[..., :3], coding))
    if pixels.shape[2] == 3:
        return colour
    colour.putalpha(Image.fromarray((pixels[..., 3] >> 8).astype(np.uint8)))
    return _on_white(colour)


def _grey_with_alpha(
    image: Image.Image, profile: bytes, coding: ColourCoding | None
) -> Image.Image:
    """Convert the grey by itself, as its profile knows of no other channel."""
    colour = _apply(image.convert("L"), profile, coding).convert("RGB")
    colour.putalpha(image.convert("LA").getchannel("A"))
    return colour


def _apply(image: Image.Image, profile: bytes, coding: ColourCoding | None) -> Image.Image:
    if coding is None:
        return _apply_profile(image, profile)
    if coding.is_srgb or image.mode not in {"RGB", "RGBA", "L"}:
        return image
    colour = image if image.mode == "RGB" else image.convert("RGB")
    converted = Image.fromarray(to_srgb_pixels(np.asarray(colour), coding))
    if image.mode == "RGBA":
        converted.putalpha(image.getchannel("A"))
    return converted


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
    except (ImageCms.PyCMSError, *DECODER_ERRORS):
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
