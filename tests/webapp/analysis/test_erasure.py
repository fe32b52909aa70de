"""Deleting photos and people, and forgetting all faces, to the last byte."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from tests.webapp.analysis.cast import (
    EMBEDDER,
    FakeModels,
    embedding,
    make_face,
    make_person,
    make_photo,
    seen_face,
)
from webapp.accounts.models import User
from webapp.accounts.queries import has_consent
from webapp.accounts.services import give_consent
from webapp.analysis import erasure, services
from webapp.analysis.models import DetectedFace
from webapp.core import jobs
from webapp.core.models import Event, Job
from webapp.core.processes.upkeep import truncate_wal
from webapp.people.models import Group, Person, Reference
from webapp.people.storage import references_folder
from webapp.photos.models import Photo
from webapp.photos.storage import files_of

RunJobs = Callable[[], int]


def distinct_embeddings(count: int) -> Iterator[bytes]:
    """Yield embeddings of random numbers, none of which occurs anywhere by chance."""
    random = np.random.default_rng(7)
    for _ in range(count):
        row = random.standard_normal(128).astype("<f4")
        yield (row / np.linalg.norm(row)).astype("<f4").tobytes()


def traces(embeddings: list[bytes]) -> int:
    """Return how many embeddings can be read from the database's files."""
    path = Path(connection.settings_dict["NAME"])
    content = b"".join(
        file.read_bytes() for file in (path, path.with_name(f"{path.name}-wal")) if file.exists()
    )
    return sum(one[:64] in content for one in embeddings)


@pytest.mark.django_db(transaction=True)
def test_no_embedding_of_a_deleted_photo_can_be_read_from_the_database_files(
    owner: User, run_jobs: RunJobs
) -> None:
    give_consent(owner)
    photo = make_photo(owner)
    embeddings = list(distinct_embeddings(40))
    for number, one in enumerate(embeddings):
        face = make_face(photo, number % 5, one)
        if number % 4 == 0:
            services.name_face(face, f"Person {number}")
    assert traces(embeddings) == 40

    erasure.delete_photo(photo)
    run_jobs()
    assert truncate_wal()

    assert traces(embeddings) == 0
    assert not files_of(photo.pk).folder.exists()
    assert not list(references_folder(owner.pk).iterdir())


@pytest.mark.django_db(transaction=True)
def test_no_embedding_of_forgotten_faces_can_be_read_from_the_database_files(
    owner: User, run_jobs: RunJobs
) -> None:
    give_consent(owner)
    photo = make_photo(owner)
    embeddings = list(distinct_embeddings(20))
    for number, one in enumerate(embeddings):
        services.name_face(make_face(photo, number % 5, one), f"Person {number}")

    erasure.forget_all_faces(owner)
    run_jobs()
    assert truncate_wal()

    assert traces(embeddings) == 0
    assert not references_folder(owner.pk).exists()


def test_a_deleted_photo_takes_its_references_but_not_their_people(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    photo = make_photo(consenting_owner)
    services.name_face(make_face(photo, 0, embedding(1)), "Lisa")
    elsewhere = make_face(make_photo(consenting_owner), 0, embedding(1))
    run_jobs()

    erasure.delete_photo(photo)
    run_jobs()

    assert not Reference.objects.exists()
    assert Person.objects.get().name == "Lisa"
    elsewhere.refresh_from_db()
    assert elsewhere.person is None
    assert not Event.objects.filter(payload__photo=str(photo.pk)).exists()


@pytest.mark.parametrize("everybody", [True, False])
def test_a_forgotten_name_is_told_to_no_page_that_connects_later(
    consenting_owner: User, models: FakeModels, run_jobs: RunJobs, everybody: bool
) -> None:
    lisa = make_person(consenting_owner, "Lisa", axis=1)
    photo = make_photo(consenting_owner)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]
    jobs.enqueue("recognise", photo.pk, consenting_owner.pk)
    run_jobs()
    assert "Lisa" in str(list(Event.objects.values_list("payload", flat=True)))

    if everybody:
        erasure.forget_all_faces(consenting_owner)
    else:
        erasure.delete_person(lisa)

    assert "Lisa" not in str(list(Event.objects.values_list("payload", flat=True)))


