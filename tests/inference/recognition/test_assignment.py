import numpy as np
import pytest

from inference.recognition.assignment import assign_names
from inference.recognition.gallery import Gallery


def at(degrees):
    angles = np.deg2rad(np.atleast_1d(np.asarray(degrees, dtype=float)))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def gallery(threshold=0.5, **degrees):
    return Gallery(list(degrees), at(list(degrees.values())), threshold)


def names(matches):
    return [match and match.key for match in matches]


def test_each_face_gets_its_nearest_person():
    found = assign_names(gallery(lisa=0, rose=90), at([80, 10]))
    assert names(found) == ["rose", "lisa"]


def test_nobody_stands_twice_in_one_photo():
    found = assign_names(gallery(lisa=0), at([20, 5]))
    assert names(found) == [None, "lisa"]


def test_a_face_between_two_people_leaves_the_name_to_the_face_that_fits_only_one():
    found = assign_names(gallery(lisa=0, rose=60), at([25, -20]))
    assert names(found) == ["rose", "lisa"]


def test_a_face_near_nobody_stays_unknown_though_a_name_is_free():
    found = assign_names(gallery(lisa=0, rose=90), at([5, 200]))
    assert names(found) == ["lisa", None]


def test_a_person_below_the_threshold_is_not_named_to_help_another_face():
    found = assign_names(gallery(threshold=0.9, lisa=0, rose=90), at([0, 10]))
    assert names(found) == ["lisa", None]


def test_a_blurred_face_does_not_take_a_name_from_a_sharp_one():
    probes = at([10, 12])
    assert names(assign_names(gallery(lisa=0), probes)) == ["lisa", None]
    assert names(assign_names(gallery(lisa=0), probes, [0.2, 1.0])) == [None, "lisa"]


def test_a_face_too_poor_for_a_name_gets_none_and_takes_none():
    assert names(assign_names(gallery(lisa=0), at([0]), [0.01])) == [None]
    assert names(assign_names(gallery(lisa=0), at([0, 20]), [0.01, 0.02])) == [None, "lisa"]


def test_the_similarity_is_the_measured_one_and_not_the_weighted():
    match = assign_names(gallery(lisa=0), at([60]), [0.02])[0]
    assert match is not None
    assert match.similarity == pytest.approx(0.5, abs=1e-3)


def test_more_faces_than_people_and_more_people_than_faces_both_work():
    assert names(assign_names(gallery(lisa=0), at([0, 90, 180]))) == ["lisa", None, None]
    assert names(assign_names(gallery(lisa=0, rose=90, jisoo=180), at([175]))) == ["jisoo"]


def test_a_forbidden_name_goes_to_the_next_person_near_enough():
    people = gallery(lisa=0, rose=40)
    assert names(assign_names(people, at([10]))) == ["lisa"]
    assert names(assign_names(people, at([10]), None, np.array([[True, False]]))) == ["rose"]


def test_what_is_forbidden_must_fit_faces_and_people():
    with pytest.raises(ValueError, match=r"forbidden has shape \(1, 2\)"):
        assign_names(gallery(lisa=0), at([10]), None, np.zeros((1, 2), np.bool_))


def test_no_faces_give_no_names():
    assert assign_names(gallery(lisa=0), np.zeros((0, 2), np.float32)) == []


def test_an_empty_gallery_names_nobody():
    empty = Gallery([], np.zeros((0, 2), np.float32), 0.5)
    assert assign_names(empty, at([0, 90])) == [None, None]


def test_every_face_needs_its_weight():
    with pytest.raises(ValueError, match="1 weights for 2 faces"):
        assign_names(gallery(lisa=0), at([0, 90]), [1.0])
