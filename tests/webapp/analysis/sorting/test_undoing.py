"""Taking decisions back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis.erasure import delete_photo, forget_all_faces
from webapp.analysis.models import Decision, DetectedFace, Rejection
from webapp.analysis.names.merging import merge_people
from webapp.analysis.services import name_face, name_faces, reject_person, unname_face
from webapp.analysis.sorting.decisions import KEEP_DAYS, sweep_decisions, undoable
from webapp.analysis.sorting.dismissing import dismiss
from webapp.analysis.sorting.undoing import undo
from webapp.people.models import Person, Reference
from webapp.photos.models import Photo

RunJobs = Callable[[], int]
NOBODY = DetectedFace.Dismissal.NOBODY


@pytest.fixture
def photo(consenting_owner: User) -> Photo:
    """A photo that was searched."""
    return make_photo(consenting_owner, face_count=1)


def test_a_name_that_is_taken_back_leaves_no_person_and_no_reference(photo: Photo) -> None:
    face = make_face(photo, 0, embedding(1))

    undo(name_face(face, "Lisa").decision)

    face.refresh_from_db()
    assert (face.person, face.named_by) == (None, "")
    assert not Person.objects.exists()
    assert not Reference.objects.exists()
    assert not Decision.objects.exists()


def test_who_was_there_before_stays_when_a_name_is_taken_back(photo: Photo) -> None:
    lisa = make_person(photo.owner, "Lisa", axis=1)

    undo(name_face(make_face(photo, 0, embedding(1)), "Lisa").decision)

    assert Person.objects.get() == lisa
    assert lisa.references.count() == 1


def test_a_name_that_replaced_another_gives_way_to_it_again(photo: Photo) -> None:
    face = make_face(photo, 0, embedding(1))
    name_face(face, "Lisa")

    undo(name_face(face, "Rose").decision)

    face.refresh_from_db()
    assert face.person is not None
    assert (face.person.name, face.named_by) == ("Lisa", "user")
    assert face.reference is not None
    assert face.reference.person == face.person


def test_a_dismissed_star_is_named_again_with_her_reference(photo: Photo) -> None:
    face = make_face(photo, 0, embedding(1))
    lisa = name_face(face, "Lisa").person

    undo(dismiss([face], NOBODY))

    face.refresh_from_db()
    photo.refresh_from_db()
    assert (face.person, face.dismissed_at, photo.face_count) == (lisa, None, 1)
    assert lisa.references.count() == 1
    assert not Rejection.objects.exists()


def test_a_name_that_the_gallery_gave_is_given_again_by_the_gallery(
    photo: Photo, run_jobs: RunJobs
) -> None:
    lisa = make_person(photo.owner, "Lisa", axis=1)
    face = make_face(photo, 0, embedding(1), person=lisa, named_by="auto", similarity=1.0)

    undo(reject_person(face, lisa))
    run_jobs()

    face.refresh_from_db()
    assert (face.person, face.named_by) == (lisa, "auto")


def test_who_was_ruled_out_before_stays_ruled_out(photo: Photo) -> None:
    lisa, rose = make_person(photo.owner, "Lisa"), make_person(photo.owner, "Rose")
    face = make_face(photo, 0, embedding(1))
    reject_person(face, rose)

    undo(reject_person(face, lisa))

    assert list(face.not_these.all()) == [rose]


def test_a_name_that_was_taken_away_comes_back(photo: Photo) -> None:
    face = make_face(photo, 0, embedding(1))
    lisa = name_face(face, "Lisa").person

    undo(unname_face(face))

    face.refresh_from_db()
    assert (face.person, face.named_by) == (lisa, "user")


def test_several_faces_named_at_once_are_unnamed_at_once(photo: Photo) -> None:
    faces = [make_face(photo, place, embedding(1)) for place in range(3)]

    named = name_faces(faces, "Lisa")
    assert named.person.faces.count() == 3
    assert named.decision.face_count == 3
    undo(named.decision)

    assert not DetectedFace.objects.exclude(person=None).exists()


def test_what_was_deleted_meanwhile_stays_deleted(photo: Photo) -> None:
    faces = [make_face(photo, 0, embedding(1))]
    decision = name_faces(faces, "Lisa").decision
    delete_photo(photo)

    undo(decision)

    assert not DetectedFace.objects.exists()
    assert not Person.objects.exists()


def test_nothing_can_be_undone_of_forgotten_faces(photo: Photo, owner: User) -> None:
    face = make_face(photo, 0, embedding(1))
    name_face(face, "Lisa")
    dismiss([face], NOBODY)

    forget_all_faces(owner)

    assert not Decision.objects.exists()


def test_a_decision_is_forgotten_with_whom_it_was_about(photo: Photo) -> None:
    named = name_face(make_face(photo, 0, embedding(1)), "Lisa")

    named.person.delete()

    assert not Decision.objects.exists()


def test_a_page_lists_what_can_be_undone(
    photo: Photo, as_owner: Client, as_stranger: Client
) -> None:
    lisa = name_face(make_face(photo, 0, embedding(1)), "Lisa").person
    merge_people(make_person(photo.owner, "Lalisa"), lisa)

    text = as_owner.get("/people/undo/").content.decode()

    assert "1 face named: Lisa" in text
    assert "Lalisa merged into Lisa" in text
    assert "Nothing to undo" in as_stranger.get("/people/undo/").content.decode()


def test_after_thirty_days_nothing_is_undone(photo: Photo, as_owner: Client) -> None:
    decision = unname_face(make_face(photo, 0))
    long_ago = timezone.now() - timedelta(days=KEEP_DAYS, seconds=1)
    Decision.objects.update(made_at=long_ago)

    assert not undoable(photo.owner_id).exists()
    assert as_owner.post(reverse("analysis:decision-undo", args=[decision.pk])).status_code == 404
    assert sweep_decisions() == 1