def test_the_faces_of_a_deleted_person_are_unknown_and_may_be_matched_again(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    wrong = make_person(consenting_owner, "Liza")
    make_person(consenting_owner, "Lisa", axis=1)
    face = make_face(make_photo(consenting_owner), 0, embedding(1), person=wrong, named_by="user")

    erasure.delete_person(wrong)
    run_jobs()

    face.refresh_from_db()
    assert face.person is not None
    assert (face.person.name, face.named_by) == ("Lisa", "auto")


def test_forgetting_leaves_no_person_embedding_crop_or_consent(consenting_owner: User) -> None:
    group = Group.objects.create(owner=consenting_owner, name="Blackpink")
    lisa = make_person(consenting_owner, "Lisa", axis=1, group=group)
    face = make_face(
        make_photo(consenting_owner),
        0,
        embedding(1),
        person=lisa,
        named_by="user",
        candidates=[{"person": str(lisa.pk), "similarity": 0.9}],
    )

    assert erasure.forget_all_faces(consenting_owner) == 1

    face.refresh_from_db()
    assert (face.person, face.embedding, face.embedder, face.candidates) == (None, None, "", [])
    assert not Person.objects.exists()
    assert not Group.objects.exists()
    assert not Reference.objects.exists()
    assert not references_folder(consenting_owner.pk).exists()
    assert not has_consent(consenting_owner.pk)


def test_forgetting_leaves_the_people_of_others_alone(
    consenting_owner: User, stranger: User
) -> None:
    make_person(stranger, "Lisa", axis=1)
    theirs = make_face(make_photo(stranger), 0, embedding(1))

    erasure.forget_all_faces(consenting_owner)

    theirs.refresh_from_db()
    assert theirs.embedding is not None
    assert Reference.objects.count() == 1
    assert len(list(references_folder(stranger.pk).iterdir())) == 1


def test_jobs_that_were_queued_before_forgetting_bring_nothing_back(
    models: FakeModels, consenting_owner: User, run_jobs: RunJobs
) -> None:
    photos = [make_photo(consenting_owner) for _ in range(50)]
    for photo in photos:
        models.faces[photo.pk] = [seen_face(0, embedding(1))]
        with transaction.atomic():
            jobs.enqueue("recognise", photo.pk, consenting_owner.pk)
    services.name_face(make_face(photos[0], 0, embedding(1)), "Lisa")

    erasure.forget_all_faces(consenting_owner)
    run_jobs()

    assert DetectedFace.objects.count() == 50
    assert not DetectedFace.objects.filter(embedding__isnull=False).exists()
    assert not DetectedFace.objects.filter(person__isnull=False).exists()
    assert not Person.objects.exists()


def test_a_matching_that_runs_while_all_is_forgotten_writes_nothing(
    consenting_owner: User,
) -> None:
    services.name_face(make_face(make_photo(consenting_owner), 0, embedding(1)), "Lisa")
    claim = jobs.claim(Job.objects.get(stage="rematch").pk)
    assert claim is not None

    erasure.forget_all_faces(consenting_owner)

    with pytest.raises(jobs.LostClaimError), jobs.finish(claim):
        pass


def test_the_same_photo_is_unknown_after_forgetting_even_with_new_consent(
    models: FakeModels, consenting_owner: User, run_jobs: RunJobs
) -> None:
    make_person(consenting_owner, "Lisa", axis=1)
    photo = make_photo(consenting_owner)
    models.faces[photo.pk] = [seen_face(0, embedding(1))]
    erasure.forget_all_faces(consenting_owner)
    give_consent(consenting_owner)
    with transaction.atomic():
        jobs.enqueue("recognise", photo.pk, consenting_owner.pk)

    run_jobs()

    face = DetectedFace.objects.get()
    assert (face.person, face.embedder) == (None, EMBEDDER)


@pytest.mark.django_db(transaction=True)
def test_the_command_forgets_one_user_or_everybody(owner: User, stranger: User) -> None:
    make_person(owner, "Lisa")
    make_person(stranger, "Rose")

    call_command("forget_faces", "--owner", "OWNER", "--yes", stdout=StringIO())
    assert list(Person.objects.values_list("name", flat=True)) == ["Rose"]

    call_command("forget_faces", "--everyone", "--yes", stdout=StringIO())
    assert not Person.objects.exists()


def test_the_command_asks_first(consenting_owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_person(consenting_owner, "Lisa")
    monkeypatch.setattr("builtins.input", lambda question: "n")

    with pytest.raises(CommandError, match="nothing was forgotten"):
        call_command("forget_faces", "--everyone", stdout=StringIO())

    assert Person.objects.exists()
    assert Photo.objects.count() == 0
