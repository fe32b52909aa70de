"""The real models behind the door, on a picture of one real face."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from webapp import vision

pytestmark = pytest.mark.weights

FACE_OF_THE_ASTRONAUT: vision.Box = (178, 65, 268, 175)


@pytest.fixture(scope="module", autouse=True)
def loaded_once() -> Iterator[None]:
    """Free the models when these tests are done."""
    yield
    vision.unload()


@pytest.fixture(scope="module")
def astronaut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portrait of Eileen Collins (NASA, public domain) that scikit-image carries."""
    path = tmp_path_factory.mktemp("pictures") / "astronaut.png"
    Image.fromarray(skimage.data.astronaut()).save(path)  # type: ignore[no-untyped-call]
    return path


def test_the_face_is_found_once_at_its_place(astronaut: Path) -> None:
    seen = vision.find_faces(astronaut, embed=False)

    [face] = seen.faces
    assert vision.box_iou(face.shape.box, FACE_OF_THE_ASTRONAUT) > 0.6
    assert (seen.width, seen.height, seen.embedder) == (512, 512, "")
    assert face.quality > 0.5


def test_the_mirrored_face_is_the_same_person(astronaut: Path, tmp_path: Path) -> None:
    mirrored = tmp_path / "mirrored.png"
    Image.open(astronaut).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(mirrored)
    first, second = (vision.find_faces(path, embed=True) for path in (astronaut, mirrored))

    a, b = (np.frombuffer(seen.faces[0].embedding or b"", "<f4") for seen in (first, second))

    assert first.embedder == second.embedder == vision.model_tags().embedder
    assert float(np.linalg.norm(a)) == pytest.approx(1.0, abs=1e-3)
    assert float(a @ b) > 0.8


def test_a_tight_crop_of_the_face_is_recognised_in_the_photo(
    astronaut: Path, tmp_path: Path
) -> None:
    tight = tmp_path / "tight.png"
    Image.open(astronaut).crop(FACE_OF_THE_ASTRONAUT).resize((180, 220)).save(tight)

    reference = vision.read_reference(tight, least_quality=0.0)
    seen = vision.find_faces(astronaut, embed=True)

    space = vision.space_of(reference.embedder)
    a, b = space.apply(
        np.stack(
            [
                np.frombuffer(embedding or b"", "<f4")
                for embedding in (reference.face.embedding, seen.faces[0].embedding)
            ]
        )
    )
    assert float(a @ b) > space.threshold


def test_a_tight_crop_is_found_in_an_uploaded_photo_as_well(
    astronaut: Path, tmp_path: Path
) -> None:
    tight = tmp_path / "tight.png"
    Image.open(astronaut).crop(FACE_OF_THE_ASTRONAUT).resize((180, 220)).save(tight)

    [enrolled], [uploaded] = (
        [vision.read_reference(tight, least_quality=0.0).face],
        vision.find_faces(tight, embed=True).faces,
    )

    assert uploaded.shape == enrolled.shape
    assert uploaded.embedding == enrolled.embedding


def test_a_stored_crop_can_be_embedded_again(astronaut: Path, tmp_path: Path) -> None:
    first = vision.read_reference(astronaut, least_quality=0.0)
    crop = tmp_path / "crop.jpg"
    crop.write_bytes(first.crop)

    again = vision.read_reference(crop, least_quality=0.0)

    a, b = (np.frombuffer(reference.face.embedding or b"", "<f4") for reference in (first, again))
    assert float(a @ b) > 0.9


def test_the_smile_is_happy(astronaut: Path) -> None:
    seen = vision.find_faces(astronaut, embed=False)

    model, [emotion] = vision.classify_emotions(astronaut, [face.shape for face in seen.faces])

    assert emotion.label == "happy"
    assert sum(emotion.probabilities.values()) == pytest.approx(1.0, abs=0.01)
    assert set(emotion.probabilities) == set(vision.emotion_labels())
    assert model == vision.model_tags().emotion


def test_the_portrait_blurs_what_is_behind_and_can_be_drawn_again(
    astronaut: Path, tmp_path: Path
) -> None:
    made = vision.make_portrait(astronaut, 1.0)

    assert made.has_person
    pixels = np.asarray(Image.open(BytesIO(made.full)).convert("L")).astype(float)
    original = np.asarray(Image.open(astronaut).convert("L")).astype(float)
    wall, face = np.s_[0:120, 70:120], np.s_[90:160, 195:255]
    assert np.diff(pixels[wall]).std() < 0.6 * np.diff(original[wall]).std()
    assert np.abs(pixels[face] - original[face]).mean() < 4

    alpha = tmp_path / "alpha.png"
    alpha.write_bytes(made.alpha)
    again = vision.render_portrait(astronaut, alpha, 1.0)
    difference = np.asarray(Image.open(BytesIO(again.full)).convert("L")).astype(float) - pixels
    assert np.abs(difference).mean() < 1.0


def test_a_picture_of_nobody_has_no_portrait(tmp_path: Path) -> None:
    path = tmp_path / "bricks.png"
    Image.fromarray(skimage.data.brick()).save(path)  # type: ignore[no-untyped-call]

    made = vision.make_portrait(path, 0.5)

    assert (made.has_person, made.full) == (False, b"")
    assert vision.find_faces(path, embed=False).faces == ()
