import numpy as np
import pytest

from inference.recognition.networks.fused import FusedEmbedder
from inference.recognition.postprocessing import Part, PostProcessing
from inference.types import Face

IMAGE = np.zeros((4, 4, 3), np.uint8)
FACES = [Face((0, 0, 1, 1), 1.0, np.zeros((5, 2), np.float32))] * 2


class Fixed:
    """An embedder that always gives the same rows."""

    name, threshold = "fixed", 0.0

    def __init__(self, rows):
        self.rows = np.array(rows, np.float32)
        self.dimensions = self.rows.shape[1]

    def embed_raw(self, _image, faces):
        return self.rows[: len(faces)]


def plain(*parts):
    size = sum(part.dimensions for part in parts)
    return PostProcessing(np.zeros(size, np.float32), np.eye(size, dtype=np.float32), 0.5, parts)


def test_the_similarity_is_the_weighted_mean_of_the_parts():
    same, apart = Fixed([[1, 0], [1, 0]]), Fixed([[1, 0, 0], [0, 1, 0]])
    fused = FusedEmbedder(
        "both", [(same, 0.75), (apart, 0.25)], plain(Part(2, 0.75), Part(3, 0.25))
    )
    rows = fused.embed(IMAGE, FACES)
    assert rows.shape == (2, fused.dimensions) == (2, 5)
    assert rows[0] @ rows[1] == pytest.approx(0.75)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0)


def test_raw_embeddings_lie_side_by_side_by_share():
    same, apart = Fixed([[1, 0], [1, 0]]), Fixed([[1, 0, 0], [0, 1, 0]])
    postprocessing = plain(Part(2, 0.75), Part(3, 0.25))
    raw = FusedEmbedder("both", [(same, 0.75), (apart, 0.25)], postprocessing).embed_raw(
        IMAGE, FACES
    )
    assert np.allclose(raw[1] ** 2, [0.75, 0, 0, 0.25, 0])


def test_no_faces_give_no_rows():
    fused = FusedEmbedder("one", [(Fixed([[1, 0]]), 1.0)], plain(Part(2, 1.0)))
    assert fused.embed(IMAGE, []).shape == (0, 2)


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param([], id="no part"),
        pytest.param([0.5, 0.6], id="too much"),
        pytest.param([1.5, -0.5], id="a negative part"),
    ],
)
def test_weights_must_share_the_whole(weights):
    with pytest.raises(ValueError, match="add up to 1"):
        FusedEmbedder("bad", [(Fixed([[1, 0]]), weight) for weight in weights], plain(Part(2, 1.0)))
