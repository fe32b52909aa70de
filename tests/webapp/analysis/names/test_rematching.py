"""Matching anew: what a change concerns and nothing else, going on where it was cut short."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo, make_reference
from webapp.accounts.models import User
from webapp.analysis import services
from webapp.analysis.models import DetectedFace
from webapp.analysis.names import rematching
from webapp.core import jobs
from webapp.core.models import Job
from webapp.people.gallery.changes import mark_change, queue_matching
from webapp.people.models import GalleryChange, PeopleGallery, Person

RunJobs = Callable[[], int]


@pytest.fixture
def library(consenting_owner: User, run_jobs: RunJobs) -> list[DetectedFace]:
    """Eight photos of Lisa, Rose, Jennie and a stranger in turn, matched to the end."""
    for axis, name in enumerate(("Lisa", "Rose", "Jennie"), start=1):
        make_person(consenting_owner, name, axis=axis)
    faces = [
        make_face(make_photo(consenting_owner, with_files=False), 0, embedding(1 + number % 4))
        for number in range(8)
    ]
    queue_matching(consenting_owner.pk)
    run_jobs()
    return faces


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The faces whose photos are named anew."""
    seen: list[int] = []
    name_faces = rematching.name_faces

    def noted(known: Any, faces: Any, *arguments: Any, **more: Any) -> Any:
        seen.extend(face.pk for face in faces)
        return name_faces(known, faces, *arguments, **more)

    monkeypatch.setattr(rematching, "name_faces", noted)
    return seen


def names() -> list[str | None]:
    """Return who the faces show, in the order they were made."""
    return list(DetectedFace.objects.order_by("id").values_list("person__name", flat=True))


def claim() -> jobs.Claim:
    """Take the open matching, as a worker does."""
    taken = jobs.claim(Job.objects.get(stage="rematch").pk)
    assert taken is not None
    return taken


def test_the_first_matching_names_everybody(library: list[DetectedFace]) -> None:
    assert names() == 2 * ["Lisa", "Rose", "Jennie", None]


def test_a_new_reference_concerns_only_the_faces_near_it(
    library: list[DetectedFace], consenting_owner: User, looked_at: list[int], run_jobs: RunJobs
) -> None:
    make_reference(Person.objects.get(name="Lisa"), embedding(1, towards=4, similarity=0.8))
    queue_matching(consenting_owner.pk)

    run_jobs()

    assert set(looked_at) == {library[number].pk for number in (0, 3, 4, 7)}


def test_a_removed_reference_concerns_the_faces_that_were_near_it(
    library: list[DetectedFace], looked_at: list[int], run_jobs: RunJobs
) -> None:
    from webapp.people.services import remove_references

    remove_references(Person.objects.get(name="Rose").references.all())

    run_jobs()

    assert set(looked_at) == {library[1].pk, library[5].pk}
    assert names() == 2 * ["Lisa", None, "Jennie", None]


def test_a_person_who_goes_is_no_longer_suggested(
    library: list[DetectedFace], consenting_owner: User, run_jobs: RunJobs
) -> None:
    from webapp.analysis.erasure import delete_person

    resembling = make_face(
        make_photo(consenting_owner, with_files=False), 0, embedding(1, towards=9, similarity=0.5)
    )
    make_reference(Person.objects.get(name="Lisa"), embedding(1))
    queue_matching(consenting_owner.pk)
    run_jobs()
    resembling.refresh_from_db()
    assert resembling.candidates

    delete_person(Person.objects.get(name="Lisa"))
    run_jobs()

    resembling.refresh_from_db()
    assert resembling.candidates == []


def test_a_decision_about_one_face_concerns_only_its_photo(
    library: list[DetectedFace], looked_at: list[int], run_jobs: RunJobs
) -> None:
    services.reject_person(library[0], Person.objects.get(name="Lisa"))

    run_jobs()

    assert looked_at == [library[0].pk]
    assert names() == [None, "Rose", "Jennie", None, "Lisa", "Rose", "Jennie", None]


