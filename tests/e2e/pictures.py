"""Pictures for the browser tests, made from the one real face that scikit-image carries.

``skimage.data.astronaut()`` is a NASA photo of Eileen Collins, in the public domain.
"""

from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

LONG_SIDE = 900


def astronaut() -> Image.Image:
    """Return the astronaut, large enough that her face has the size of one in a concert photo."""
    pixels = skimage.data.astronaut()  # type: ignore[no-untyped-call]
    picture = Image.fromarray(np.asarray(pixels, dtype=np.uint8))
    return picture.resize((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)


def make_burst(folder: Path) -> list[Path]:
    """Write four shots of the astronaut, 0.2 s apart by the camera's clock.

    Returns:
        Their paths in that order; only the third one is sharp.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(4):
        shot = astronaut().crop((80 + 4 * number, 0, 880 + 4 * number, 800))
        if number != 2:
            shot = shot.filter(ImageFilter.GaussianBlur(4 + number))
        exif = Image.Exif()
        exif[0x0110] = "Camera 7"
        details = exif.get_ifd(0x8769)
        details[0x9003], details[0x9291] = "2026:05:01 20:00:00", f"{2 * number}0"
        paths.append(folder / f"burst-{number + 1}.jpg")
        shot.save(paths[-1], "JPEG", quality=92, exif=exif)
    return paths


def make_duo(folder: Path) -> Path:
    """Write a picture of the astronaut and her mirror image, side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    her = astronaut()
    duo = Image.new("RGB", (2 * LONG_SIDE, LONG_SIDE))
    duo.paste(her, (0, 0))
    duo.paste(ImageOps.mirror(her), (LONG_SIDE, 0))
    duo.save(folder / "duo.jpg", "JPEG", quality=92)
    return folder / "duo.jpg"


def make_pictures(folder: Path) -> list[Path]:
    """Write three pictures of the same person that differ as three shots of a concert would.

    Returns:
        The astronaut as she is, a brighter and closer one, and a mirrored darker one on a wide
        stage.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain = astronaut()
    closer = ImageEnhance.Brightness(plain.crop((150, 0, 750, 600))).enhance(1.15)
    wide = Image.new("RGB", (1400, LONG_SIDE), (18, 16, 30))
    wide.paste(ImageEnhance.Brightness(ImageOps.mirror(plain)).enhance(0.85), (300, 0))
    paths = []
    for name, picture in (("opening.jpg", plain), ("closer.jpg", closer), ("wide.jpg", wide)):
        path = folder / name
        picture.save(path, "JPEG", quality=92)
        paths.append(path)
    return paths
