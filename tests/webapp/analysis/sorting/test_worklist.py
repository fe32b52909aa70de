"""The list of faces to sort."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import FakeModels, embedding, make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace, FaceCluster
from webapp.analysis.services import name_face, unname_face
from webapp.analysis.sorting.dismissing import dismiss
from webapp.analysis.sorting.worklist import (
    clusters_visible_to,
    faces_to_sort,
    loners_visible_to,
    queue_sorting,
    sort_waiting,
)
from webapp.photos.models import Photo

JSON = {"Accept": "application/json"}
DECIDE = "/people/sort/decide/"
RunJobs = Callable[[], int]


def sort(owner: User, run_jobs: RunJobs) -> None:
    """Have the new faces grouped."""
    with transaction.atomic():
        queue_sorting(owner.pk)
    run_jobs()


def faces_like(owner: User, axis: int, count: int) -> list[DetectedFace]:
    """Return faces of one person, each on a photo of its own."""
    return [
        make_face(
            make_photo(owner, with_files=False, face_count=1),
            0,
            embedding(axis, 50 + axis + number, 0.995),
        )
        for number in range(count)
    ]


@pytest.fixture
def library(consenting_owner: User, models: FakeModels, run_jobs: RunJobs) -> list[DetectedFace]:
    """Four faces of one person, three of another, and one of somebody else, sorted."""
    faces = [face for axis, count in ((1, 4), (2, 3), (3, 1)) for face in
             faces_like(consenting_owner, axis, count)]  # fmt: skip
    sort(consenting_owner, run_jobs)
    for face in faces:
        face.refresh_from_db()
    return faces


def test_faces_that_look_alike_stand_together_the_largest_group_first(
    library: list[DetectedFace], owner: User
) -> None:
    first, second = clusters_visible_to(owner)

    assert (first.size, second.size) == (4, 3)
    assert set(first.faces.all()) == set(library[:4])
    assert list(loners_visible_to(owner)) == library[7:]
    assert faces_to_sort(owner) == 8


def test_the_page_and_the_people_page_say_how_many_wait(
    library: list[DetectedFace], as_owner: Client, as_stranger: Client
) -> None:
    assert "8 faces to sort" in as_owner.get(reverse("people:list")).content.decode()
    assert "4 faces that look alike" in as_owner.get("/people/sort/").content.decode()
    assert "No group waits" in as_stranger.get("/people/sort/").content.decode()
    assert list(as_stranger.get("/people/sort/alone/").context["page"]) == []


def test_a_group_is_named_in_one_step_without_who_was_taken_out(
    library: list[DetectedFace], as_owner: Client, owner: User
) -> None:
    shown, chosen = [face.pk for face in library[:4]], [face.pk for face in library[:3]]

    answer = as_owner.post(
        DECIDE, {"faces": chosen, "shown": shown, "name": "Lisa", "group": "BP"}, headers=JSON
    )

    assert answer.json()["said"] == "3 faces named Lisa."
    named = DetectedFace.objects.filter(person__name="Lisa")
    assert set(named) == set(library[:3])
    library[3].refresh_from_db()
    assert (library[3].person, library[3].cluster) == (None, None)
    assert faces_to_sort(owner) == 5


def test_a_group_that_is_no_star_is_put_away_and_can_come_back(
    library: list[DetectedFace], as_owner: Client
) -> None:
    chosen = [face.pk for face in library[4:7]]

    answer = as_owner.post(DECIDE, {"faces": chosen, "as": "nobody"}, headers=JSON)
    assert DetectedFace.objects.filter(dismissed_as="nobody").count() == 3

    as_owner.post(reverse("analysis:decision-undo", args=[answer.json()["undo"]]))
    assert DetectedFace.objects.shown().count() == 8


def test_a_new_face_joins_its_group_and_the_others_stay(
    library: list[DetectedFace], owner: User, run_jobs: RunJobs
) -> None:
    before = {face.pk: face.cluster_id for face in library}

    (new,) = faces_like(owner, 2, 1)
    sort_waiting()
    run_jobs()

    new.refresh_from_db()
    assert new.cluster_id == library[4].cluster_id
    now = dict(DetectedFace.objects.exclude(pk=new.pk).values_list("pk", "cluster_id"))
    assert now == before
    assert clusters_visible_to(owner).filter(size=4).count() == 2


def test_only_new_faces_have_a_library_sorted_again(
    library: list[DetectedFace], run_jobs: RunJobs
) -> None:
    sort_waiting()

    assert run_jobs() == 0


def test_what_is_decided_does_not_wait_any_more(
    library: list[DetectedFace], owner: User, run_jobs: RunJobs
) -> None:
    name_face(library[0], "Lisa")
    unname_face(library[4])
    dismiss([library[5]], DetectedFace.Dismissal.NOBODY)

    sort(owner, run_jobs)

    waiting = set(DetectedFace.objects.to_sort().values_list("pk", flat=True))
    assert not waiting & {library[0].pk, library[4].pk, library[5].pk}
    assert faces_to_sort(owner) == len(waiting)


def test_nobody_is_twice_on_a_photo(
    consenting_owner: User, models: FakeModels, run_jobs: RunJobs
) -> None:
    photo: Photo = faces_like(consenting_owner, 1, 3)[0].photo
    make_face(photo, 1, embedding(1, 60, 0.95))

    sort(consenting_owner, run_jobs)

    (cluster,) = FaceCluster.objects.filter(size__gt=1)
    assert cluster.faces.filter(photo=photo).count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"name": "Lisa"}, "Choose at least one face", id="no face"),
        pytest.param({"faces": "x", "name": "Lisa"}, "Choose at least one face", id="no id"),
        pytest.param({"faces": "9" * 40, "name": "Lisa"}, "Choose at least one", id="long id"),
        pytest.param({"name": " "}, "Please type a name", id="no name"),
        pytest.param({"as": "boring"}, "Say whether", id="unknown reason"),
    ],
)
def test_a_step_that_cannot_be_taken_says_why(
    owner: User, as_owner: Client, fields: dict[str, str], said: str
) -> None:
    face = make_face(make_photo(owner, face_count=1), 0)
    if said.startswith(("Please", "Say")):
        fields = {**fields, "faces": str(face.pk)}

    answer = as_owner.post(DECIDE, fields, headers=JSON)

    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_a_stranger_decides_nothing_about_them(
    library: list[DetectedFace], as_stranger: Client
) -> None:
    answer = as_stranger.post(DECIDE, {"faces": [library[0].pk], "name": "Eve"}, headers=JSON)

    assert answer.status_code == 400
    assert not DetectedFace.objects.exclude(person=None).exists()


def test_faces_of_people_who_are_known_are_not_grouped(
    consenting_owner: User, models: FakeModels, run_jobs: RunJobs
) -> None:
    lisa = make_person(consenting_owner, "Lisa")
    for axis in range(3):
        photo = make_photo(consenting_owner, with_files=False, face_count=1)
        make_face(photo, 0, embedding(1, 50 + axis, 0.995), person=lisa, named_by="user")

    sort(consenting_owner, run_jobs)

    assert not FaceCluster.objects.exists()
