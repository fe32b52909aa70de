import numpy as np
import pytest

from inference.errors import DatasetError
from inference.evaluation.naming.identification import (
    MAX_STRANGERS,
    OpenSetRow,
    VerificationScores,
    equal_error_rate,
    measure,
    open_set,
    pair_similarities,
    rank_one,
    tar_at_far,
)
from inference.recognition.postprocessing import unit_rows


def people_around_centres(people=6, photos=8, scatter=0.05, seed=0):
    """Embeddings of people who are far from each other, or not, by ``scatter``."""
    draw = np.random.default_rng(seed)
    centres = np.linalg.qr(draw.normal(size=(16, 16)))[0][:people]
    names = np.repeat([f"person {k}" for k in range(people)], photos)
    rows = np.repeat(centres, photos, axis=0) + draw.normal(0, scatter, (people * photos, 16))
    return unit_rows(rows.astype(np.float32)), names.tolist()


def test_every_pair_is_compared_once():
    embeddings = unit_rows(np.array([[1, 0], [1, 1], [0, 1]], np.float32))
    genuine, impostor = pair_similarities(embeddings, ["lisa", "lisa", "rose"])
    assert genuine.tolist() == [pytest.approx(0.7071, abs=1e-4)]
    assert sorted(impostor.tolist()) == [0.0, pytest.approx(0.7071, abs=1e-4)]


@pytest.mark.parametrize(
    ("genuine", "impostor", "rate"),
    [
        pytest.param([0.8, 0.9], [0.1, 0.2], 0.0, id="apart"),
        pytest.param([0.1, 0.9], [0.2, 0.0], 0.5, id="one of two wrong on each side"),
        pytest.param([0.0, 0.1], [0.8, 0.9], 1.0, id="upside down"),
        pytest.param(
            [0.4, 0.9, 0.9, 0.9], [0.1, 0.1, 0.1, 0.5], 0.25, id="a quarter wrong on each side"
        ),
    ],
)
def test_the_equal_error_rate_balances_both_kinds_of_error(genuine, impostor, rate):
    assert equal_error_rate(np.array(genuine), np.array(impostor)) == pytest.approx(rate)


@pytest.mark.parametrize(("genuine", "impostor"), [([], [0.1]), ([0.1], [])])
def test_an_error_rate_needs_both_kinds_of_pairs(genuine, impostor):
    with pytest.raises(DatasetError):
        equal_error_rate(np.array(genuine), np.array(impostor))


def test_the_true_accept_rate_is_taken_where_few_impostors_pass():
    impostor = np.arange(100) / 100
    genuine = np.array([0.5, 0.985, 0.995, 0.999])
    assert tar_at_far(genuine, impostor, 0.01) == 0.75
    assert tar_at_far(genuine, impostor, 0.0) == 0.5
    assert tar_at_far(genuine, impostor, 0.6) == 1.0


def test_people_who_are_far_apart_are_all_recognised():
    embeddings, names = people_around_centres()
    scores = measure(embeddings, names)
    assert scores.pair_eer == 0.0
    assert scores.rank1_1shot == scores.rank1_5shot == 1.0
    assert scores.chosen().named_right == pytest.approx(1.0)
    assert (scores.faces, scores.people) == (48, 6)


def test_noise_is_recognised_as_badly_as_by_guessing():
    draw = np.random.default_rng(1)
    embeddings = unit_rows(draw.normal(size=(200, 16)).astype(np.float32))
    names = [f"person {k % 10}" for k in range(200)]
    assert rank_one(embeddings, names, 3) == pytest.approx(0.1, abs=0.05)


def test_more_reference_photos_help():
    embeddings, names = people_around_centres(scatter=0.35, photos=20)
    assert rank_one(embeddings, names, 5) > rank_one(embeddings, names, 1) + 0.05


def test_a_higher_threshold_names_fewer_of_each_kind():
    rows = open_set(*people_around_centres(scatter=0.35, photos=12))
    for name in ("named_right", "wrong_name", "strangers_accepted"):
        values = [getattr(row, name) for row in rows]
        assert values == sorted(values, reverse=True)
    assert rows[0].strangers_accepted > 0.5


def test_the_chosen_threshold_is_the_lowest_that_keeps_both_promises():
    rows = (
        OpenSetRow(0.1, 0.9, 0.02, 0.04),
        OpenSetRow(0.2, 0.8, 0.01, MAX_STRANGERS + 0.01),
        OpenSetRow(0.3, 0.7, 0.01, MAX_STRANGERS),
        OpenSetRow(0.4, 0.6, 0.0, 0.0),
    )
    scores = VerificationScores(1, 1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, rows)
    assert scores.chosen().threshold == 0.3
