"""What a process does that cuts the people out of a photo: ``python cut_out_child.py PHOTO MASK``.

Writes a PNG of the photo's size to its output. Where the mask is soft a pixel shows person and
background in one, so its colour is taken from the people beside it; else a cut-out would carry a
rim of the old background along. It has no Django and no models, and little memory and time: a large
photo unpacked several times does not belong into the web process.
"""

import resource
import sys

from PIL import Image, ImageFilter

MEMORY_BYTES = 1_600_000_000
CPU_SECONDS = 45
SOLID = 250
"""From this opacity on a pixel keeps its own colour."""

RIM_SHARE = 1 / 500
"""How far around soft pixels colours are looked for, as a share of the longer side."""


def cut_out(photo: Image.Image, mask: Image.Image) -> Image.Image:
    """Return the people of a photo on nothing.

    Args:
        photo: RGB.
        mask: ``L``, opacity of the people; of the same size.
    """
    people = photo.copy()
    people.putalpha(mask)
    reach = max(2.0, max(photo.size) * RIM_SHARE)
    # Premultiplied, a blur weighs each colour by its opacity: the background counts for little.
    around = people.convert("RGBa").filter(ImageFilter.GaussianBlur(reach)).convert("RGBA")
    solid = mask.point(lambda opacity: 255 if opacity >= SOLID else 0)
    whole = Image.composite(photo, around.convert("RGB"), solid)
    nothing = mask.point(lambda opacity: 0 if opacity else 255)
    whole.paste((0, 0, 0), mask=nothing)
    whole.putalpha(mask)
    return whole


def main(photo_path: str, mask_path: str) -> None:
    """Cut out and write."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    with Image.open(photo_path) as photo, Image.open(mask_path) as mask:
        whole = cut_out(photo.convert("RGB"), mask.convert("L"))
    whole.save(sys.stdout.buffer, "PNG", compress_level=1)


if __name__ == "__main__":
    main(*sys.argv[1:3])
