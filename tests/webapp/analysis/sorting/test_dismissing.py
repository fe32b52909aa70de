"""Faces that do not count."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import (
    FakeModels,
    embedding,
    make_face,
    make_person,
    make_photo,
    seen_face,
)
from webapp.accounts.models import User
from webapp.analysis.messages import faces_now
from webapp.analysis.models import DetectedFace
from webapp.analysis.names.reanalysis import photos_made_otherwise
from webapp.analysis.queries import faces_of
from webapp.analysis.services import name_face
from webapp.analysis.sorting.dismissing import bring_back, dismiss
from webapp.core import jobs
from webapp.people.models import Reference
from webapp.photos.models import Photo

JSON = {"Accept": "application/json"}
NO_FACE, NOBODY = DetectedFace.Dismissal.NO_FACE, DetectedFace.Dismissal.NOBODY
RunJobs = Callable[[], int]


@pytest.fixture
def photo(consenting_owner: User) -> Photo:
    """A photo that was searched."""
    return make_photo(consenting_owner, face_count=2)


def test_a_dismissed_face_has_no_name_no_emotion_and_is_not_counted(
    photo: Photo, as_owner: Client
) -> None:
    lisa = make_person(photo.owner, "Lisa")
    kept = make_face(photo, 0)
    face = make_face(photo, 1, person=lisa, named_by="auto", emotion="happy", emotion_model="e@1")

    as_owner.post(reverse("analysis:face-dismiss", args=[face.pk]), {"as": "no-face"})

    photo.refresh_from_db()
    assert photo.face_count == 1
    assert faces_of(photo) == [kept]
    assert [one["id"] for one in faces_now([photo])[0]["faces"]] == [kept.pk]
    assert not lisa.faces.exists()
    for wanted in (f"person={lisa.pk}", "emotion=happy", "faces=2"):
        assert as_owner.get(f"/photos/?{wanted}").context["photos"] == []


def test_no_reference_is_left_of_a_dismissed_face(photo: Photo) -> None:
    face = make_face(photo, 0, embedding(1))
    name_face(face, "Lisa")
    assert Reference.objects.count() == 1

    dismiss([face], NOBODY)

    assert not Reference.objects.exists()


def test_matching_passes_over_a_dismissed_face(photo: Photo, run_jobs: RunJobs) -> None:
    face = make_face(photo, 0, embedding(1))
    dismiss([face], NOBODY)
    make_person(photo.owner, "Lisa", axis=1)
    name_face(make_face(make_photo(photo.owner, face_count=1), 0, embedding(2)), "Rose")

    run_jobs()

    face.refresh_from_db()
    assert face.person is None
    assert face.candidates == []


def test_an_analysis_keeps_what_was_dismissed_by_its_place(
    photo: Photo, models: FakeModels, run_jobs: RunJobs
) -> None:
    face = make_face(photo, 0, embedding(1))
    dismiss([face], NO_FACE)
    make_person(photo.owner, "Lisa", axis=1)
    x1, y1, x2, y2 = face.box
    models.faces[photo.pk] = [
        seen_face(of=embedding(1), box=(x1 + 4, y1 + 4, x2 + 4, y2 + 4)),
        seen_face(2, embedding(5)),
    ]

    jobs.enqueue("recognise", photo.pk, photo.owner_id)
    run_jobs()

    photo.refresh_from_db()
    face.refresh_from_db()
    assert (face.dismissed_as, face.person, face.emotion) == ("no-face", None, "")
    assert photo.face_count == 1


def test_an_analysis_that_finds_nothing_there_keeps_it_too(
    photo: Photo, models: FakeModels, run_jobs: RunJobs
) -> None:
    face = make_face(photo, 0)
    dismiss([face], NO_FACE)

    jobs.enqueue("recognise", photo.pk, photo.owner_id)
    run_jobs()

    face.refresh_from_db()
    photo.refresh_from_db()
    assert face.dismissed_as == "no-face"
    assert photo.face_count == 0


def test_a_dismissed_face_does_not_have_its_photo_read_again_for_ever(photo: Photo) -> None:
    face = make_face(photo, 0, embedding(1), emotion_model="e@1")
    dismiss([face], NO_FACE)

    assert not photos_made_otherwise("recognise", "another@1").exists()
    assert not photos_made_otherwise("emotions", "another@1").exists()


def test_a_face_that_is_brought_back_counts_and_has_its_emotion_read(
    photo: Photo, models: FakeModels, run_jobs: RunJobs
) -> None:
    make_person(photo.owner, "Lisa", axis=1)
    face = make_face(photo, 0, embedding(1), emotion="sad", emotion_model="e@1")
    dismiss([face], NOBODY)

    bring_back(face)
    run_jobs()

    face.refresh_from_db()
    photo.refresh_from_db()
    assert photo.face_count == 1
    assert face.emotion == "happy"
    assert face.person is not None


def test_naming_a_dismissed_face_lets_it_count(photo: Photo) -> None:
    face = make_face(photo, 0)
    dismiss([face], NOBODY)

    name_face(face, "Lisa")

    assert faces_of(photo) == [face]


def test_dismissed_faces_have_a_page_from_which_they_come_back(
    photo: Photo, as_owner: Client, as_stranger: Client
) -> None:
    face = make_face(photo, 0)
    dismiss([face], NOBODY)
    page = reverse("analysis:dismissed")

    assert [one.pk for one in as_owner.get(page).context["faces"]] == [face.pk]
    assert list(as_stranger.get(page).context["faces"]) == []

    as_owner.post(reverse("analysis:face-bring-back", args=[face.pk]))
    assert "Nothing is dismissed" in as_owner.get(page).content.decode()


@pytest.mark.parametrize("reason", ["", "boring", "no"])
def test_an_unknown_reason_is_refused_with_a_sentence(
    photo: Photo, as_owner: Client, reason: str
) -> None:
    face = make_face(photo, 0)

    answer = as_owner.post(
        reverse("analysis:face-dismiss", args=[face.pk]), {"as": reason}, headers=JSON
    )

    assert answer.status_code == 400
    assert answer.json()["error"] == "Say whether it is no face or nobody."
    assert faces_of(photo) == [face]
