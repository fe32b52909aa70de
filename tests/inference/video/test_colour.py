"""Films of every declared coding show the colours that an ordinary photo would."""

from pathlib import Path

import numpy as np
import pytest

from inference.types import RGBImage
from inference.video.reader import open_video
from tests.inference.images.coding import coded_columns, differences
from tests.inference.video.films import make_coloured_film

LARGEST_DIFFERENCE = 6


def first_picture(path: Path) -> RGBImage:
    with open_video(path) as reader:
        return reader.upright(next(reader.frames())[1])


@pytest.mark.parametrize(
    ("primaries", "curve", "marks"),
    [
        pytest.param("BT.2020", "HLG", (9, 18, 9), id="HLG"),
        pytest.param("BT.2020", "PQ", (9, 16, 9), id="PQ"),
        pytest.param("P3", "PQ", (12, 16, 9), id="PQ with the primaries of P3"),
        pytest.param("BT.2020", "sRGB", (9, 14, 9), id="BT.2020 without high dynamic range"),
    ],
)
@pytest.mark.parametrize("pixels", ["yuv444p10le", "yuv420p10le"])
def test_a_film_of_wide_gamut_or_dynamic_range_keeps_its_colours(
    tmp_path: Path, primaries: str, curve: str, marks: tuple[int, int, int], pixels: str
) -> None:
    columns = coded_columns(primaries, curve, 65535)
    path = make_coloured_film(
        tmp_path / "film.mov", columns, codec="libx265", pixels=pixels, matrix=9, marks=marks
    )

    assert differences(first_picture(path)).max() <= LARGEST_DIFFERENCE


@pytest.mark.parametrize(
    ("matrix", "marks"),
    [
        pytest.param(1, (1, 1, 1), id="BT.709"),
        pytest.param(6, (6, 6, 6), id="BT.601"),
        pytest.param(6, (5, 6, 5), id="BT.601 of 625 lines"),
        pytest.param(6, None, id="small and undeclared, so BT.601"),
    ],
)
@pytest.mark.parametrize("is_full", [False, True], ids=["limited range", "full range"])
def test_matrix_and_range_are_those_declared(
    tmp_path: Path, matrix: int, marks: tuple[int, int, int] | None, is_full: bool
) -> None:
    columns = coded_columns("sRGB", "sRGB", 255)
    path = make_coloured_film(
        tmp_path / "film.mp4", columns, matrix=matrix, is_full=is_full, marks=marks
    )

    assert differences(first_picture(path)).max() <= LARGEST_DIFFERENCE


def test_a_large_undeclared_film_is_bt709(tmp_path: Path) -> None:
    columns = np.kron(coded_columns("sRGB", "sRGB", 255), np.ones((12, 5, 1), np.uint8))
    path = make_coloured_film(tmp_path / "film.mp4", columns, matrix=1)

    assert differences(first_picture(path)).max() <= LARGEST_DIFFERENCE


def test_p3_is_converted(tmp_path: Path) -> None:
    columns = coded_columns("P3", "sRGB", 255)
    path = make_coloured_film(tmp_path / "film.mp4", columns, matrix=1, marks=(12, 1, 1))

    assert differences(first_picture(path)).max() <= LARGEST_DIFFERENCE


def test_the_hlg_film_of_the_cases_keeps_its_colours(shared_data: Path) -> None:
    film = shared_data / "cases" / "hlg.mov"
    if not film.exists():
        pytest.skip("no cases/hlg.mov in the evaluation data")

    assert differences(first_picture(film)).max() <= LARGEST_DIFFERENCE
