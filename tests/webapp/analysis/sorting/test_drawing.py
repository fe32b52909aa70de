"""A face that the detector missed, as the user draws it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import HEIGHT, WIDTH, FakeModels, make_face, make_photo
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace
from webapp.analysis.sorting.drawing import draw_face
from webapp.core import jobs
from webapp.photos.models import Photo

JSON = {"Accept": "application/json"}
RunJobs = Callable[[], int]


@pytest.fixture
def photo(consenting_owner: User) -> Photo:
    """A photo in which no face was found."""
    return make_photo(consenting_owner, face_count=0)


def draw(client: Client, photo: Photo, box: str) -> tuple[int, str]:
    """Post a box; return the status and what was said."""
    answer = client.post(reverse("analysis:face-draw", args=[photo.pk]), {"box": box}, headers=JSON)
    return answer.status_code, answer.json().get("error", "")


def test_a_drawn_face_is_embedded_and_its_emotion_read(
    photo: Photo, as_owner: Client, models: FakeModels, run_jobs: RunJobs
) -> None:
    assert draw(as_owner, photo, "0.1 0.2 0.3 0.5") == (201, "")
    run_jobs()

    face = DetectedFace.objects.get()
    photo.refresh_from_db()
    assert photo.face_count == 1
    assert face.box == (0.1 * WIDTH, 0.2 * HEIGHT, 0.3 * WIDTH, 0.5 * HEIGHT)
    assert face.embedding is not None
    assert face.emotion == "happy"


def test_a_drawn_face_outlives_an_analysis_that_misses_it_again(
    photo: Photo, models: FakeModels, run_jobs: RunJobs
) -> None:
    face = draw_face(photo, [0.1, 0.2, 0.3, 0.5])

    for _ in range(2):
        jobs.enqueue("recognise", photo.pk, photo.owner_id)
        run_jobs()

    assert DetectedFace.objects.shown().get() == face


def test_corners_may_come_in_any_order_and_reach_beyond_the_edge(photo: Photo) -> None:
    face = draw_face(photo, [1.4, 0.5, 0.8, -0.2])

    assert face.box == (0.8 * WIDTH, 0.0, WIDTH, 0.5 * HEIGHT)


@pytest.mark.parametrize(
    ("box", "said"),
    [
        pytest.param("", "Draw a box", id="nothing"),
        pytest.param("0.1 0.2 0.3", "Draw a box", id="three edges"),
        pytest.param("a b c d", "Draw a box", id="no numbers"),
        pytest.param("nan 0 1 1", "Draw a box", id="not a number"),
        pytest.param("0 0 inf 1", "Draw a box", id="endless"),
        pytest.param("0.1 0.1 0.11 0.4", "too small", id="6 pixels wide"),
        pytest.param("0.5 0.5 0.5 0.5", "too small", id="a point"),
        pytest.param("1.2 1.2 1.5 1.5", "too small", id="outside"),
        pytest.param("0.015 0.12 0.15 0.38", "in this place already", id="on a known face"),
    ],
)
def test_a_box_that_can_hold_no_new_face_is_refused_with_a_sentence(
    photo: Photo, as_owner: Client, box: str, said: str
) -> None:
    make_face(photo, 0)

    status, error = draw(as_owner, photo, box)

    assert status == 400
    assert said in error
    assert DetectedFace.objects.count() == 1


def test_a_photo_that_is_not_searched_yet_says_so(owner: User, as_owner: Client) -> None:
    status, error = draw(as_owner, make_photo(owner), "0.1 0.2 0.3 0.5")

    assert (status, "not searched" in error) == (400, True)
