import numpy as np
import pytest

from inference.recognition.assignment import IMPOSSIBLE, LEAST_NAMED_QUALITY
from inference.recognition.line_up import LineUpRules, assign_line_up, shipped_rules
from inference.recognition.thresholds import LINE_UP

RULES = LineUpRules(alone=0.05, beside=0.2, margin=0.08, others=0.1)


def assigned(rows, members=None, already_sure=0, weights=None):
    excess = np.array(rows, dtype=np.float64)
    is_member = np.ones(excess.shape[1], bool) if members is None else np.array(members)
    pairs = assign_line_up(excess, is_member, RULES, weights, already_sure)
    return dict(pairs)


def test_a_member_is_named_a_little_below_the_threshold():
    assert assigned([[-0.04]]) == {0: 0}
    assert assigned([[-0.06]]) == {}


def test_somebody_else_needs_more_than_usual():
    assert assigned([[0.09]], members=[False]) == {}
    assert assigned([[0.11]], members=[False]) == {0: 0}


def test_a_guest_who_is_clearly_there_keeps_the_name():
    assert assigned([[-0.02, 0.4]], members=[True, False]) == {0: 1}


def test_beside_sure_members_the_one_who_is_left_is_named_by_elimination():
    rows = [[0.3, -0.5, -0.5], [-0.5, 0.3, -0.5], [-0.5, -0.5, -0.1]]
    assert assigned(rows) == {0: 0, 1: 1, 2: 2}


def test_a_member_whose_face_is_too_poor_for_a_name_gets_none():
    assert assigned([[-0.04]], weights=[LEAST_NAMED_QUALITY]) == {0: 0}
    assert assigned([[-0.04]], weights=[LEAST_NAMED_QUALITY / 2]) == {}


def test_one_sure_member_makes_no_group_photo():
    rows = [[0.3, -0.5, -0.5], [-0.5, -0.5, -0.1]]
    assert assigned(rows) == {0: 0}


def test_members_named_by_the_user_make_a_group_photo():
    assert assigned([[-0.1]]) == {}
    assert assigned([[-0.1]], already_sure=2) == {0: 0}


def test_a_face_between_two_members_who_are_left_stays_unknown():
    sure = [[0.3, -0.5, -0.5, -0.5], [-0.5, 0.3, -0.5, -0.5]]
    assert assigned([*sure, [-0.5, -0.5, -0.1, -0.13]]) == {0: 0, 1: 1}


def test_two_faces_that_both_fit_one_of_two_members_are_told_apart_together():
    sure = [[0.3, -0.5, -0.5, -0.5], [-0.5, 0.3, -0.5, -0.5]]
    left = [[-0.5, -0.5, -0.06, -0.5], [-0.5, -0.5, -0.06, -0.09]]
    assert assigned([*sure, *left]) == {0: 0, 1: 1, 2: 2, 3: 3}


def test_nobody_outside_the_line_up_is_named_by_elimination():
    rows = [[0.3, -0.5, -0.5], [-0.5, 0.3, -0.5], [-0.5, -0.5, -0.1]]
    assert assigned(rows, members=[True, True, False]) == {0: 0, 1: 1}


def test_whom_the_user_ruled_out_is_not_named_by_elimination_either():
    rows = [[0.3, -0.5, -0.5], [-0.5, 0.3, -0.5], [-0.5, -0.5, IMPOSSIBLE]]
    assert assigned(rows) == {0: 0, 1: 1}


def test_a_small_face_in_the_back_row_is_named_by_elimination_like_a_large_one():
    rows = [[0.3, -0.5, -0.5], [-0.5, 0.3, -0.5], [-0.5, -0.5, -0.1]]
    assert assigned(rows, weights=[1.0, 1.0, 0.1]) == {0: 0, 1: 1, 2: 2}
    assert assigned(rows, weights=[1.0, 1.0, LEAST_NAMED_QUALITY / 2]) == {0: 0, 1: 1}


@pytest.mark.parametrize("name", LINE_UP)
def test_what_is_shipped_is_easier_for_members_and_harder_for_others(name):
    rules = shipped_rules(name)
    assert rules is not None
    assert 0 <= rules.alone <= rules.beside <= 0.2
    assert rules.margin > 0
    assert rules.others > 0


def test_an_embedder_without_rules_has_none():
    assert shipped_rules("facenet-vggface2") is None
