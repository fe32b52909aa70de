"""What a fan takes away of a photo: the people cut out, and a card to print.

Made with Pillow alone, so that the web process may do it: the card from a picture that is decoded
small, the cut-out by a process of its own.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from django.utils.translation import gettext
from PIL import Image, ImageDraw

from webapp.vision.films.fonts import font_for
from webapp.vision.framing import Window, window_around
from webapp.vision.sandbox import cut_out_child
from webapp.vision.sandbox.photos import child_environment
from webapp.vision.values import Box, UnreadablePhotoError

DOTS_PER_INCH = 300
CARD_SIZE = (638, 1016)
"""Pixels of 54 by 86 mm, which is what sleeves and binders of photocards are made for."""

CARD_QUALITY = 95
FACE_SHARE = 0.24
"""Of the card's height, where one face is on it: head and shoulders."""

MOST_ENLARGED = 1.6
"""So many pixels of the card for one of the photo, at most; a nearer view would be mush."""

_PIECE_BYTES = 256 * 1024
_MARGIN, _NAME_HEIGHT, _LINE_HEIGHT = 40, 58, 30
_SHADOW_SHARE = 0.3
_NAME_COLOUR, _LINE_COLOUR = (250, 247, 240), (214, 211, 222)


@dataclass(frozen=True, slots=True)
class CardText:
    """What stands on a card; empty lines are left out, and so is what no font here can write."""

    name: str = ""
    line: str = ""


def photocard(path: Path, faces: Sequence[Box], *, width: int, text: CardText) -> bytes:
    """Return a card of ``CARD_SIZE`` as JPEG, with its dots per inch written into it.

    Args:
        path: The photo, or its portrait version.
        faces: Of those whom the card shows, in pixels of the full-size photo; may be none.
        width: Of the full-size photo.
        text: What is written on it.

    Raises:
        FileNotFoundError: The picture is gone.
    """
    with Image.open(path) as picture:
        scale = picture.width / width
        around = [tuple(edge * scale for edge in face) for face in faces]
        window = card_window(around, picture.size)
        size = picture.size
        # A JPEG can be decoded at a half, a quarter or an eighth; the card needs no more.
        needed = CARD_SIZE[0] / (window.width * size[0])
        if needed < 1:
            picture.draft("RGB", (int(size[0] * needed) + 1, int(size[1] * needed) + 1))
        box = (
            window.left * picture.width,
            window.top * picture.height,
            min((window.left + window.width) * picture.width, picture.width),
            min((window.top + window.height) * picture.height, picture.height),
        )
        card = picture.convert("RGB").resize(CARD_SIZE, Image.Resampling.LANCZOS, box=box)
    _write(card, text)
    buffer = BytesIO()
    dpi = (DOTS_PER_INCH, DOTS_PER_INCH)
    card.save(buffer, "JPEG", quality=CARD_QUALITY, subsampling=0, dpi=dpi)
    return buffer.getvalue()


def card_window(faces: Sequence[Sequence[float]], size: tuple[int, int]) -> Window:
    """Return which part of a picture a card shows.

    One face fills ``FACE_SHARE`` of the height if the picture has pixels enough; of several all
    are on it.

    Args:
        faces: In pixels of the picture.
        size: Width and height of the picture.
    """
    width, height = size
    aspect = CARD_SIZE[0] / CARD_SIZE[1]
    largest = (min(1.0, aspect * height / width), min(1.0, width / height / aspect))
    if not faces:
        return window_around((), width / height, aspect)
    lefts, tops, rights, bottoms = zip(*faces, strict=True)
    around = (min(lefts) / width, min(tops) / height, max(rights) / width, max(bottoms) / height)
    tallest = max(bottom - top for _, top, _, bottom in faces) / height
    wanted = largest[1] * FACE_SHARE / max(tallest, 1e-6)
    possible = largest[0] * width * MOST_ENLARGED / CARD_SIZE[0]
    return window_around(around, width / height, aspect, zoom=max(1.0, min(wanted, possible)))


def _write(card: Image.Image, text: CardText) -> None:
    """Write name and line over a shadow that rises from the lower edge, in place."""
    lines = [(text.line, _LINE_HEIGHT, _LINE_COLOUR), (text.name, _NAME_HEIGHT, _NAME_COLOUR)]
    width, height = card.size
    written = [line for line in lines if line[0] and font_for(line[0], line[1])]
    if not written:
        return
    tall = int(height * _SHADOW_SHARE)
    shadow = Image.linear_gradient("L").resize((width, tall)).point(lambda at: at * 4 // 5)
    card.paste((8, 8, 12), (0, height - tall), shadow)
    draw = ImageDraw.Draw(card)
    foot = height - _MARGIN
    for words, size, colour in written:
        font = font_for(words, size)
        if font is None:
            continue
        shrink = min(1.0, (width - 2 * _MARGIN) / max(font.getlength(words), 1.0))
        if shrink < 1:
            font = font_for(words, max(12, int(size * shrink)))
        draw.text((_MARGIN, foot), words, fill=colour, font=font, anchor="ls")
        foot -= size * 5 // 4


def cut_out(photo: Path, mask: Path) -> Iterator[bytes]:
    """Yield the pieces of a PNG of the people of a photo on nothing, of the photo's size.

    Args:
        photo: The full-size photo.
        mask: Opacity of the people, of the same size.

    Raises:
        UnreadablePhotoError: It could not be cut out; before the first piece.
    """
    child = subprocess.Popen(  # noqa: S603 - our own file
        [sys.executable, "-P", "-W", "ignore", cut_out_child.__file__, str(photo), str(mask)],
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with child:
        try:
            if child.stdout is None or not (piece := child.stdout.read(_PIECE_BYTES)):
                raise UnreadablePhotoError(
                    gettext("The people of this photo could not be cut out.")
                )
            while piece:
                yield piece
                piece = child.stdout.read(_PIECE_BYTES)
        finally:
            if child.poll() is None:
                child.kill()
