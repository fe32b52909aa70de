"""Bursts of real picture files, judged without any network."""

from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.inference.moments.drawn import draw_face, drawn_face
from webapp.vision.models.adapter import to_shape
from webapp.vision.models.bursts import BurstFace, BurstPicture, find_bursts


def picture(folder: Path, seconds: float, *, blur: float = 0.0, faces: int = 1) -> BurstPicture:
    """Write the drawn face as a JPEG."""
    path = folder / f"{uuid4()}.jpg"
    Image.fromarray(draw_face()).filter(ImageFilter.GaussianBlur(blur)).save(path, quality=95)
    face = BurstFace(to_shape(drawn_face()), 0.9, "happy", {"happy": 0.9, "neutral": 0.1}, None)
    return BurstPicture(uuid4(), path, seconds, (face,) * faces)


def test_the_sharp_photo_of_a_burst_comes_first_with_its_reasons(tmp_path: Path) -> None:
    pictures = [picture(tmp_path, 0.2 * step, blur=0 if step == 2 else 4) for step in range(4)]
    (burst,) = find_bursts(pictures, {})
    assert burst.best.photo == pictures[2].photo
    assert {one.photo for one in burst.frames} == {one.photo for one in pictures}
    top = burst.best
    assert top.score is not None
    assert 0.3 < top.score <= 1
    assert "sharp" in top.reason or "eyes open" in top.reason
    assert top.emotion == "happy"
    assert top.box is not None
    assert top.box == pytest.approx((142 / 400, 82 / 320, 258 / 400, 238 / 320), abs=0.001)


def test_photos_without_a_face_make_no_burst(tmp_path: Path) -> None:
    assert find_bursts([picture(tmp_path, 0.1 * step, faces=0) for step in range(3)], {}) == []


def test_a_file_that_is_gone_is_left_out(tmp_path: Path) -> None:
    pictures = [picture(tmp_path, 0.2 * step) for step in range(3)]
    pictures[1].path.unlink()
    (burst,) = find_bursts(pictures, {})
    assert len(burst.frames) == 2


def test_another_picture_at_the_same_time_is_no_burst(tmp_path: Path) -> None:
    one, other = picture(tmp_path, 0.0), picture(tmp_path, 0.1)
    noise = np.random.default_rng(3).integers(0, 255, (320, 400, 3), dtype=np.uint8)
    Image.fromarray(noise).filter(ImageFilter.GaussianBlur(20)).save(other.path)
    assert find_bursts([one, other], {}) == []
