"""A picture of ours is decoded once for the stages that read it one after another."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.images import decoding
from webapp.vision.models import pictures
from webapp.vision.models.pictures import DecodedPictures


@pytest.fixture
def decodings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were decoded."""
    paths: list[Path] = []
    decode: Callable[[Path], decoding.DecodedPhoto] = decoding.decode_photo

    def counted(path: Path) -> decoding.DecodedPhoto:
        paths.append(path)
        return decode(path)

    monkeypatch.setattr(decoding, "decode_photo", counted)
    return paths


def picture(folder: Path, name: str, colour: str = "red", side: int = 64) -> Path:
    path = folder / f"{name}.png"
    part = path.with_suffix(".part")
    Image.new("RGB", (side, side), colour).save(part, format="PNG")
    return part.rename(path)


def test_a_picture_that_is_asked_for_again_is_decoded_once(
    tmp_path: Path, decodings: list[Path]
) -> None:
    held, path = DecodedPictures(), picture(tmp_path, "a")
    assert held.read(path) is held.read(path)
    assert held.read(path)[0, 0].tolist() == [255, 0, 0]
    assert decodings == [path]


def test_another_file_under_the_same_name_is_another_picture(tmp_path: Path) -> None:
    held, path = DecodedPictures(), picture(tmp_path, "a", "red")
    before = held.read(path)
    os.utime(picture(tmp_path, "a", "lime"), ns=(1, 1))
    assert before[0, 0].tolist() == [255, 0, 0]
    assert held.read(path)[0, 0].tolist() == [0, 255, 0]


def test_a_picture_that_was_deleted_is_gone(tmp_path: Path) -> None:
    held, path = DecodedPictures(), picture(tmp_path, "a")
    held.read(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        held.read(path)


def test_no_more_is_held_than_two_pictures_and_no_large_one(
    tmp_path: Path, decodings: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_BYTES", 3 * 64 * 64 * 3)
    held = DecodedPictures()
    for name in "abc":
        held.read(picture(tmp_path, name))
    assert held.held_bytes == 2 * 64 * 64 * 3
    large = picture(tmp_path, "large", side=128)
    assert held.read(large).shape == (128, 128, 3)
    assert held.held_bytes <= pictures.MOST_BYTES
    held.read(large)
    assert decodings.count(large) == 2


def test_an_idle_worker_lets_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held, path = DecodedPictures(), picture(tmp_path, "a")
    held.read(path)
    held.drop_idle()
    assert held.held_bytes > 0
    monkeypatch.setattr(pictures, "IDLE_SECONDS", -1.0)
    held.drop_idle()
    assert held.held_bytes == 0


def test_nobody_can_draw_into_what_others_read(tmp_path: Path) -> None:
    image = DecodedPictures().read(picture(tmp_path, "a"))
    with pytest.raises(ValueError, match="read-only"):
        image[0, 0] = np.array([0, 0, 0], dtype=np.uint8)
