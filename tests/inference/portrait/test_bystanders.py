"""Heads are hidden for good, whole, and without touching those of the named."""

import numpy as np
import pytest

from inference.portrait.bystanders import Box, hide_heads, unnamed_among
from inference.types import RGBImage

FACE = (80.0, 80.0, 120.0, 130.0)


def _noise(size: int = 200) -> RGBImage:
    chance = np.random.default_rng(1)
    return chance.integers(0, 256, (size, size, 3), dtype=np.uint8)


def _hardly_anything_is_left(image: RGBImage, box: Box) -> bool:
    """Whether neighbours differ by next to nothing, where noise differs by 85 on average."""
    x1, y1, x2, y2 = map(int, box)
    part = image[max(0, y1) : y2, max(0, x1) : x2].astype(int)
    return bool(np.abs(np.diff(part, axis=1)).mean() < 4)


def test_a_head_is_hidden_with_its_hair_and_what_is_far_stays() -> None:
    image = _noise()
    hidden = hide_heads(image, [FACE], [])
    assert _hardly_anything_is_left(hidden, FACE)
    assert _hardly_anything_is_left(hidden, (92, 62, 108, 80)), "the hair"
    assert (hidden[:, :50] == image[:, :50]).all()
    assert (hidden[:40] == image[:40]).all()
    assert (image == _noise()).all(), "the picture that was given stays"


def test_two_faces_that_differ_in_detail_only_are_hidden_alike() -> None:
    """What tells them apart is gone, so nothing can bring it back."""
    image, other = _noise(), _noise()
    other[90:120, 90:110] = image[90:120, 90:110][:, ::-1]
    first, second = (hide_heads(one, [FACE], []).astype(int) for one in (image, other))
    assert np.abs(first - second).max() < 16


def test_a_named_face_stays_where_the_hair_of_another_covers_it() -> None:
    image, named = _noise(), (122.0, 60.0, 162.0, 110.0)
    hidden = hide_heads(image, [FACE], [named])
    assert (hidden[75:95, 132:152] == image[75:95, 132:152]).all()
    assert _hardly_anything_is_left(hidden, (85, 85, 115, 125))


@pytest.mark.parametrize(
    "face",
    [
        pytest.param((-20.0, -20.0, 20.0, 25.0), id="cut off by a corner"),
        pytest.param((190.0, 80.0, 230.0, 130.0), id="cut off by an edge"),
        pytest.param((400.0, 400.0, 440.0, 450.0), id="outside"),
        pytest.param((100.0, 100.0, 100.0, 100.0), id="no area"),
        pytest.param((-50.0, -50.0, 250.0, 250.0), id="larger than the picture"),
    ],
)
def test_a_face_at_the_edge_is_hidden_as_far_as_it_is_seen(face: Box) -> None:
    image = _noise()
    hidden = hide_heads(image, [face], [])
    assert hidden.shape == image.shape
    x1, y1, x2, y2 = face
    if x1 < 200 and x2 > x1:
        assert _hardly_anything_is_left(hidden, (x1, y1, min(x2, 200), min(y2, 200)))


def test_what_was_found_once_more_of_a_named_face_is_not_a_bystander() -> None:
    found = [
        (82.0, 78.0, 121.0, 131.0),  # Herself.
        (90.0, 100.0, 105.0, 115.0),  # Her nose.
        (10.0, 10.0, 40.0, 50.0),  # Somebody else.
        (105.0, 85.0, 150.0, 140.0),  # Somebody whose cheek lies at hers.
    ]
    assert unnamed_among(found, [FACE]) == found[2:]
