import numpy as np
import pytest

from inference.recognition import gallery as gallery_module
from inference.recognition.gallery import SINGLE_PHOTO_MARGIN, Gallery, Match


def unit(*values):
    row = np.array(values, dtype=np.float32)
    return row / np.linalg.norm(row)


def rows(*vectors):
    return np.stack([unit(*vector) for vector in vectors])


EAST, NORTH = unit(1, 0), unit(0, 1)


def test_the_nearest_person_comes_first():
    gallery = Gallery(["lisa", "rose"], rows((1, 0), (0, 1)), threshold=0.5)
    match = gallery.candidates(unit(1, 0.2), 1)[0]
    assert match.key == "lisa"
    assert match.similarity == pytest.approx(0.98, abs=0.01)


def test_an_empty_gallery_knows_nobody():
    gallery = Gallery([], np.zeros((0, 2), np.float32), threshold=-1.0)
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
    match = gallery.candidates(EAST, 1)[0]
    assert match.similarity == pytest.approx(1.0 - SINGLE_PHOTO_MARGIN)


def test_opposite_photos_have_no_mean_and_still_count():
    gallery = Gallery(["lisa"] * 2, rows((1, 0), (-1, 0)), threshold=0.5)
    assert gallery.candidates(EAST, 1) == [Match("lisa", 1.0)]


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


def random_rows(count, seed=0):
    drawn = np.random.default_rng(seed).standard_normal((count, 16)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@pytest.mark.parametrize("block_rows", [1, 4, 7, 1000])
def test_a_changed_gallery_answers_as_one_made_anew(block_rows, monkeypatch):
    monkeypatch.setattr(gallery_module, "BLOCK_ROWS", block_rows)
    keys, embeddings = [f"person {row % 9}" for row in range(40)], random_rows(40)
    changed = Gallery(keys, embeddings, threshold=0.5)
    rows_of = {key: embeddings[[one == key for one in keys]] for key in dict.fromkeys(keys)}
    for turn, person in enumerate(["person 3", "person 8", "somebody new", "person 3", "person 0"]):
        rows_of[person] = random_rows(turn % 4, seed=turn + 1)
        count = len(rows_of[person])
        changed = changed.with_people([person] * count, rows_of[person], of=[person])
    everything = [(key, row) for key, of in rows_of.items() for row in of]
    anew = Gallery([key for key, _ in everything], np.stack([row for _, row in everything]), 0.5)

    probes = random_rows(5, seed=99)
    assert set(changed.keys) == set(anew.keys) == {key for key, of in rows_of.items() if len(of)}
    assert changed.size == anew.size
    order = [changed.keys.index(key) for key in anew.keys]
    assert changed.similarities(probes)[:, order] == pytest.approx(
        anew.similarities(probes), abs=1e-6
    )


def test_who_is_taken_out_leaves_no_row_behind():
    keys, embeddings = ["lisa", "rose", "rose"], rows((1, 0), (0, 1), (0.1, 1))

    changed = Gallery(keys, embeddings, 0.5).with_people([], np.zeros((0, 2), np.float32), ["rose"])

    assert changed.keys == ("lisa",)
    assert changed.size == 1
