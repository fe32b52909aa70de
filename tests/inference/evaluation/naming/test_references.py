import numpy as np
import pytest

from inference.evaluation.naming.references import KINDS, enrol, measure, rates
from inference.recognition.adaptation import measure_statistics
from tests.inference.evaluation.naming.test_people_disjoint import faces


@pytest.mark.parametrize("kind", KINDS)
def test_spoilt_references_are_what_they_are_called(kind):
    known = faces(people=6, photos=12)
    enrolled = enrol(known, "one", 5, kind)
    spoilt = sum(int(one.is_spoilt.sum()) for one in enrolled)
    assert (spoilt > 0) == (kind != KINDS[0])
    for one in enrolled:
        assert len(one.raw) == 3 * 5
        assert not set(known.people[one.known]) & set(known.people[one.strangers])


def test_setting_aside_keeps_a_strangers_picture_from_naming_strangers():
    known = faces(people=8, photos=14, spread=0.45)
    rows = known.rows_of(["two", "three"])
    statistics = measure_statistics(known.raw[rows], known.people[rows].tolist(), known.parts)
    enrolled = enrol(known, "one", 6, KINDS[1])
    found = [
        rates(known, enrolled, statistics, 0.5, sets_aside=sets_aside)
        for sets_aside in (False, True)
    ]
    assert found[0]["spoilt_found"] == 0.0
    assert found[1]["spoilt_found"] > 0.8
    assert found[1]["strangers"] < found[0]["strangers"]


def test_every_kind_is_measured_with_and_without_and_few_references_both_ways():
    found = measure(faces(people=6, photos=12))
    assert {f"{KINDS[1]}, 5, all", f"{KINDS[1]}, 5, set aside"} <= found.keys()
    assert {f"{KINDS[0]}, 1, as shipped", f"{KINDS[0]}, 1, adapted"} <= found.keys()
    assert all(np.isfinite(list(one.values())).all() for one in found.values())
