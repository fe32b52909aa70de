"""A moving picture of a real face, as Chromium's fake camera wants it: JPEGs one after another."""

import io
import math
from pathlib import Path

from PIL import Image, ImageFilter
from skimage import data

SIZE = (640, 360)
FRAMES = 60
HEAD = (60, 0, 400, 340)
"""The head in ``skimage.data.astronaut``, with some air."""


def make_clip(path: Path) -> Path:
    """Write a clip of one woman who moves slowly over a dark stage, four seconds that repeat."""
    head = Image.fromarray(data.astronaut())
    stage = head.resize(SIZE).filter(ImageFilter.GaussianBlur(24)).point(lambda value: value // 3)
    with path.open("wb") as file:
        for number in range(FRAMES):
            turn = 2 * math.pi * number / FRAMES
            frame = stage.copy()
            frame.paste(head.crop(HEAD), (150 + round(70 * math.sin(turn)), 14))
            buffer = io.BytesIO()
            frame.save(buffer, "JPEG", quality=92)
            file.write(buffer.getvalue())
    return path


def make_reference(folder: Path, name: str) -> Path:
    """Write the pictures of one person as ``manage.py import_people`` reads them; return where."""
    person = folder / "crew" / name
    person.mkdir(parents=True)
    Image.fromarray(data.astronaut()).save(person / "portrait.jpg", quality=95)
    return folder
