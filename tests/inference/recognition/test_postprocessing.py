import numpy as np
import pytest

from inference.recognition.postprocessing import Part, PostProcessing, unit_rows

TWO = (Part(2, 1.0),)


def test_unit_rows_keep_their_direction_and_zeros_stay_zero():
    rows = unit_rows(np.array([[3, 4], [0, 0]], np.float32))
    assert np.allclose(rows, [[0.6, 0.8], [0, 0]])


def test_the_mean_is_taken_off_before_the_matrix():
    processing = PostProcessing(
        np.array([1, 0], np.float32), np.diag([1, 5]).astype(np.float32), 0.5, TWO
    )
    assert processing.apply(np.array([[1, 1]], np.float32)).tolist() == [[0, 1]]


def test_no_rows_give_no_rows():
    processing = PostProcessing(np.zeros(2, np.float32), np.eye(2, dtype=np.float32), 0.5, TWO)
    assert processing.apply(np.zeros((0, 2), np.float32)).shape == (0, 2)


def test_each_part_gets_its_share_however_long_it_is():
    processing = PostProcessing(
        np.zeros(2, np.float32), np.eye(2, dtype=np.float32), 0.5, (Part(1, 0.25), Part(1, 0.75))
    )
    row = processing.apply(np.array([[9, 0.1]], np.float32))[0]
    assert np.allclose(row**2, [0.25, 0.75])


@pytest.mark.parametrize(
    ("mean", "parts"),
    [
        pytest.param(2, TWO, id="a matrix of another size"),
        pytest.param(3, TWO, id="parts of another size"),
    ],
)
def test_sizes_must_fit(mean, parts):
    with pytest.raises(ValueError, match=r"dimensions|with a matrix"):
        PostProcessing(np.zeros(mean, np.float32), np.eye(3, dtype=np.float32), 0.5, parts)
