"""The colours of the design system are readable (WCAG 2.1: 4.5 for text, 3 for controls)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
THEMES = {"dark": ("tokens.css",), "light": ("tokens.css", "light.css")}
TEXT = 4.5
CONTROL = 3.0
STAGES = ("stage-0", "stage-1", "stage-2", "stage-3")
EMOTIONS = ("anger", "disgust", "fear", "happy", "sad", "surprised", "neutral", "contempt")

PAIRS = [
    *[(text, stage, TEXT) for text in ("text", "text-soft") for stage in (*STAGES, "stage-4")],
    *[("text-faint", stage, TEXT) for stage in STAGES],
    *[(tone, stage, TEXT) for tone in ("light", "bad", "warn", "good") for stage in STAGES],
    *[("text", f"{tone}-dim", TEXT) for tone in ("good", "warn", "bad", "light")],
    *[(tone, f"{tone}-dim", TEXT) for tone in ("good", "warn", "bad")],
    ("light-hot", "light-dim", TEXT),
    ("on-light", "light", TEXT),
    ("on-light", "light-hot", TEXT),
    ("on-bad", "bad-solid", TEXT),
    *[("line-strong", stage, CONTROL) for stage in ("stage-0", "stage-1", "stage-2")],
    *[(f"emotion-{emotion}", stage, CONTROL) for emotion in EMOTIONS for stage in STAGES],
    *[(f"curve-{place}", "stage-1", CONTROL) for place in range(1, 9)],
]


def colours(theme: str) -> dict[str, str]:
    """Return the colours of a theme by name; a later sheet overrules an earlier one."""
    sheets = "".join((CSS / sheet).read_text() for sheet in THEMES[theme])
    found: list[tuple[str, str]] = re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", sheets)
    return dict(found)


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` as WCAG defines it."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_are_readable_on_each_other(
    theme: str, front: str, back: str, least: float
) -> None:
    known = colours(theme)
    assert contrast(known[front], known[back]) >= least


def test_every_colour_of_a_picture_or_page_has_a_name() -> None:
    """A colour that is written out in a rule would be the same in both themes."""
    sheets = [sheet for sheet in CSS.glob("*.css") if sheet.name not in ("tokens.css", "light.css")]
    written = re.compile(r":[^;{]*(#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\()", re.IGNORECASE)
    assert {sheet.name: written.findall(sheet.read_text()) for sheet in sheets} == {
        sheet.name: [] for sheet in sheets
    }


def test_the_light_theme_names_nothing_that_the_dark_one_does_not_know() -> None:
    assert set(colours("light")) == set(colours("dark"))
