"""Clips for the live engine: filmed ones at the right rate, a composed one with known faces."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from inference.errors import DatasetError
from inference.evaluation.clips.making import (
    HEIGHT,
    WIDTH,
    composed_clip,
    enrolled,
    filmed_clips,
)
from inference.types import Face, RGBImage
from tests.inference.engine.fakes import FakeModels, picture


def film(path: Path, frames: int, rate: float, size: tuple[int, int]) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), rate, size)  # type: ignore[attr-defined]
    for number in range(frames):
        writer.write(np.full((size[1], size[0], 3), 5 * number, np.uint8))
    writer.release()


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))


def people(folder: Path, **colours: str) -> dict[str, list[Path]]:
    """Write two photos of each person, a coloured square."""
    photos: dict[str, list[Path]] = {}
    for name, colour in colours.items():
        photos[name] = [folder / f"{name}{number}.png" for number in range(2)]
        for number, path in enumerate(photos[name]):
            image = picture((colour, 85 + number, 85), width=170, height=170)
            Image.fromarray(image).save(path)
    return photos


class Sure(FakeModels):
    """Is quite sure of its faces."""

    def detect(self, image: RGBImage, *, is_coarse: bool = False) -> list[Face]:
        return [replace(face, score=1.0) for face in super().detect(image, is_coarse=is_coarse)]


def test_a_filmed_clip_is_thinned_to_about_15_frames_a_second(tmp_path: Path) -> None:
    film(tmp_path / "stage.mp4", 30, 30.0, (320, 180))
    (clip,) = filmed_clips(tmp_path, 100)
    assert (clip.name, len(clip.frames), clip.rate) == ("stage", 15, 15.0)
    assert decoded(clip.frames[5]).mean() == pytest.approx(50, abs=6), "every second frame"
    assert not clip.places


def test_a_large_film_is_scaled_down_and_a_small_one_stays(tmp_path: Path) -> None:
    film(tmp_path / "a_large.mp4", 2, 15.0, (1280, 960))
    film(tmp_path / "b_small.mp4", 2, 15.0, (320, 180))
    large, small = filmed_clips(tmp_path, 10)
    assert decoded(large.frames[0]).shape == (HEIGHT, 480, 3)
    assert decoded(small.frames[0]).shape == (180, 320, 3)


def test_no_more_frames_are_read_than_asked_for(tmp_path: Path) -> None:
    film(tmp_path / "stage.mp4", 12, 15.0, (64, 48))
    (clip,) = filmed_clips(tmp_path, 5)
    assert len(clip.frames) == 5


def test_a_folder_without_films_has_no_clips(tmp_path: Path) -> None:
    assert list(filmed_clips(tmp_path, 5)) == []


def test_everybody_of_the_composed_clip_is_where_it_says(tmp_path: Path) -> None:
    photos = people(tmp_path, Minji="red", Hanni="green", Haerin="blue")
    clip = composed_clip(photos, Sure(), 40)
    seen = set()
    for data, places in zip(clip.frames, clip.places, strict=True):
        image = decoded(data)
        assert image.shape == (HEIGHT, WIDTH, 3)
        for x, y, name in places:
            if 10 < x < WIDTH - 10 and 10 < y < HEIGHT - 10:
                blue, green, red = image[int(y), int(x)]
                strongest = ("Minji", "Hanni", "Haerin")[int(np.argmax([red, green, blue]))]
                assert strongest == name
                seen.add(name)
    assert seen == {"Minji", "Hanni", "Haerin"}


def test_the_composed_clip_ends_where_it_began(tmp_path: Path) -> None:
    clip = composed_clip(people(tmp_path, Minji="red", Hanni="green"), Sure(), 60)
    assert clip.places[0][0][0] == pytest.approx(clip.places[-1][0][0], abs=8)


def test_nobody_with_a_usable_photo_is_an_error(tmp_path: Path) -> None:
    Image.fromarray(picture(width=170, height=170)).save(tmp_path / "dark.png")
    with pytest.raises(DatasetError, match="no photo"):
        composed_clip({"nobody": [tmp_path / "dark.png"]}, FakeModels(), 5)


class Embedder(FakeModels):
    """The promise of an embedder on top of squares."""

    name = "colours"
    dimensions = 3
    threshold = 0.8

    def embed(self, image: np.ndarray, faces: list) -> np.ndarray:  # type: ignore[override, type-arg]
        return super().embed([(image, face) for face in faces])


def test_everybody_is_enrolled_from_their_photos(tmp_path: Path) -> None:
    photos = people(tmp_path, Minji="red", Hanni="green")
    gallery = enrolled(photos, FakeModels(), Embedder())  # type: ignore[arg-type]
    assert gallery.keys == ("Minji", "Hanni")
    assert gallery.threshold == 0.8


def test_photos_without_exactly_one_face_enrol_nobody(tmp_path: Path) -> None:
    Image.fromarray(picture(("red", 60, 85), ("blue", 120, 85), width=170, height=170)).save(
        tmp_path / "two.png"
    )
    with pytest.raises(DatasetError, match="enrolled"):
        enrolled({"both": [tmp_path / "two.png"]}, FakeModels(), Embedder())  # type: ignore[arg-type]
