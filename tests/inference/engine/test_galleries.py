"""A gallery message: rows as the embedder made them, and how they are compared."""

from typing import cast

import numpy as np
import pytest

from inference.engine.galleries import GalleryRefusedError, LiveGallery, read_gallery
from inference.protocol.messages import GalleryUpdate
from inference.recognition.postprocessing import unchanged

OWN = unchanged(3, threshold=0.8)
RAW = np.array([[1, 0, 0], [0, 1, 0]], dtype="<f4")
MEAN = np.array([0, 0, -1], dtype="<f4")
SWAPPED = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]], dtype="<f4")


def read(payload: bytes, **changes: object) -> LiveGallery:
    said: dict[str, object] = {
        "type": "gallery",
        "gallery": "fans",
        "revision": 1,
        "people": [{"person": "a", "name": "Ahn"}, {"person": "b", "name": "Bae"}],
        "dimensions": 3,
        "rows": [0, 1],
        "embedder": "colours",
    }
    return read_gallery(cast(GalleryUpdate, {**said, **changes}), payload, "colours", OWN)


def test_rows_are_compared_in_the_embedders_own_space() -> None:
    gallery = read(RAW.tobytes())
    assert gallery.space.threshold == gallery.gallery.threshold == 0.8
    assert gallery.gallery.similarities(RAW) == pytest.approx(np.eye(2))


def test_rows_are_compared_in_the_space_that_the_people_themselves_taught() -> None:
    learnt = MEAN.tobytes() + SWAPPED.tobytes()
    gallery = read(learnt + RAW.tobytes(), is_learnt=True, threshold=0.4)
    assert gallery.gallery.threshold == 0.4
    assert gallery.space.apply(RAW[:1])[0] == pytest.approx([0, 0.5**0.5, 0.5**0.5])
    found = gallery.gallery.similarities(gallery.space.apply(RAW))
    assert found == pytest.approx(np.array([[1, 0.5], [0.5, 1]]))


def test_a_gallery_of_nobody_names_nobody() -> None:
    assert read(b"", rows=[], people=[]).gallery.keys == ()


@pytest.mark.parametrize(
    ("payload", "changes"),
    [
        pytest.param(RAW.tobytes(), {"is_learnt": True}, id="the space is missing"),
        pytest.param(b"\0" * 40 + RAW.tobytes(), {"is_learnt": True}, id="the space is cut"),
        pytest.param(
            np.full(12, np.nan, "<f4").tobytes() + RAW.tobytes(),
            {"is_learnt": True},
            id="the space holds no numbers",
        ),
        pytest.param(
            b"\0" * 24 + RAW.tobytes(),
            {"is_learnt": True, "dimensions": 2},
            id="the space is of another size",
        ),
        pytest.param(RAW.tobytes(), {"dimensions": 6, "rows": [0]}, id="the rows are too long"),
    ],
)
def test_what_contradicts_itself_is_refused(payload: bytes, changes: dict[str, object]) -> None:
    with pytest.raises(GalleryRefusedError, match="cannot be read"):
        read(payload, **changes)
