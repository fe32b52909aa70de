import numpy as np
import pytest
from safetensors.numpy import save_file

from inference.errors import WeightsError
from inference.recognition.postprocessing import Whitening, load_whitening, unit_rows
from inference.weights import locate, record


def test_rows_come_out_with_unit_length_and_zero_stays_zero():
    rows = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32))
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0.0, 0.0]]


def test_the_mean_is_taken_off_before_the_matrix():
    whitening = Whitening(np.array([1, 0], np.float32), np.diag([1, 5]).astype(np.float32))
    assert whitening.apply(np.array([[1, 1]], np.float32)).tolist() == [[0, 1]]


def test_look_alikes_move_apart():
    common = np.array([0.9, 0.1, 0.0], np.float32)
    faces = unit_rows(np.array([[0.9, 0.3, 0.0], [0.9, -0.1, 0.2]], np.float32))
    whitening = Whitening(common, np.eye(3, dtype=np.float32))
    assert faces[0] @ faces[1] > 0.8
    assert np.prod(whitening.apply(faces), axis=0).sum() < 0.0


def test_a_matrix_that_does_not_fit_the_mean_is_refused():
    with pytest.raises(ValueError, match="a mean of 2"):
        Whitening(np.zeros(2, np.float32), np.eye(3, dtype=np.float32))


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param({"mean": np.zeros(2, np.float32)}, id="no matrix"),
        pytest.param({"mean": np.zeros(2), "matrix": np.eye(3)}, id="shapes differ"),
    ],
)
def test_a_file_without_a_whitening_is_a_weights_error(stored, tmp_path):
    path = tmp_path / "broken.safetensors"
    save_file(stored, path)
    with pytest.raises(WeightsError, match=r"broken\.safetensors holds no whitening"):
        load_whitening(path)


@pytest.mark.weights
@pytest.mark.parametrize("embedder", ["dlib-resnet", "encore-resnet"])
def test_the_shipped_whitening_fits_the_embedder_it_was_learnt_for(embedder):
    whitening = load_whitening(locate(record(f"{embedder}-whitening")))
    assert whitening.mean.shape == (128,)
    assert np.isfinite(whitening.matrix).all()
    # Raw embeddings of K-pop faces share much of their direction; that is what the mean holds.
    assert 0.4 < np.linalg.norm(whitening.mean) < 1.0
