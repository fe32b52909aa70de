import numpy as np
import pytest
from PIL import Image

from inference.datasets.faces import (
    WIDE_SIZE,
    WIDE_TEMPLATE,
    choose_face,
    cut_all,
    cut_wide,
    detect_with_border,
    find_labelled_faces,
    load_crops,
    read_photo,
    save_crops,
)
from inference.datasets.identities import LabelledPhoto
from inference.errors import DatasetError
from inference.types import Face

POINTS = np.array([[20, 20], [40, 20], [30, 30], [22, 40], [38, 40]], np.float32)


def face(x=0.0, y=0.0, side=50.0, score=0.9):
    return Face((x, y, x + side, y + side), score, POINTS + np.float32([x, y]))


class Detector:
    """Says that there are the given faces, and remembers what it was shown."""

    def __init__(self, *faces):
        self.faces = list(faces)
        self.shapes = []

    def detect(self, image):
        self.shapes.append(image.shape)
        return self.faces


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "lisa.png"
    Image.fromarray(np.full((100, 200, 3), 70, np.uint8)).save(path)
    return LabelledPhoto(path, "lisa", "set")


def test_a_border_is_put_around_and_its_offset_taken_off_again():
    detector = Detector(face(x=100, y=100))
    found = detect_with_border(detector, np.zeros((100, 200, 3), np.uint8), 0.5)
    assert detector.shapes == [(300, 400, 3)]
    assert found[0].box == (0.0, 0.0, 50.0, 50.0)
    assert np.array_equal(found[0].landmarks, POINTS)


def test_a_box_finds_its_own_face(photo):
    labelled = LabelledPhoto(photo.path, "lisa", "set", box=(100, 0, 170, 70))
    near, other = face(x=110, y=10), face(x=0)
    image = np.zeros((100, 200, 3), np.uint8)
    assert choose_face([other, near], labelled, image) is near
    assert choose_face([other], labelled, image) is None


def test_without_a_box_the_large_face_in_the_middle_is_meant(photo):
    image = np.zeros((200, 200, 3), np.uint8)
    middle, corner, small = face(x=75, y=75), face(x=150, y=150), face(x=90, y=90, side=20)
    assert choose_face([corner, small, middle], photo, image) is middle
    assert choose_face([], photo, image) is None


def test_what_was_found_once_is_not_looked_for_again(photo, tmp_path):
    detector = Detector(face(x=20, y=20))
    first = find_labelled_faces([photo], lambda: detector, tmp_path / "cache")
    again = find_labelled_faces([photo], lambda: pytest.fail("searched twice"), tmp_path / "cache")
    assert first[0].photo == again[0].photo == photo
    assert first[0].face.box == again[0].face.box
    assert np.array_equal(first[0].face.landmarks, again[0].face.landmarks)


def test_a_photo_without_a_face_is_left_out(photo, tmp_path):
    assert find_labelled_faces([photo], Detector, tmp_path) == []


def test_a_wide_crop_puts_the_eyes_where_the_template_has_them():
    image = np.zeros((60, 60, 3), np.uint8)
    image[18:23, 18:23] = 255
    crop, landmarks = cut_wide(image, POINTS)
    assert crop.shape == (WIDE_SIZE, WIDE_SIZE, 3)
    assert np.abs(landmarks[:2] - WIDE_TEMPLATE[:2]).max() < 4.0
    x, y = landmarks[0].round().astype(int)
    assert crop[y, x, 0] == 255


def test_stored_crops_come_back_the_same(tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (60, 60, 3)).astype(np.uint8)
    crops = cut_all(iter([(image, face(), "lisa", "set"), (image, face(), "", "crowd")]))
    save_crops(crops, tmp_path / "cache" / "crops.npz")
    again = load_crops(tmp_path / "cache" / "crops.npz")
    assert np.array_equal(crops.images, again.images)
    assert np.array_equal(crops.landmarks, again.landmarks)
    assert (again.people, again.sources) == (("lisa", ""), ("set", "crowd"))


def test_no_face_at_all_is_an_error():
    with pytest.raises(DatasetError, match="no face was found"):
        cut_all(iter([]))


def test_a_damaged_picture_is_named(tmp_path):
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"\xff\xd8\xff no more")
    with pytest.raises(DatasetError, match=r"broken\.jpg cannot be read"):
        read_photo(path)