def test_faces_are_read_by_the_ids_of_their_photos(
    library: list[DetectedFace], consenting_owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No index serves owner and photo together: by owner, each portion would sort all faces."""
    monkeypatch.setattr(rematching, "_READ_PHOTOS", 3)
    make_reference(Person.objects.get(name="Lisa"), embedding(1, towards=4, similarity=0.8))
    queue_matching(consenting_owner.pk)
    taken = claim()

    with CaptureQueriesContext(connection) as captured:
        rematching.rematch(taken)

    statements = [query["sql"] for query in captured]
    reads = [sql for sql in statements if ' FROM "analysis_detectedface"' in sql]
    assert len(reads) >= 3
    assert not [sql for sql in reads if "photos_photo" in sql]


def test_a_matching_that_was_killed_goes_on_where_it_was(
    library: list[DetectedFace],
    consenting_owner: User,
    looked_at: list[int],
    run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rematching, "_READ_PHOTOS", 3)
    mark_change(consenting_owner.pk, people=Person.objects.values_list("pk", flat=True))
    queue_matching(consenting_owner.pk)
    write = rematching._write
    written: set[int] = set()

    def killed_in_the_second(*arguments: Any) -> None:
        if written:
            raise SystemExit
        write(*arguments)
        written.update(looked_at)

    monkeypatch.setattr(rematching, "_write", killed_in_the_second)
    with pytest.raises(SystemExit):
        rematching.rematch(claim())
    monkeypatch.setattr(rematching, "_write", write)
    looked_at.clear()
    jobs.forfeit_worker(jobs.worker_name(), "killed")
    Job.objects.update(hint_due_at="2026-01-01T00:00Z")

    run_jobs()

    assert written
    assert written.isdisjoint(looked_at)
    assert len(written) + len(looked_at) == 6  # The two strangers are near nobody.
    assert names() == 2 * ["Lisa", "Rose", "Jennie", None]


def test_namings_one_after_another_do_not_begin_the_matching_anew_each_time(
    library: list[DetectedFace], consenting_owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rematching, "_READ_PHOTOS", 2)
    mark_change(consenting_owner.pk, people=Person.objects.values_list("pk", flat=True))
    queue_matching(consenting_owner.pk)
    write, end = rematching._write, rematching._end
    rounds: list[list[Any]] = [[]]

    def write_and_name(*arguments: Any) -> None:
        write(*arguments)
        rounds[-1].append(arguments[3])
        if len(rounds) == 1:
            photo = make_photo(consenting_owner, with_files=False)
            services.unname_face(make_face(photo, 0, embedding(30)))

    def end_round(*arguments: Any) -> None:
        end(*arguments)
        rounds.append([])

    monkeypatch.setattr(rematching, "_write", write_and_name)
    monkeypatch.setattr(rematching, "_end", end_round)
    while Job.objects.get(stage="rematch").state == "pending":
        with suppress(jobs.LostClaimError):
            rematching.rematch(claim())

    assert len(rounds[0]) >= 4
    assert rounds[0] == sorted(set(rounds[0])), "each photo is dealt with once"
    gallery = PeopleGallery.objects.get()
    assert gallery.matched_revision == gallery.revision


def test_what_changes_during_a_matching_is_matched_in_the_next_round(
    library: list[DetectedFace], consenting_owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_reference(Person.objects.get(name="Lisa"), embedding(4))
    queue_matching(consenting_owner.pk)
    end, rounds = rematching._end, []

    def enrol_meanwhile(taken: jobs.Claim) -> None:
        if not rounds:
            make_reference(Person.objects.get(name="Rose"), embedding(8))
            make_face(make_photo(consenting_owner, with_files=False), 0, embedding(8))
        rounds.append(1)
        end(taken)

    monkeypatch.setattr(rematching, "_end", enrol_meanwhile)

    rematching.rematch(claim())

    assert names()[-1] == "Rose"
    assert len(rounds) == 2


def test_a_long_matching_gives_way_and_goes_on(
    library: list[DetectedFace],
    consenting_owner: User,
    monkeypatch: pytest.MonkeyPatch,
    run_jobs: RunJobs,
) -> None:
    monkeypatch.setattr(rematching, "_READ_PHOTOS", 3)
    monkeypatch.setattr(rematching, "TURN_SECONDS", -1.0)
    make_reference(Person.objects.get(name="Lisa"), embedding(4))
    queue_matching(consenting_owner.pk)

    with pytest.raises(jobs.LostClaimError):
        rematching.rematch(claim())

    assert Job.objects.get(stage="rematch").state == "pending"
    monkeypatch.setattr(rematching, "TURN_SECONDS", 100.0)
    run_jobs()
    assert names() == 2 * ["Lisa", "Rose", "Jennie", "Lisa"]


def test_a_face_that_waits_for_another_embedder_keeps_its_name(
    library: list[DetectedFace], consenting_owner: User, run_jobs: RunJobs
) -> None:
    DetectedFace.objects.filter(pk=library[0].pk).update(embedder="older@1")
    mark_change(consenting_owner.pk, people=Person.objects.values_list("pk", flat=True))
    queue_matching(consenting_owner.pk)

    run_jobs()

    assert names()[0] == "Lisa"


def test_a_face_that_waits_loses_the_name_of_somebody_without_references(
    library: list[DetectedFace], run_jobs: RunJobs
) -> None:
    from webapp.people.services import remove_references

    DetectedFace.objects.filter(pk=library[0].pk).update(embedder="older@1")

    remove_references(Person.objects.get(name="Lisa").references.all())
    run_jobs()

    assert names()[0] is None


def test_changes_that_were_forgotten_concern_every_face(
    library: list[DetectedFace], looked_at: list[int], run_jobs: RunJobs
) -> None:
    GalleryChange.objects.all().delete()
    PeopleGallery.objects.update(logged_since=10_000, revision=10_000)
    services.reject_person(library[0], Person.objects.get(name="Lisa"))

    run_jobs()

    assert len(set(looked_at)) == 8


def test_changes_are_kept_no_longer_than_somebody_may_need_them(
    library: list[DetectedFace], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.people.gallery.changes.KEEP_REVISIONS", 1)
    for face in library[:4]:
        services.unname_face(face)

    run_jobs()

    gallery = PeopleGallery.objects.get()
    assert gallery.changes.count() == 1
    assert gallery.logged_since == gallery.revision - 1
