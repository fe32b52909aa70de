import numpy as np
import pytest

from inference.evaluation.naming.group_photos import Library, Scene, group_photos
from inference.evaluation.naming.line_up import (
    ALONE,
    BESIDE,
    MARGINS,
    OTHERS,
    Measurement,
    choose_rules,
    with_line_up,
    without_line_up,
)
from inference.recognition.line_up import LineUpRules
from tests.inference.evaluation.naming.test_people_disjoint import faces


def scene(seen, truth, weights=None):
    trusted = np.ones(len(seen)) if weights is None else np.array(weights)
    return Scene(np.array(seen, float), np.array(truth), trusted)


def library(seen, truth, alone=(-0.5,), **scenes):
    one = scene(seen, truth)
    nobody = scene(np.full((1, one.excess.shape[1]), -0.9), [-1])
    kinds = {"members": [one], "stranger_beside": [nobody], "member_unknown": [nobody], **scenes}
    return Library(kinds, np.array(alone))


GROUP_PHOTO = [[0.3, -0.5, -0.5], [-0.5, 0.3, -0.5], [-0.5, -0.5, -0.02]]


def test_a_line_up_names_who_is_left():
    found = library(GROUP_PHOTO, [0, 1, 2])
    assert without_line_up(found)["usual_right"] == pytest.approx(2 / 3)
    assert with_line_up(found)[LineUpRules(0.0, 0.12, 0.06, OTHERS)]["right"] == 1.0


def test_names_of_people_who_are_not_there_count_as_wrong_and_as_strangers():
    beside = scene(GROUP_PHOTO, [0, 1, -1])
    found = library(GROUP_PHOTO, [0, 1, 0], alone=(-0.02, -0.2), stranger_beside=[beside])
    rates = with_line_up(found)[LineUpRules(0.03, 0.12, 0.06, OTHERS)]
    assert rates["wrong"] == pytest.approx(1 / 3)
    assert rates["strangers_beside"] == 1.0
    assert rates["strangers_alone"] == 0.5


def test_a_face_too_poor_for_a_name_is_measured_as_one_without():
    found = library(GROUP_PHOTO, [0, 1, 2], members=[scene(GROUP_PHOTO, [0, 1, 2], [0.01, 1, 1])])
    assert without_line_up(found)["usual_right"] == pytest.approx(1 / 3)


def rates(right, wrong=0.0, alone=0.0, beside=0.0):
    return {
        "right": right,
        "wrong": wrong,
        "strangers_alone": alone,
        "strangers_beside": beside,
        "unknown_members": 0.0,
    }


def test_the_rules_that_name_most_are_chosen_among_those_that_keep_the_promise():
    one, two, three = (LineUpRules(alone, 0.12, 0.06, OTHERS) for alone in (0.0, 0.02, 0.03))
    found = {one: rates(0.9), two: rates(0.95, wrong=0.004), three: rates(0.99, wrong=0.006)}
    assert choose_rules(found) == two
    assert choose_rules({**found, two: rates(0.95, alone=0.03)}) == one
    too_many = {one: rates(0.9, alone=0.04), two: rates(0.95, alone=0.05)}
    assert choose_rules(too_many) == one


def test_where_no_rules_keep_the_promise_the_strictest_are_chosen():
    loose = LineUpRules(0.06, 0.18, 0.02, OTHERS)
    strictest = LineUpRules(min(ALONE), min(BESIDE), max(MARGINS), OTHERS)
    assert choose_rules({loose: rates(1.0, wrong=0.2)}) == strictest


def test_photos_of_several_are_kept_and_others_composed():
    known = faces(groups=("one", "two"), people=3, photos=4)
    rows, draw = known.rows_of(["one"]), np.random.default_rng(1)
    alone = np.array([f"{row}.jpg" for row in range(len(known.people))])
    composed = group_photos(known, alone, rows, draw)
    assert [len(set(known.people[photo])) for photo in composed] == [3, 3, 3, 3]

    together = alone.copy()
    together[rows[[0, 4]]] = "both.jpg"
    assert [sorted(photo) for photo in group_photos(known, together, rows, draw)] == [[0, 4]]


def test_people_who_are_easy_to_tell_apart_are_named_by_a_line_up_chosen_without_them():
    known = faces(groups=("one", "two", "three", "four"), people=4, photos=8, spread=0.4)
    paths = np.array([f"{row}.jpg" for row in range(len(known.people))])
    rules, found = Measurement(known, paths).left_out("one")
    assert rules.alone in ALONE
    assert found["right"] >= found["usual_right"]
    assert found["right"] > 0.8
    assert found["wrong"] < 0.05
