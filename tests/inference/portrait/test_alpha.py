"""A stored mask comes back as it was."""

import numpy as np
import pytest

from inference.errors import ImageError
from inference.portrait.alpha import decode_alpha, encode_alpha


def test_a_mask_survives_storing_within_half_a_level() -> None:
    alpha = np.random.default_rng(4).random((37, 53)).astype(np.float32)
    restored = decode_alpha(encode_alpha(alpha))
    assert restored.dtype == np.float32
    assert np.abs(restored - alpha).max() <= 0.5 / 255 + 1e-6


def test_0_and_1_are_exact() -> None:
    alpha = np.array([[0, 1], [1, 0]], np.float32)
    assert np.array_equal(decode_alpha(encode_alpha(alpha)), alpha)


def test_a_mask_of_12_megapixels_is_a_small_file() -> None:
    alpha = np.zeros((3000, 4000), np.float32)
    alpha[1000:, 1500:2500] = 1
    assert len(encode_alpha(alpha)) < 200_000


@pytest.mark.parametrize("data", [b"", b"no picture"])
def test_a_broken_file_says_what_to_do(data: bytes) -> None:
    with pytest.raises(ImageError, match="analyse the photo again"):
        decode_alpha(data)
