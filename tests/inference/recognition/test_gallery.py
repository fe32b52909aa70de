import numpy as np
import pytest

from inference.recognition.gallery import SINGLE_PHOTO_MARGIN, Gallery, Match


def unit(*values):
    row = np.array(values, dtype=np.float32)
    return row / np.linalg.norm(row)


def rows(*vectors):
    return np.stack([unit(*vector) for vector in vectors])


EAST, NORTH = unit(1, 0), unit(0, 1)


def test_the_nearest_person_is_named():
    gallery = Gallery(["lisa", "rose"], rows((1, 0), (0, 1)), threshold=0.5)
    match = gallery.identify(unit(1, 0.2))
    assert match is not None
    assert match.key == "lisa"
    assert match.similarity == pytest.approx(0.98, abs=0.01)


def test_a_stranger_stays_unknown():
    gallery = Gallery(["lisa"], rows((1, 0)), threshold=0.5)
    assert gallery.identify(unit(0.4, 1)) is None


def test_a_face_just_at_the_threshold_is_named():
    gallery = Gallery(["lisa"], rows((1, 0)), threshold=1.0)
    assert gallery.identify(EAST) == Match("lisa", 1.0)


def test_an_empty_gallery_knows_nobody():
    gallery = Gallery([], np.zeros((0, 2), np.float32), threshold=-1.0)
    assert gallery.identify(EAST) is None
    assert gallery.candidates(EAST, 3) == []
    assert gallery.similarities(rows((1, 0))).shape == (1, 0)


def test_candidates_come_most_similar_first_and_each_person_once():
    embeddings = rows((1, 0), (1, 0.1), (0, 1), (-1, 0))
    gallery = Gallery(["lisa", "lisa", "rose", "jennie"], embeddings, threshold=0.9)
    names = [match.key for match in gallery.candidates(unit(1, 0.5), 5)]
    assert names == ["lisa", "rose", "jennie"]


def test_several_photos_are_stood_for_by_their_mean():
    gallery = Gallery(["lisa"] * 2, rows((1, 0.3), (1, -0.3)), threshold=0.5)
    assert gallery.candidates(EAST, 1)[0].similarity == pytest.approx(1.0)


def test_the_same_shot_again_is_found_though_the_mean_is_far():
    gallery = Gallery(["lisa"] * 2, rows((1, 0), (-0.9, 1)), threshold=0.5)
    match = gallery.identify(EAST)
    assert match is not None
    assert match.similarity == pytest.approx(1.0 - SINGLE_PHOTO_MARGIN)


def test_opposite_photos_have_no_mean_and_still_count():
    gallery = Gallery(["lisa"] * 2, rows((1, 0), (-1, 0)), threshold=0.5)
    assert gallery.identify(EAST) == Match("lisa", 1.0)


def test_the_order_of_enrolment_does_not_matter():
    embeddings = rows((1, 0), (0, 1), (1, 0.2), (0.2, 1))
    first = Gallery(["lisa", "rose", "lisa", "rose"], embeddings, threshold=0.5)
    second = Gallery(["rose", "rose", "lisa", "lisa"], embeddings[[3, 1, 2, 0]], threshold=0.5)
    probe = unit(1, 0.6)
    assert dict(zip(first.keys, first.similarities(probe[None])[0], strict=True)) == pytest.approx(
        dict(zip(second.keys, second.similarities(probe[None])[0], strict=True))
    )


def test_asking_about_nobody_gives_no_rows():
    gallery = Gallery(["lisa"], rows((1, 0)), threshold=0.5)
    assert gallery.similarities(np.zeros((0, 2), np.float32)).shape == (0, 1)


@pytest.mark.parametrize(
    ("keys", "embeddings"),
    [
        pytest.param(["lisa", "rose"], rows((1, 0)), id="more keys than rows"),
        pytest.param(["lisa"], np.ones((1, 2), np.float32), id="not of unit length"),
        pytest.param(["lisa"], EAST, id="one row without its axis"),
        pytest.param(["lisa"], np.full((1, 2), np.nan, np.float32), id="not a number"),
    ],
)
def test_nonsense_is_refused(keys, embeddings):
    with pytest.raises(ValueError, match=r"keys|unit length"):
        Gallery(keys, embeddings, threshold=0.5)
