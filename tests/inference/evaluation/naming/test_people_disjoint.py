import numpy as np
import pytest

from inference.evaluation.naming.people_disjoint import (
    Answers,
    KnownFaces,
    ask,
    best_point,
    choose_threshold,
    interval,
    learn_from,
    measure_group,
)
from inference.recognition.postprocessing import Part, unit_rows

DIMENSIONS = 24


def faces(groups=("one", "two", "three"), people=6, photos=12, spread=0.5, seed=0, qualities=None):
    """Groups of people, each group around a centre of its own."""
    draw = np.random.default_rng(seed)
    rows, names, members = [], [], []
    for group in groups:
        centre = draw.normal(0, 1.0, DIMENSIONS)
        for person in range(people):
            own = centre + draw.normal(0, 1.0, DIMENSIONS)
            rows.append(own + draw.normal(0, spread, (photos, DIMENSIONS)))
            names += [f"{group}-{person}"] * photos
            members += [group] * photos
    raw = unit_rows(np.concatenate(rows).astype(np.float32))
    lit = {"hall": unit_rows(raw + draw.normal(0, 0.1, raw.shape).astype(np.float32))}
    parts = (Part(DIMENSIONS, 1.0),)
    return KnownFaces(raw, np.array(names), np.array(members), parts, lit, (), qualities or {})


def answers(known, strangers, is_right=None):
    known, strangers = np.array(known, float), np.array(strangers, float)
    right = np.ones(len(known), bool) if is_right is None else np.array(is_right)
    return Answers(
        known,
        right,
        np.array([f"k{i % 2}" for i in range(len(known))]),
        strangers,
        np.array([f"s{i % 2}" for i in range(len(strangers))]),
    )


def test_people_who_are_easy_to_tell_apart_are_named_right_and_strangers_are_not():
    scores = measure_group(faces(), "one")
    assert (scores.people, scores.faces) == (6, 72)
    assert scores.rank_one[5] > 0.95
    assert scores.best.named_right > 0.9
    assert scores.chosen.strangers_accepted < 0.2
    assert scores.lit_best["hall"].named_right <= scores.best.named_right + 0.02


def test_faces_too_poor_for_a_name_are_neither_named_right_nor_wrong():
    is_poor = np.arange(3 * 6 * 12) % 2 == 0
    known = faces(qualities={"": np.where(is_poor, 0.01, 0.02)})
    statistics, _ = learn_from(known, ["two", "three"])
    in_white, in_the_hall = (ask(known, "one", statistics, light) for light in ("", "hall"))
    assert 0.3 < in_white.rates(-1.0).strangers_accepted < 0.7
    assert in_the_hall.rates(-1.0).strangers_accepted == 1.0


def test_what_is_learnt_knows_nothing_of_the_group_left_out():
    first, second = faces(), faces()
    out = first.rows_of(["one"])
    second.raw[out] = second.raw[out][::-1] * -1
    for known in (first, second):
        known.raw.flags.writeable = False
    learnt = [learn_from(known, ["two", "three"]) for known in (first, second)]
    assert learnt[0][1] == learnt[1][1]
    assert np.array_equal(learnt[0][0].mean, learnt[1][0].mean)
    assert learnt[0][0].levels == learnt[1][0].levels


def test_no_reference_is_asked_about():
    known = faces(photos=6)
    asked = ask(known, "one", known.statistics(["two", "three"]), draws=4)
    # Three of six people are enrolled with five of their six photos, so one is left of each.
    assert len(asked.known) == 4 * 3
    assert len(asked.strangers) == 4 * 3 * 6


def test_the_threshold_is_the_lowest_that_lets_few_strangers_through():
    strangers = np.linspace(0.0, 0.5, 101)
    threshold = choose_threshold([answers([0.9] * 10, strangers)])
    rates = answers([0.9] * 10, strangers).rates(threshold)
    assert rates.strangers_accepted <= 0.02
    assert answers([0.9], strangers).rates(threshold - 0.006).strangers_accepted > 0.02


def test_one_wrong_name_in_a_hundred_is_too_many_for_the_threshold():
    wrong = [True] * 99 + [False]
    similarities = [0.8] * 99 + [0.6]
    assert choose_threshold([answers(similarities, [0.0], wrong)]) > 0.6


def test_no_threshold_strict_enough_is_the_strictest():
    assert choose_threshold([answers([0.9], [2.0] * 10)]) == pytest.approx(0.995)


def test_the_best_point_keeps_both_promises():
    point = best_point(answers([0.2, 0.9] * 50, [0.3] * 4 + [0.0] * 96, [True] * 100))
    assert point.strangers_accepted <= 0.05
    assert point.named_right == 1.0


def test_the_interval_holds_the_rate_and_is_wide_where_people_differ():
    mixed = answers([0.9, 0.1] * 20, [0.0, 0.0])
    low, high = interval(mixed, 0.5)["named_right"]
    assert (low, high) == (0.0, 1.0), "one of the two people is always named, the other never"
    alike = answers([0.9] * 40, [0.0, 0.0])
    assert interval(alike, 0.5)["named_right"] == (1.0, 1.0)
