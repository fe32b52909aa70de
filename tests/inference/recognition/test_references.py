import numpy as np
import pytest

from inference.recognition.references import LEAST_REFERENCES, unlike_others


def at(*degrees):
    angles = np.deg2rad(np.array(degrees, dtype=float))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_picture_of_somebody_else_is_unlike_the_others():
    assert unlike_others(at(0, 10, 20, 15, 80), ["lisa"] * 5).tolist() == [False] * 4 + [True]


def test_pictures_that_are_alike_all_stay():
    assert not unlike_others(at(0, 10, 20, 15, 25), ["lisa"] * 5).any()


def test_each_person_is_judged_by_their_own_pictures():
    rows = at(0, 10, 20, 15, 80, 90, 85, 95)
    assert not unlike_others(rows, ["lisa"] * 4 + ["rose"] * 4).any()
    assert unlike_others(rows[[0, 1, 2, 4, 5, 6, 7, 3]], ["lisa"] * 4 + ["rose"] * 4).tolist() == [
        *[False] * 3, True, *[False] * 3, True,
    ]  # fmt: skip


@pytest.mark.parametrize("count", range(LEAST_REFERENCES))
def test_of_few_pictures_nobody_can_say_which_is_the_odd_one(count):
    assert not unlike_others(at(0, 10, 80)[:count], ["lisa"] * count).any()


def test_no_more_than_a_third_is_set_aside_and_the_least_alike_of_them():
    assert unlike_others(at(0, 3, 6, 100, -100), ["lisa"] * 5).tolist() == [False] * 4 + [True]
    assert unlike_others(at(0, 3, 6, 4, 100, -100), ["lisa"] * 6).tolist() == [
        *[False] * 4, True, True,
    ]  # fmt: skip


def test_the_order_of_the_references_does_not_matter():
    rows, people = at(80, 0, 10, 20, 15), ["lisa"] * 5
    assert unlike_others(rows, people).tolist() == [True, False, False, False, False]


def test_no_references_are_no_trouble():
    assert unlike_others(np.zeros((0, 2), np.float32), []).tolist() == []
