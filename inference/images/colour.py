"""Whatever colours a picture file holds become 8-bit sRGB here."""

import io

import numpy as np
from PIL import Image, ImageCms

from inference.images.faults import DECODER_ERRORS

_STRIP_ROWS = 256


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert any mode of Pillow to ``RGB`` by its profile; transparency is laid on white."""
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
