"""The user's decisions about faces, and what they do to the other photos."""

from collections.abc import Callable

import pytest
from django.db import transaction

from tests.webapp.analysis.cast import (
    FakeModels,
    embedding,
    make_face,
    make_person,
    make_photo,
    make_reference,
    seen_face,
)
from webapp.accounts.models import User
from webapp.analysis import services, stages
from webapp.analysis.models import DetectedFace, Rejection
from webapp.analysis.names import rematching
from webapp.core import jobs
from webapp.core.models import Event, Job
from webapp.people.models import Person, Reference
from webapp.people.names import BadNameError
from webapp.people.storage import crop_path
from webapp.photos.storage import files_of

RunJobs = Callable[[], int]


def name_of(face: DetectedFace) -> str | None:
    """Return the present name of a face."""
    person = DetectedFace.objects.select_related("person").get(pk=face.pk).person
    return person.name if person else None


def test_naming_a_face_makes_it_a_reference_with_a_crop(consenting_owner: User) -> None:
    face = make_face(make_photo(consenting_owner), 0, embedding(1))

    named = services.name_face(face, "Lisa", "Blackpink")

    reference = Reference.objects.get()
    assert named.is_reference
    assert named.note == ""
    assert (reference.person.name, reference.person.group) == ("Lisa", named.person.group)
    assert bytes(reference.embedding) == embedding(1)
    assert crop_path(consenting_owner.pk, reference.pk).read_bytes().startswith(b"\xff\xd8")


