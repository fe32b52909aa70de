from pathlib import Path

import numpy as np
from PIL import Image

from inference.alignment import DLIB_150
from inference.datasets.faces import LabelledFace
from inference.datasets.identities import LabelledPhoto
from inference.evaluation.naming.raw_embeddings import RawEmbeddings
from inference.types import Face


def labelled(path: Path) -> LabelledFace:
    face = Face((30.0, 30.0, 180.0, 180.0), 1.0, np.asarray(DLIB_150 + 30, np.float32))
    return LabelledFace(LabelledPhoto(path, path.stem, "set"), face)


def test_each_face_has_the_quality_that_its_own_photo_shows(tmp_path: Path) -> None:
    sharp = np.random.default_rng(0).integers(0, 255, (210, 210, 3), np.uint8)
    Image.fromarray(sharp).save(tmp_path / "sharp.png")
    Image.new("RGB", (210, 210), "grey").save(tmp_path / "flat.png")
    faces = [labelled(tmp_path / name) for name in ("flat.png", "sharp.png", "flat.png")]

    flat, seen, again = RawEmbeddings(faces, tmp_path, tmp_path).qualities()

    assert flat == again == 0.0
    assert seen > 0.9
