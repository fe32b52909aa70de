import numpy as np
import pytest
import torch
from PIL import Image

from inference.datasets.faces import LabelledFace, embed_faces
from inference.datasets.identities import LabelledPhoto
from inference.errors import DatasetError, WeightsError
from inference.evaluation.naming.embedders import embedders_to_compare
from inference.evaluation.verification import lfw_pairs
from inference.training.distillation.teacher import MobileFaceNet, load_teacher, normalise
from inference.types import Face

PAIRS = "1\t1\nAna_Maria\t1\t2\nAna_Maria\t2\tBo_Li\t1\n"


def lfw(folder, text):
    (folder / "faces" / "lfw").mkdir(parents=True)
    (folder / "faces" / "lfw" / "pairs.txt").write_text(text)
    return folder


def test_pairs_of_one_person_and_of_two_are_told_apart_by_their_columns(tmp_path):
    photos, pairs, same = lfw_pairs(lfw(tmp_path, PAIRS))
    names = [photo.path.name for photo in photos]
    assert names == ["Ana_Maria_0001.jpg", "Ana_Maria_0002.jpg", "Bo_Li_0001.jpg"]
    assert pairs.tolist() == [[0, 1], [1, 2]]
    assert same.tolist() == [True, False]


def test_a_missing_table_of_pairs_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"there is no .*pairs\.txt"):
        lfw_pairs(tmp_path)


class Brightness:
    """An embedder that only sees how bright the photo is and how many faces it was given."""

    name, dimensions, threshold = "brightness", 2, 0.0

    def embed(self, image, faces):
        return np.array([[image[0, 0, 0], index] for index in range(len(faces))], np.float32)


def test_every_face_gets_the_embedding_of_its_own_photo_in_order(tmp_path):
    faces = []
    for name, value in (("a", 10), ("b", 20), ("a", 10)):
        path = tmp_path / f"{name}.png"
        Image.fromarray(np.full((5, 5, 3), value, np.uint8)).save(path)
        face = Face((0, 0, 1, 1), 1.0, np.zeros((5, 2), np.float32))
        faces.append(LabelledFace(LabelledPhoto(path, name, "set"), face))
    assert embed_faces(Brightness().embed, faces).tolist() == [[10, 0], [20, 0], [10, 1]]


def test_without_the_download_only_shipped_embedders_are_compared(tmp_path):
    assert set(embedders_to_compare(tmp_path)) == {"encore", "encore-resnet", "dlib-resnet"}


def test_the_teacher_must_be_there_and_fit(tmp_path):
    with pytest.raises(WeightsError, match="the teacher's weights are missing"):
        load_teacher(tmp_path)
    path = tmp_path / "models" / "mobilefacenet_foamliu" / "mobilefacenet.pt"
    path.parent.mkdir(parents=True)
    torch.save({"other": torch.zeros(1)}, path)
    with pytest.raises(WeightsError, match="does not fit"):
        load_teacher(tmp_path)


def test_the_teacher_turns_112_pixels_into_128_numbers():
    crops = torch.randint(0, 256, (2, 3, 112, 112), dtype=torch.uint8)
    with torch.inference_mode():
        assert MobileFaceNet().eval()(normalise(crops)).shape == (2, 128)