def test_the_same_person_is_then_named_in_the_other_photos(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    named = make_face(make_photo(consenting_owner), 0, embedding(1))
    same = make_face(make_photo(consenting_owner), 0, embedding(1, towards=3, similarity=0.9))
    other = make_face(make_photo(consenting_owner), 0, embedding(2))

    services.name_face(named, "Lisa")
    run_jobs()

    assert [name_of(face) for face in (named, same, other)] == ["Lisa", "Lisa", None]
    same.refresh_from_db()
    assert same.similarity == pytest.approx(0.9, abs=1e-3)
    changed = [event.payload["photos"] for event in Event.objects.filter(kind="names_changed")]
    assert changed == [[str(named.photo_id)], [str(same.photo_id)]]


def test_photos_of_other_users_are_not_matched(
    consenting_owner: User, stranger: User, run_jobs: RunJobs
) -> None:
    theirs = make_face(make_photo(stranger), 0, embedding(1))

    services.name_face(make_face(make_photo(consenting_owner), 0, embedding(1)), "Lisa")
    run_jobs()

    assert name_of(theirs) is None


@pytest.mark.parametrize(
    ("quality", "of", "reason"),
    [
        pytest.param(0.1, embedding(1), "too small, blurred or turned away", id="poor face"),
        pytest.param(0.9, None, "not been prepared", id="never embedded"),
    ],
)
def test_a_face_that_cannot_be_a_reference_keeps_its_name_and_says_why(
    consenting_owner: User, quality: float, of: bytes | None, reason: str
) -> None:
    face = make_face(make_photo(consenting_owner), 0, of, quality=quality)

    named = services.name_face(face, "Lisa")

    assert name_of(face) == "Lisa"
    assert reason in named.note
    assert not named.is_reference
    assert not Reference.objects.exists()


def test_without_consent_the_name_is_kept_and_nothing_is_enrolled(owner: User) -> None:
    face = make_face(make_photo(owner), 0, embedding(1))

    named = services.name_face(face, "Lisa")

    assert name_of(face) == "Lisa"
    assert "not agreed" in named.note
    assert not Reference.objects.exists()


def test_a_face_without_its_file_is_named_but_no_reference(consenting_owner: User) -> None:
    face = make_face(make_photo(consenting_owner, with_files=False), 0, embedding(1))

    named = services.name_face(face, "Lisa")

    assert (name_of(face), named.is_reference) == ("Lisa", False)
    assert "could not be read" in named.note


def test_another_name_moves_the_reference(consenting_owner: User) -> None:
    face = make_face(make_photo(consenting_owner), 0, embedding(1))
    services.name_face(face, "Lisa")
    old_crop = crop_path(consenting_owner.pk, Reference.objects.get().pk)
    face.refresh_from_db()

    services.name_face(face, "Rose")

    assert Reference.objects.get().person.name == "Rose"
    assert not old_crop.exists()


def test_an_impossible_name_changes_nothing(consenting_owner: User) -> None:
    face = make_face(make_photo(consenting_owner), 0, embedding(1))

    with pytest.raises(BadNameError):
        services.name_face(face, "  \u200b ")

    assert name_of(face) is None
    assert not Person.objects.exists()


def test_a_face_without_a_name_by_the_users_wish_stays_so(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    make_person(consenting_owner, "Lisa", axis=1)
    face = make_face(make_photo(consenting_owner), 0, embedding(1))
    services.unname_face(face)

    run_jobs()

    assert name_of(face) is None


def test_taking_a_name_away_takes_the_reference_and_the_names_it_gave(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    face = make_face(make_photo(consenting_owner), 0, embedding(1))
    same = make_face(make_photo(consenting_owner), 0, embedding(1))
    services.name_face(face, "Lisa")
    run_jobs()
    face.refresh_from_db()

    services.unname_face(face)
    run_jobs()

    assert not Reference.objects.exists()
    assert name_of(same) is None


def test_a_rejected_person_is_never_matched_to_the_face_again_but_the_next_one_is(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    lisa = make_person(consenting_owner, "Lisa", axis=1)
    make_person(consenting_owner, "Rose", axis=2)
    face = make_face(
        make_photo(consenting_owner),
        0,
        embedding(1, towards=2, similarity=0.72),
        person=lisa,
        named_by="auto",
    )

    services.reject_person(face, lisa)
    run_jobs()

    assert name_of(face) == "Rose"
    face.refresh_from_db()
    assert str(lisa.pk) not in [candidate["person"] for candidate in face.candidates]


def test_a_rejection_outlives_a_new_analysis(
    models: FakeModels, consenting_owner: User, run_jobs: RunJobs
) -> None:
    lisa = make_person(consenting_owner, "Lisa", axis=1)
    photo = make_photo(consenting_owner)
    face = make_face(photo, 0, embedding(1), person=lisa, named_by="auto")
    services.reject_person(face, lisa)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]
    with transaction.atomic():
        jobs.enqueue("recognise", photo.pk, photo.owner_id)

    run_jobs()

    assert name_of(face) is None


def test_naming_a_face_takes_a_rejection_back(consenting_owner: User) -> None:
    lisa = make_person(consenting_owner, "Lisa")
    face = make_face(make_photo(consenting_owner), 0, embedding(1))
    services.reject_person(face, lisa)

    services.name_face(face, "Lisa")

    assert not Rejection.objects.exists()


def test_who_is_near_but_not_near_enough_becomes_a_candidate(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    lisa = make_person(consenting_owner, "Lisa", axis=1)
    face = make_face(make_photo(consenting_owner), 0, embedding(1, towards=9, similarity=0.5))
    services.name_face(make_face(make_photo(consenting_owner), 0, embedding(5)), "Rose")

    run_jobs()

    face.refresh_from_db()
    assert face.person is None
    assert face.candidates[0] == {"person": str(lisa.pk), "similarity": pytest.approx(0.5)}


def test_faces_of_another_embedder_are_not_compared(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    old = make_face(make_photo(consenting_owner), 0, embedding(1), embedder="dlib-resnet@older")

    services.name_face(make_face(make_photo(consenting_owner), 0, embedding(1)), "Lisa")
    run_jobs()

    assert name_of(old) is None


def test_a_decision_while_photos_are_matched_wins(consenting_owner: User) -> None:
    lisa = make_person(consenting_owner, "Lisa", axis=1)
    face = make_face(make_photo(consenting_owner), 0, embedding(1))
    services.reject_person(make_face(make_photo(consenting_owner), 0), lisa)
    claim = jobs.claim(Job.objects.get(stage="rematch").pk)
    assert claim is not None
    services.unname_face(face)

    with pytest.raises(jobs.LostClaimError):
        stages.rematch(claim)

    assert name_of(face) is None
    assert Job.objects.get(stage="rematch").state == "pending"


def test_many_photos_are_matched_in_portions(
    consenting_owner: User, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rematching, "_READ_PHOTOS", 3)
    monkeypatch.setattr(rematching, "BATCH_FACES", 2)
    faces = [
        make_face(photo, place, embedding(place + 1))
        for photo in (make_photo(consenting_owner, with_files=False) for _ in range(4))
        for place in range(2)
    ]
    crowded = make_photo(consenting_owner, with_files=False)
    faces += [make_face(crowded, place, embedding(place + 1)) for place in range(5)]
    first, second = (
        make_person(consenting_owner, name, axis=axis) for name, axis in (("Lisa", 1), ("Rose", 2))
    )
    services.reject_person(make_face(make_photo(consenting_owner), 0), second)

    run_jobs()

    assert first.faces.count() == second.faces.count() == 5
    assert [name_of(face) for face in faces[-5:]] == ["Lisa", "Rose", None, None, None]


def test_a_deleted_reference_takes_its_names_along_but_not_those_of_the_user(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    lisa = make_person(consenting_owner, "Lisa")
    make_reference(lisa, embedding(1))
    auto = make_face(make_photo(consenting_owner), 0, embedding(1), person=lisa, named_by="auto")
    user = make_face(make_photo(consenting_owner), 0, embedding(1), person=lisa, named_by="user")

    from webapp.people.services import remove_references

    remove_references(Reference.objects.all())
    run_jobs()

    assert (name_of(auto), name_of(user)) == (None, "Lisa")


def test_the_crop_of_a_reference_shows_the_face_alone(consenting_owner: User) -> None:
    face = make_face(make_photo(consenting_owner), 0, embedding(1))
    services.name_face(face, "Lisa")

    crop = crop_path(consenting_owner.pk, Reference.objects.get().pk)

    assert crop.stat().st_size < files_of(face.photo_id).full.stat().st_size
