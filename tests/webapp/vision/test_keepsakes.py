"""Cards that sleeves are made for, and people cut out without a rim of their old background."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from webapp import vision
from webapp.vision.keepsakes import CARD_SIZE, card_window
from webapp.vision.sandbox import cut_out_child

WIDE = (1800, 1200)


def picture(folder: Path, size: tuple[int, int] = WIDE) -> Path:
    path = folder / "full.jpg"
    Image.linear_gradient("L").resize(size).convert("RGB").save(path, "JPEG")
    return path


def card(path: Path, *faces: vision.Box, width: int, **text: str) -> Image.Image:
    content = vision.photocard(path, faces, width=width, text=vision.CardText(**text))
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("size", [WIDE, (600, 2400), (300, 200)], ids=["wide", "tall", "small"])
def test_a_card_is_54_by_86_millimetres_at_300_dots_per_inch(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    made = card(picture(tmp_path, size), (100, 50, 150, 110), width=size[0], name="Lisa")

    assert made.size == (638, 1016)
    assert made.info["dpi"] == (300, 300)
    assert [round(pixels / 300 * 25.4) for pixels in made.size] == [54, 86]


@pytest.mark.parametrize(
    "faces",
    [
        pytest.param([(100, 300, 220, 450)], id="one at the edge"),
        pytest.param([(800, 100, 950, 280)], id="one in the middle"),
        pytest.param([(700, 300, 800, 420), (1000, 350, 1100, 470)], id="two"),
    ],
)
def test_faces_are_whole_on_the_card_with_room_for_the_hair(faces: list[vision.Box]) -> None:
    window = card_window(faces, WIDE)
    left, top = window.left * WIDE[0], window.top * WIDE[1]
    right, bottom = left + window.width * WIDE[0], top + window.height * WIDE[1]

    for x1, y1, x2, y2 in faces:
        assert left <= x1 + 1
        assert x2 <= right + 1
        assert top <= max(0, y1 - 0.4 * (y2 - y1)) + 1
        assert y2 <= bottom
    shape = (right - left) / (bottom - top)
    assert shape == pytest.approx(CARD_SIZE[0] / CARD_SIZE[1], rel=0.01)


def test_one_face_is_brought_near_and_not_beyond_the_pixels_that_are_there() -> None:
    near = card_window([(2000, 1000, 2300, 1400)], (4000, 6000))
    tiny = card_window([(900, 600, 920, 626)], WIDE)

    assert 400 / (near.height * 6000) == pytest.approx(0.24, abs=0.01)
    assert CARD_SIZE[0] / (tiny.width * WIDE[0]) <= 1.61


def test_name_and_line_are_written_only_if_wanted(tmp_path: Path) -> None:
    path = tmp_path / "grey.jpg"
    Image.new("RGB", WIDE, (90, 90, 90)).save(path)
    plain, named = (
        np.asarray(card(path, width=WIDE[0], **text), int)
        for text in ({}, {"name": "Lisa", "line": "Seoul · 3 May 2026"})
    )

    assert np.abs(plain - named)[:700].max() <= 12, "JPEG alone"
    assert named[800:].max() > plain[800:].max() + 40, "bright letters on a shadow"


def test_a_name_that_no_font_can_write_is_left_out(tmp_path: Path) -> None:
    path = picture(tmp_path)
    plain, odd = (card(path, width=WIDE[0], name=name).tobytes() for name in ("", "\U000131d0"))

    assert plain == odd


def cut(folder: Path, mask: Image.Image) -> Image.Image:
    photo = Image.new("RGB", mask.size, (20, 200, 40))
    photo.paste((220, 30, 30), (30, 0, 70, 100))
    photo.save(folder / "full.jpg", quality=95)
    mask.save(folder / "alpha.png")
    return Image.open(BytesIO(b"".join(vision.cut_out(folder / "full.jpg", folder / "alpha.png"))))


def test_a_cut_out_has_the_size_of_the_photo_and_the_opacity_of_the_mask(tmp_path: Path) -> None:
    mask = Image.new("L", (100, 100))
    mask.paste(255, (30, 0, 70, 100))
    mask.paste(128, (26, 0, 30, 100))

    made = cut(tmp_path, mask)

    assert (made.mode, made.size) == ("RGBA", (100, 100))
    assert np.array_equal(np.asarray(made)[..., 3], np.asarray(mask))
    assert made.getpixel((10, 50)) == (0, 0, 0, 0), "nothing of the background is sent along"


def test_a_soft_edge_takes_its_colour_from_the_person_and_not_from_the_background() -> None:
    photo = Image.new("RGB", (100, 100), (20, 200, 40))
    photo.paste((220, 30, 30), (30, 0, 70, 100))
    mask = Image.new("L", (100, 100))
    mask.paste(255, (30, 0, 70, 100))
    mask.paste(60, (29, 0, 30, 100))

    red, green, _, opacity = cut_out_child.cut_out(photo, mask).getpixel((29, 50))

    assert opacity == 60
    assert red > 2 * green, "the green behind her is gone"


def test_a_photo_whose_mask_is_broken_is_refused(tmp_path: Path) -> None:
    path = picture(tmp_path)
    (tmp_path / "alpha.png").write_bytes(b"no picture")

    with pytest.raises(vision.UnreadablePhotoError):
        next(vision.cut_out(path, tmp_path / "alpha.png"))
