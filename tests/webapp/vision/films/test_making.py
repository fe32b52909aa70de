"""Films, animations and the fonts for their names."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont
from PIL.ImageFont import FreeTypeFont

from inference.video import encoding
from inference.video.reader import open_video
from webapp.vision.films import fonts
from webapp.vision.films import making as films

SIZE = (320, 180)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A dark picture with a bright spot at a quarter of its width and half its height."""
    image = Image.new("RGB", (800, 450), (30, 30, 30))
    image.paste((240, 240, 240), (190, 215, 210, 235))
    path = tmp_path / "picture.jpg"
    image.save(path, quality=95)
    return path


def brightest(image: Image.Image) -> tuple[int, int]:
    grey = image.convert("L")
    return max(
        ((x, y) for x in range(0, grey.width, 2) for y in range(0, grey.height, 2)),
        key=lambda at: grey.getpixel(at) or 0,
    )


def test_a_picture_comes_slowly_nearer_to_the_face(picture: Path) -> None:
    shot = films.Shot(picture, face=(0.2, 0.4, 0.3, 0.6))

    drawn = [frame for _, frame in films.frames([shot], SIZE)]

    shown = drawn[:-13]
    places = [brightest(frame)[0] for frame in shown]
    assert places[0] < places[-1] < SIZE[0] // 2
    assert sorted(places[:: len(places) // 4]) == places[:: len(places) // 4]
    assert {frame.size for frame in drawn} == {SIZE}


def test_a_film_begins_with_its_first_picture_and_ends_in_the_dark(picture: Path) -> None:
    drawn = [frame for _, frame in films.frames([films.Shot(picture)], SIZE)]

    assert max(drawn[-1].convert("L").getextrema()) < 25  # type: ignore[type-var, arg-type]
    brightest_of = [max(frame.convert("L").getextrema()) for frame in (drawn[0], drawn[20])]  # type: ignore[type-var, arg-type]
    assert min(brightest_of) > 200, "the first frame is what players show as the cover"


def test_a_film_has_the_colours_of_its_pictures_and_declares_their_coding(tmp_path: Path) -> None:
    photo, film = tmp_path / "photo.jpg", tmp_path / "film.mp4"
    Image.new("RGB", films.WIDE, (200, 30, 60)).save(photo, quality=95)

    films.encode_film(film, [films.Shot(photo)], lambda _: None)

    with open_video(film) as reader:
        _, frame = list(reader.frames())[30]
        shown = reader.upright(frame)[360, 640]
    assert (int(frame.colorspace), int(frame.color_primaries), int(frame.color_trc)) == (1, 1, 1)
    assert np.abs(shown.astype(int) - (200, 30, 60)).max() <= 6


def test_the_share_that_is_done_is_told_after_each_picture(picture: Path) -> None:
    told = [done for done, _ in films.frames([films.Shot(picture)] * 4, SIZE) if done]

    assert told == [0.25, 0.5, 0.75, 1.0]


def test_the_name_is_written_into_the_lower_left(picture: Path) -> None:
    plain, named = (
        list(films.frames([films.Shot(picture, name)], SIZE))[40][1] for name in ("", "Lisa")
    )

    changed = [
        (x, y)
        for x in range(0, SIZE[0], 2)
        for y in range(0, SIZE[1], 2)
        if (named.convert("L").getpixel((x, y)) or 0)
        > (plain.convert("L").getpixel((x, y)) or 0) + 60  # type: ignore[operator]
    ]
    assert changed
    assert max(x for x, _ in changed) < SIZE[0] / 2 < 2 * min(y for _, y in changed)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param([(40, 30), (30, 40)], films.WIDE, id="half of them are wide"),
        pytest.param([(30, 40), (30, 40), (40, 30)], films.TALL, id="most are tall"),
        pytest.param([(30, 30)], films.WIDE, id="square"),
    ],
)
def test_the_shape_of_a_film(
    tmp_path: Path, sizes: list[tuple[int, int]], expected: tuple[int, int]
) -> None:
    paths = [tmp_path / f"{number}.jpg" for number in range(len(sizes))]
    for path, size in zip(paths, sizes, strict=True):
        Image.new("RGB", size).save(path)

    assert films.film_size(paths) == expected


def test_only_jpegs_are_opened(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (8, 8)).save(path, "GIF")

    with pytest.raises(OSError, match="cannot identify"):
        films.film_size([path])


def test_without_an_encoder_the_reason_is_said(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "ENCODERS", ("no-such-encoder",))

    with pytest.raises(films.CannotFilmError, match="cannot write"):
        films.encode_film(tmp_path / "film.mp4", [films.Shot(picture)], lambda _: None)


def test_a_font_says_which_letters_it_lacks() -> None:
    font = ImageFont.load_default(20)
    assert isinstance(font, FreeTypeFont)

    assert fonts.can_write(font, "Lisa & Jennie, 20:15")
    assert not fonts.can_write(font, "리사")


def test_a_name_that_no_font_can_write_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_installed", lambda: ())

    assert fonts.font_for("Lisa", 20) is not None
    assert fonts.font_for("리사", 20) is None
