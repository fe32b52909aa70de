"""Cutting faces out of stored pictures."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from webapp.vision import Box, crop_jpeg

FACE: Box = (200, 100, 300, 200)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A grey picture of 800x400 with a red square where the face is, and a GPS position."""
    pixels = np.full((400, 800, 3), 128, np.uint8)
    pixels[100:200, 200:300] = (255, 0, 0)
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (37.0, 33.0, 0.0)}
    image.save(tmp_path / "full.jpg", quality=95, exif=exif)
    image.resize((400, 200)).save(tmp_path / "display.jpg", quality=95)
    return tmp_path / "full.jpg"


def opened(jpeg: bytes) -> Image.Image:
    """Return the decoded picture."""
    return Image.open(BytesIO(jpeg))


def redness(image: Image.Image) -> float:
    """Return the share of red pixels."""
    pixels = np.asarray(image.convert("RGB")).astype(int)
    return float(((pixels[..., 0] > 200) & (pixels[..., 1] < 60)).mean())


def test_without_a_margin_only_the_face_is_left(photo: Path) -> None:
    crop = opened(crop_jpeg(photo, FACE, width=800, margin=0, side=100))

    assert crop.size == (100, 100)
    assert redness(crop) > 0.95


def test_a_margin_is_a_share_of_the_face_on_each_side(photo: Path) -> None:
    crop = opened(crop_jpeg(photo, FACE, width=800, margin=0.5, side=500))

    assert crop.size == (200, 200)
    assert redness(crop) == pytest.approx(0.25, abs=0.03)


def test_a_smaller_copy_is_cut_at_the_same_place(photo: Path) -> None:
    small = photo.with_name("display.jpg")

    crop = opened(crop_jpeg(small, FACE, width=800, margin=0, side=50))

    assert crop.size == (50, 50)
    assert redness(crop) > 0.9


def test_a_crop_is_never_larger_than_wanted(photo: Path) -> None:
    assert max(opened(crop_jpeg(photo, FACE, width=800, margin=1, side=64)).size) == 64


def test_a_face_at_the_edge_is_cut_off_there(photo: Path) -> None:
    crop = opened(crop_jpeg(photo, (-50, -50, 50, 50), width=800, margin=0, side=100))

    assert crop.size == (50, 50)


def test_a_crop_has_no_metadata(photo: Path) -> None:
    assert not opened(crop_jpeg(photo, FACE, width=800, margin=0, side=100)).getexif()


def test_a_face_outside_the_picture_is_an_error(photo: Path) -> None:
    with pytest.raises(ValueError, match="outside"):
        crop_jpeg(photo, (900, 10, 950, 60), width=800, margin=0, side=100)


def test_a_lost_picture_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        crop_jpeg(tmp_path / "gone.jpg", FACE, width=800, margin=0, side=100)
