import numpy as np
import pytest

from inference.evaluation.detection.false_boxes import Place, Tally, read_places, tally_photo
from inference.types import Face


def face(x, y, width=40.0):
    half = width / 2
    return Face((x - half, y - half, x + half, y + half), 0.9, np.zeros((5, 2), np.float32))


def test_a_box_at_a_marked_place_is_false_and_every_other_a_face():
    tally = Tally()
    tally_photo(tally, [face(100, 100), face(300, 100)], [Place(104, 97, is_unclear=False)])
    assert (tally.faces, tally.false) == (1, 1)
    assert tally.false_share == pytest.approx(0.5)


def test_what_is_a_matter_of_taste_counts_neither_way():
    tally = Tally()
    tally_photo(tally, [face(100, 100)], [Place(100, 100, is_unclear=True)])
    assert (tally.faces, tally.false, tally.false_share) == (0, 0, 0.0)


def test_a_place_beside_the_box_does_not_count():
    tally = Tally()
    tally_photo(tally, [face(100, 100)], [Place(115, 100, is_unclear=False)])
    assert tally.false == 0


def test_the_table_holds_marked_boxes_of_all_three_groups():
    places = read_places()
    assert {photo.partition("/")[0] for photo in places} == {"blackpink", "twice", "bts_group"}
    assert sum(not place.is_unclear for each in places.values() for place in each) == 28
