"""Fonts of this machine, for names that are written into films.

Many stars' names are Korean or Japanese, and no font inside a Python package has those letters. A
name that no font here can write is left out; boxes in place of letters would be worse.
"""

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont
from PIL.ImageFont import FreeTypeFont

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path.home() / ".local/share/fonts",
)
PREFERRED = (
    "NotoSansCJK-Bold.ttc",
    "NotoSansKR-Bold.otf",
    "NanumGothicBold.ttf",
    "AppleSDGothicNeo.ttc",
    "NotoSans-Bold.ttf",
    "DejaVuSans-Bold.ttf",
    "LiberationSans-Bold.ttf",
)
"""File names, those with more letters first."""
_NO_LETTER = "\U0010ffff"


def font_for(text: str, size: int) -> FreeTypeFont | None:
    """Return a font that has every letter of a text, or ``None``.

    Args:
        text: One line.
        size: Height in pixels.
    """
    for path in _installed():
        font = ImageFont.truetype(str(path), size)
        if can_write(font, text):
            return font
    default = ImageFont.load_default(size)
    return default if isinstance(default, FreeTypeFont) and can_write(default, text) else None


def can_write(font: FreeTypeFont, text: str) -> bool:
    """Whether a font has every letter, and not only the sign for a missing one."""
    missing = bytes(font.getmask(_NO_LETTER))
    return all(letter.isspace() or bytes(font.getmask(letter)) != missing for letter in text)


@lru_cache(maxsize=1)
def _installed() -> tuple[Path, ...]:
    found = {path.name: path for folder in FOLDERS for path in folder.rglob("*.[to]t[fc]")}
    return tuple(found[name] for name in PREFERRED if name in found)
