from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inference.moments.bursts.choosing import (
    BurstPhoto,
    judge_burst,
    measure_photo,
    score_burst,
    stack_bursts,
)
from inference.moments.bursts.faces import KnownFace, MeasuredFace
from inference.moments.candidates import Candidate
from inference.moments.measures import FaceMeasures
from inference.moments.scoring import FaceState
from inference.types import Face
from tests.inference.moments.drawn import draw_face, drawn_face
from tests.inference.moments.test_past import FACE

ONE, OTHER = (np.eye(2, 4, dtype=np.float32)[row] for row in (0, 1))
BLURRED = replace(FACE, detail=1.5)
SHUT = replace(FACE, openness=0.02)
CALM = {"neutral": 1.0}


def seen(
    measures: FaceMeasures = FACE, *, left: float = 100.0, size: float = 100.0, person: str = ""
) -> MeasuredFace:
    box = (left, 50.0, left + size, 50.0 + size)
    face = Face(box, 0.99, np.zeros((5, 2), dtype=np.float32))
    return MeasuredFace(KnownFace(face, CALM, "neutral", 1.0, person), measures)


def burst(*photos: list[MeasuredFace]) -> list[BurstPhoto]:
    return [
        BurstPhoto(0.2 * index, ONE, tuple(faces), 600, 400) for index, faces in enumerate(photos)
    ]


def best(judged: list[Candidate | None]) -> int:
    scores = [one.score if one else 0.0 for one in judged]
    return scores.index(max(scores))


def test_photos_in_quick_succession_are_stacked() -> None:
    assert stack_bursts([BurstPhoto(0.3 * index, ONE) for index in range(3)]) == [[0, 1, 2]]


def test_a_pause_ends_a_burst() -> None:
    photos = [BurstPhoto(time, ONE) for time in (0.0, 0.4, 1.0, 1.5)]
    assert stack_bursts(photos) == [[0, 1], [2, 3]]


def test_another_scene_is_another_burst() -> None:
    photos = [BurstPhoto(0.0, ONE), BurstPhoto(0.1, OTHER), BurstPhoto(0.2, OTHER)]
    assert stack_bursts(photos) == [[0], [1, 2]]


def test_the_order_in_which_photos_come_does_not_matter() -> None:
    photos = [BurstPhoto(time, ONE) for time in (1.0, 0.0, 0.4, 9.0)]
    assert stack_bursts(photos) == [[1, 2], [0], [3]]


def test_no_photos_make_no_stacks() -> None:
    assert stack_bursts([]) == []


def test_the_burst_itself_says_what_is_usual() -> None:
    """Everybody in it is dark; the one that is darker still loses."""
    calm = FaceState({"neutral": 1.0})
    dark = replace(FACE, luma=30.0)
    scored = score_burst([(dark, calm)] * 4 + [(replace(FACE, luma=12.0), calm), None])
    assert scored[0][1]["exposure"] == 1.0
    assert scored[4][0] < scored[0][0]
    assert scored[5] == (0.0, {})


def test_the_expression_that_stands_out_wins() -> None:
    faces = [(FACE, FaceState({"neutral": 1.0}))] * 5 + [(FACE, FaceState({"happy": 1.0}))]
    scores = [score for score, _ in score_burst(faces)]
    assert scores.index(max(scores)) == 5


@pytest.mark.parametrize("fault", [BLURRED, SHUT, replace(FACE, turn=0.8)])
def test_the_photo_without_a_fault_is_the_best(fault: FaceMeasures) -> None:
    judged = judge_burst(burst([seen(fault)], [seen()], [seen(fault)]))
    assert best(judged) == 1
    assert judged[1] is not None
    assert "eyes open" in judged[1].reason
    assert judged[1].box == (100.0, 50.0, 200.0, 150.0)


def test_a_photo_without_the_face_has_no_score() -> None:
    judged = judge_burst(burst([seen(BLURRED)], [], [seen(BLURRED)]))
    assert judged[1] is None
    assert judged[0] is not None


def test_a_burst_without_faces_is_not_judged() -> None:
    assert judge_burst(burst([], [])) == [None, None]


def test_of_a_group_the_worst_eyes_count() -> None:
    both = [seen(), seen(left=300.0)]
    one_blinks = [seen(), seen(SHUT, left=300.0)]
    assert best(judge_burst(burst(one_blinks, both, one_blinks))) == 1


def test_a_star_who_is_missing_costs_more_than_a_blurred_one() -> None:
    blurred = [seen(BLURRED), seen(BLURRED, left=300.0)]
    assert best(judge_burst(burst([seen()], blurred, blurred))) == 1


def test_only_named_stars_count_where_somebody_is_named() -> None:
    star, dancer = {"person": "a"}, {"left": 300.0}
    first = [seen(BLURRED, **star), seen(**dancer)]
    second = [seen(**star), seen(SHUT, **dancer)]
    assert best(judge_burst(burst(first, second))) == 1


def test_a_small_bystander_does_not_count() -> None:
    first = [seen(), seen(SHUT, left=400.0, size=30.0)]
    second = [seen(BLURRED), seen(left=400.0, size=30.0)]
    assert best(judge_burst(burst(first, second))) == 0


def test_favourites_count_double() -> None:
    first = [seen(person="a"), seen(BLURRED, left=300.0, person="b")]
    second = [seen(BLURRED, person="a"), seen(left=300.0, person="b")]
    assert best(judge_burst(burst(first, second), favourites={"a"})) == 0
    assert best(judge_burst(burst(first, second), favourites={"b"})) == 1


def test_weights_decide_what_matters() -> None:
    photos = burst([seen(BLURRED)], [seen(SHUT)])
    only: dict[str, Any] = dict.fromkeys(
        ("expression", "pose", "size", "exposure", "unhidden", "quality", "stillness"), 0.0
    )
    assert best(judge_burst(photos, {**only, "sharpness": 1.0, "eyes": 0.0})) == 1
    assert best(judge_burst(photos, {**only, "sharpness": 0.0, "eyes": 1.0})) == 0


def test_a_photo_is_measured_once_and_let_go() -> None:
    image = draw_face()
    face = drawn_face()
    coinciding = Face((10.0, 10.0, 110.0, 130.0), 0.9, np.zeros((5, 2), dtype=np.float32))
    photo = measure_photo(image, 3.5, [KnownFace(face, CALM), KnownFace(coinciding, CALM)])
    assert (photo.time, photo.height, photo.width) == (3.5, *image.shape[:2])
    assert len(photo.faces) == 1
    assert photo.faces[0].measures.detail > 0
