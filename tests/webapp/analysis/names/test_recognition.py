"""The recognise stage."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from tests.webapp.analysis.cast import (
    EMBEDDER,
    FakeModels,
    embedding,
    make_face,
    make_person,
    make_photo,
    make_reference,
    seen_face,
)
from webapp import vision
from webapp.accounts.models import User
from webapp.accounts.services import give_consent, withdraw_consent
from webapp.analysis import stages
from webapp.analysis.erasure import delete_photo, forget_all_faces
from webapp.analysis.models import DetectedFace
from webapp.analysis.names import naming, recognition
from webapp.core import jobs
from webapp.core.models import Event, Job
from webapp.people.models import Reference
from webapp.photos.models import Photo

RunJobs = Callable[[], int]


def recognise(photo: Photo) -> jobs.Claim:
    """Queue and claim the stage."""
    with transaction.atomic():
        job = jobs.enqueue("recognise", photo.pk, photo.owner_id)
    claim = jobs.claim(job.pk)
    assert claim is not None
    return claim


def names_in(photo: Photo) -> list[str | None]:
    """Return the names of a photo's faces from left to right."""
    faces = DetectedFace.objects.filter(photo=photo).select_related("person")
    return [face.person.name if face.person else None for face in faces]


def test_found_faces_are_stored_with_the_names_of_those_that_are_known(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    make_person(consenting_owner, "Lisa", axis=1)
    models.faces[photo.pk] = [seen_face(0, embedding(2)), seen_face(1, embedding(1))]

    stages.recognise(recognise(photo))

    assert names_in(photo) == [None, "Lisa"]
    lisa = DetectedFace.objects.get(photo=photo, person__isnull=False)
    assert lisa.similarity == pytest.approx(1.0, abs=1e-3)
    assert lisa.named_by == "auto"
    assert Photo.objects.get(pk=photo.pk).face_count == 2


def test_the_page_hears_of_the_faces_with_boxes_as_shares_of_the_photo(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    make_person(consenting_owner, "Lisa", axis=1)
    models.faces[photo.pk] = [seen_face(0, embedding(1), box=(-6.0, 40.0, 60.0, 80.0))]

    stages.recognise(recognise(photo))

    payload = Event.objects.get(kind="faces_found").payload
    face = DetectedFace.objects.get()
    assert payload == {
        "photo": str(photo.pk),
        "count": 1,
        "faces": [{"id": face.pk, "box": [0.0, 0.1, 0.1, 0.2], "name": "Lisa", "label": ""}],
    }


def test_a_name_is_given_once_per_photo_to_the_face_that_fits_best(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    make_person(consenting_owner, "Lisa", axis=1)
    models.faces[photo.pk] = [
        seen_face(0, embedding(1, towards=5, similarity=0.8)),
        seen_face(1, embedding(1)),
    ]

    stages.recognise(recognise(photo))

    assert names_in(photo) == [None, "Lisa"]


def test_running_twice_leaves_the_same_rows(models: FakeModels, consenting_owner: User) -> None:
    photo = make_photo(consenting_owner)
    make_person(consenting_owner, "Lisa", axis=1)
    models.faces[photo.pk] = [seen_face(0, embedding(1)), seen_face(1, embedding(2))]

    stages.recognise(recognise(photo))
    first = list(DetectedFace.objects.values())
    stages.recognise(recognise(photo))

    assert list(DetectedFace.objects.values()) == first


def test_a_moved_face_keeps_its_address_and_has_its_emotion_read_again(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    face = make_face(photo, 0, embedding(1), emotion="sad", emotion_model="old")
    models.faces[photo.pk] = [seen_face(0, embedding(1), box=(30.0, 50.0, 110.0, 150.0))]

    stages.recognise(recognise(photo))

    again = DetectedFace.objects.get()
    assert (again.pk, again.x1, again.emotion, again.emotion_model) == (face.pk, 30.0, "", "")


def test_an_unmoved_face_keeps_its_emotion(models: FakeModels, consenting_owner: User) -> None:
    photo = make_photo(consenting_owner)
    make_face(photo, 0, embedding(1), emotion="sad", emotion_model="old")
    models.faces[photo.pk] = [seen_face(0, embedding(1))]

    stages.recognise(recognise(photo))

    assert DetectedFace.objects.get().emotion == "sad"


def test_faces_that_are_gone_are_deleted(models: FakeModels, consenting_owner: User) -> None:
    photo = make_photo(consenting_owner)
    make_face(photo, 0, embedding(1))
    models.faces[photo.pk] = []

    stages.recognise(recognise(photo))

    assert not DetectedFace.objects.exists()
    assert Photo.objects.get(pk=photo.pk).face_count == 0


def test_a_face_named_by_the_user_stays_even_if_it_is_not_found_again(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    lisa = make_person(consenting_owner, "Lisa")
    make_face(photo, 0, embedding(1), person=lisa, named_by="user")
    models.faces[photo.pk] = [seen_face(3, embedding(2))]

    stages.recognise(recognise(photo))

    assert names_in(photo) == ["Lisa", None]


def test_a_face_named_by_the_user_keeps_its_name_against_the_gallery(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    lisa = make_person(consenting_owner, "Lisa")
    make_person(consenting_owner, "Rose", axis=1)
    make_face(photo, 0, embedding(1), person=lisa, named_by="user")
    models.faces[photo.pk] = [seen_face(0, embedding(1))]

    stages.recognise(recognise(photo))

    assert names_in(photo) == ["Lisa"]


def test_a_person_the_user_named_is_not_given_to_another_face(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    lisa = make_person(consenting_owner, "Lisa", axis=1)
    make_face(photo, 0, embedding(7), person=lisa, named_by="user")
    models.faces[photo.pk] = [seen_face(0, embedding(7)), seen_face(1, embedding(1))]

    stages.recognise(recognise(photo))

    assert names_in(photo) == ["Lisa", None]


def test_without_consent_no_embedding_is_asked_for_or_stored(
    models: FakeModels, owner: User
) -> None:
    photo = make_photo(owner)
    make_person(owner, "Lisa", axis=1)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]

    stages.recognise(recognise(photo))

    face = DetectedFace.objects.get()
    assert (face.embedding, face.embedder, face.person) == (None, "", None)
    assert models.calls == ["find_faces"]


def test_consent_taken_back_while_the_models_work_leaves_no_embedding(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]
    models.meanwhile = lambda: withdraw_consent(consenting_owner)

    stages.recognise(recognise(photo))

    assert DetectedFace.objects.get().embedding is None


def test_faces_forgotten_while_the_models_work_are_not_written_back(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]

    def forget_and_agree_again() -> None:
        forget_all_faces(consenting_owner)
        give_consent(consenting_owner)

    models.meanwhile = forget_and_agree_again
    stages.recognise(recognise(photo))

    assert DetectedFace.objects.get().embedding is None


def test_somebody_enrolled_while_the_models_work_is_recognised(
    models: FakeModels, consenting_owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make_photo(consenting_owner)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]
    late: list[str] = []

    def compare_before_the_change(*arguments: Any) -> Any:
        near = naming.compare(*arguments)
        if not late:
            late.append("enrolled between the matching and the commit")
            make_person(consenting_owner, "Lisa", axis=1)
        return near

    monkeypatch.setattr(recognition, "compare", compare_before_the_change)
    stages.recognise(recognise(photo))

    assert names_in(photo) == ["Lisa"]


@pytest.mark.django_db(transaction=True)
def test_faces_are_compared_before_the_database_is_locked_for_writing(
    models: FakeModels, consenting_owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(consenting_owner, "Lisa", axis=1)
    photo = make_photo(consenting_owner)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]
    locked: list[bool] = []

    def compare_and_look(*arguments: Any) -> Any:
        locked.append(connection.in_atomic_block)
        return naming.compare(*arguments)

    monkeypatch.setattr(recognition, "compare", compare_and_look)
    stages.recognise(recognise(photo))

    assert names_in(photo) == ["Lisa"]
    assert locked == [False]


@pytest.mark.django_db(transaction=True)
def test_an_emotion_read_while_faces_are_looked_for_again_stays(
    models: FakeModels, consenting_owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make_photo(consenting_owner)
    face = make_face(photo, 0, embedding(1))
    models.faces[photo.pk] = [seen_face(0, embedding(1))]

    def compare_and_label(*arguments: Any) -> Any:
        DetectedFace.objects.filter(pk=face.pk).update(emotion="happy", emotion_model="now@1")
        return naming.compare(*arguments)

    monkeypatch.setattr(recognition, "compare", compare_and_label)
    stages.recognise(recognise(photo))

    face.refresh_from_db()
    assert (face.emotion, face.emotion_model) == ("happy", "now@1")


def test_without_an_embedder_faces_are_still_found(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]
    models.names_unavailable = "Recognition is unavailable."

    stages.recognise(recognise(photo))

    assert DetectedFace.objects.get().embedding is None
    assert Job.objects.get(stage="recognise").state == "done"


def known_lisa(owner: User, models: FakeModels, embedder: str = EMBEDDER) -> Photo:
    """Make a photo in which Lisa was recognised and somebody else was not."""
    photo = make_photo(owner)
    lisa = make_person(owner, "Lisa", axis=1)
    auto = {"person": lisa, "named_by": "auto", "similarity": 0.9, "embedder": embedder}
    make_face(photo, 0, embedding(1), **auto)
    make_face(photo, 1, embedding(2), embedder=embedder)
    models.faces[photo.pk] = [seen_face(0, embedding(1)), seen_face(1, embedding(2))]
    return photo


def known_of(photo: Photo) -> list[tuple[bytes | None, str, str, float | None]]:
    """Return what recognition knows of a photo's faces from left to right."""
    faces = DetectedFace.objects.filter(photo=photo).order_by("x1")
    return [(face.embedding, face.embedder, face.named_by, face.similarity) for face in faces]


@pytest.mark.parametrize("embedder", [EMBEDDER, "older@1"])
def test_what_was_known_stays_when_a_photo_is_recognised_again_without_consent(
    models: FakeModels, consenting_owner: User, embedder: str
) -> None:
    photo = known_lisa(consenting_owner, models, embedder)
    before = known_of(photo)
    withdraw_consent(consenting_owner)

    stages.recognise(recognise(photo))

    assert names_in(photo) == ["Lisa", None]
    assert known_of(photo) == before


def test_without_consent_nobody_is_recognised_by_an_embedding_that_was_kept(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = known_lisa(consenting_owner, models)
    make_person(consenting_owner, "Rose", axis=2)
    withdraw_consent(consenting_owner)

    stages.recognise(recognise(photo))

    assert names_in(photo) == ["Lisa", None]


def test_what_was_known_stays_while_the_embedder_is_missing(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = known_lisa(consenting_owner, models)
    before = known_of(photo)
    models.names_unavailable = "Recognition is unavailable."

    stages.recognise(recognise(photo))

    assert names_in(photo) == ["Lisa", None]
    assert known_of(photo) == before


def test_a_reference_is_not_taken_back_to_an_embedding_that_was_only_kept(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    lisa = make_person(consenting_owner, "Lisa")
    reference = make_reference(lisa, embedding(4), embedder="newer@1", photo=photo)
    make_face(photo, 0, embedding(1), person=lisa, named_by="user", reference=reference)
    models.faces[photo.pk] = [seen_face(0, embedding(4))]
    models.names_unavailable = "Recognition is unavailable."

    stages.recognise(recognise(photo))

    assert Reference.objects.get().embedder == "newer@1"


def test_a_face_that_moved_does_not_keep_the_embedding_of_another_place(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = known_lisa(consenting_owner, models)
    models.faces[photo.pk] = [seen_face(0, box=(30.0, 50.0, 110.0, 150.0))]
    withdraw_consent(consenting_owner)

    stages.recognise(recognise(photo))

    assert known_of(photo) == [(None, "", "", None)]


def test_faces_forgotten_while_the_models_work_without_consent_stay_forgotten(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = known_lisa(consenting_owner, models)
    withdraw_consent(consenting_owner)
    models.meanwhile = lambda: forget_all_faces(consenting_owner)

    stages.recognise(recognise(photo))

    assert known_of(photo) == [(None, "", "", None)] * 2


def test_a_missing_detector_fails_the_job_with_a_plain_reason(
    models: FakeModels, consenting_owner: User, run_jobs: RunJobs
) -> None:
    photo = make_photo(consenting_owner)
    models.trouble["find_faces"] = vision.UnavailableError("Face detection is unavailable.")
    with transaction.atomic():
        jobs.enqueue("recognise", photo.pk, photo.owner_id)

    run_jobs()

    job = Job.objects.get(stage="recognise")
    assert (job.state, job.error, job.attempts) == ("failed", "Face detection is unavailable.", 1)
    assert Photo.objects.filter(pk=photo.pk).exists()


def test_a_photo_deleted_while_the_models_work_leaves_nothing(
    models: FakeModels, consenting_owner: User, run_jobs: RunJobs
) -> None:
    photo = make_photo(consenting_owner)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]
    models.meanwhile = lambda: delete_photo(Photo.objects.get(pk=photo.pk))
    with transaction.atomic():
        jobs.enqueue("recognise", photo.pk, photo.owner_id)

    run_jobs()

    assert not DetectedFace.objects.exists()
    assert not Job.objects.filter(stage="recognise").exists()


def test_a_worker_whose_claim_is_lost_writes_nothing(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]
    stale = recognise(photo)
    with transaction.atomic():
        jobs.enqueue("recognise", photo.pk, photo.owner_id)

    with pytest.raises(jobs.LostClaimError):
        stages.recognise(stale)

    assert not DetectedFace.objects.exists()


def test_emotions_follow(models: FakeModels, consenting_owner: User, run_jobs: RunJobs) -> None:
    photo = make_photo(consenting_owner)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]
    with transaction.atomic():
        jobs.enqueue("recognise", photo.pk, photo.owner_id)

    run_jobs()

    assert DetectedFace.objects.get().emotion == "happy"


def test_a_reference_made_from_a_face_follows_a_new_embedder(
    models: FakeModels, consenting_owner: User
) -> None:
    photo = make_photo(consenting_owner)
    lisa = make_person(consenting_owner, "Lisa")
    reference = make_reference(lisa, embedding(1), photo=photo)
    make_face(photo, 0, embedding(1), person=lisa, named_by="user", reference=reference)
    models.embedder = "newer@1"
    models.faces[photo.pk] = [seen_face(0, embedding(4))]

    stages.recognise(recognise(photo))

    again = Reference.objects.get()
    assert (again.embedder, bytes(again.embedding)) == ("newer@1", embedding(4))
