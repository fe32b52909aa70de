"""One person of two, and two again of one."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.webapp.analysis.cast import (
    embedding,
    make_face,
    make_person,
    make_photo,
    make_reference,
)
from webapp.accounts.models import User
from webapp.analysis import erasure, services
from webapp.analysis.models import DetectedFace, Merge, Rejection
from webapp.analysis.names import merging
from webapp.people.aliases import set_aliases
from webapp.people.models import Group, Person
from webapp.people.storage import references_folder
from webapp.photos import counts

RunJobs: TypeAlias = Callable[[], int]


def test_a_merged_person_brings_faces_references_and_rejections(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    source = make_person(consenting_owner, "Lalisa", axis=1)
    target = make_person(consenting_owner, "Lisa", axis=2)
    face = make_face(make_photo(consenting_owner), 0, embedding(1), person=source, named_by="user")
    not_her = make_face(make_photo(consenting_owner), 0, embedding(1))
    services.reject_person(not_her, source)
    services.reject_person(not_her, target)

    merging.merge_people(source, target)
    run_jobs()

    face.refresh_from_db()
    assert (face.person, face.named_by) == (target, "user")
    assert target.references.count() == 2
    assert list(Rejection.objects.values_list("person", flat=True)) == [target.pk]
    assert not Person.objects.filter(pk=source.pk).exists()


def test_a_file_enrolled_for_both_counts_once_after_a_merge(consenting_owner: User) -> None:
    source, target = make_person(consenting_owner, "A"), make_person(consenting_owner, "B")
    for person in (source, target):
        make_reference(person, embedding(1), source_sha256="f" * 64)

    merging.merge_people(source, target)

    assert target.references.count() == 1
    assert len(list(references_folder(consenting_owner.pk).iterdir())) == 1


def test_not_her_of_a_face_that_was_the_other_one_meant_the_name(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    """The face was B and "not A"; it must not be nobody once B is A."""
    a, b = make_person(consenting_owner, "A", axis=1), make_person(consenting_owner, "B", axis=2)
    face = make_face(make_photo(consenting_owner), 0, embedding(2))
    services.reject_person(face, a)
    run_jobs()
    face.refresh_from_db()
    assert face.person == b

    merging.merge_people(b, a)
    run_jobs()

    face.refresh_from_db()
    assert face.person == a
    assert not Rejection.objects.exists()


def test_not_her_of_a_stranger_holds_for_the_one_person(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    a, b = make_person(consenting_owner, "A", axis=1), make_person(consenting_owner, "B", axis=2)
    face = make_face(make_photo(consenting_owner), 0, embedding(2))
    services.reject_person(face, b)

    merging.merge_people(b, a)
    run_jobs()

    face.refresh_from_db()
    assert face.person is None
    assert Rejection.objects.get().person == a


def test_a_merge_that_is_undone_leaves_everything_as_it_was(
    consenting_owner: User, run_jobs: RunJobs
) -> None:
    group = Group.objects.create(owner=consenting_owner, name="G")
    a = make_person(consenting_owner, "A", axis=1)
    b = make_person(consenting_owner, "B", axis=2, group=group)
    for person in (a, b):
        make_reference(person, embedding(3), source_sha256="f" * 64)
    was_b, by_user, stranger, twice = (
        make_face(make_photo(consenting_owner), 0, embedding(axis)) for axis in (2, 9, 8, 7)
    )
    DetectedFace.objects.filter(pk=by_user.pk).update(person=b, named_by="user")
    services.reject_person(was_b, a)
    for person in (a, b):
        services.reject_person(twice, person)
    services.reject_person(stranger, b)
    run_jobs()
    before = state()

    merge = merging.merge_people(b, a)
    run_jobs()
    assert state() != before
    merging.undo_merge(merge)
    run_jobs()

    assert state() == before
    assert not Merge.objects.exists()
    assert len(list(references_folder(consenting_owner.pk).iterdir())) == 4


def state() -> dict[str, object]:
    """Return who is who, and what the user has said against it."""
    return {
        "people": sorted(Person.objects.values_list("pk", "name", "group__name")),
        "faces": list(DetectedFace.objects.order_by("pk").values_list("person", "named_by")),
        "rejections": sorted(Rejection.objects.values_list("face", "person__name")),
        "references": sorted(
            (one.person.name, bytes(one.embedding), one.source_sha256)
            for person in Person.objects.all()
            for one in person.references.all()
        ),
    }


def test_what_was_decided_or_deleted_since_the_merge_stays_so(consenting_owner: User) -> None:
    a, b = make_person(consenting_owner, "A", axis=1), make_person(consenting_owner, "B", axis=2)
    c = make_person(consenting_owner, "C")
    renamed, gone = (
        make_face(make_photo(consenting_owner), 0, embedding(2), person=b) for _ in range(2)
    )
    merge = merging.merge_people(b, a)
    make_person(consenting_owner, "b")
    with counts.changing([renamed.photo_id]):
        DetectedFace.objects.filter(pk=renamed.pk).update(person=c, named_by="user")
    erasure.delete_photo(gone.photo)

    back = merging.undo_merge(merge)

    renamed.refresh_from_db()
    assert renamed.person == c
    assert back.name == "B (2)"
    assert not back.faces.exists()


def test_other_names_go_along_and_come_back(consenting_owner: User) -> None:
    a, b = make_person(consenting_owner, "A"), make_person(consenting_owner, "B")
    set_aliases(a, "Ah")
    set_aliases(b, "Bee, Bea")
    merge = merging.merge_people(b, a)
    assert [alias.name for alias in a.aliases.all()] == ["Ah", "Bee", "Bea"]
    set_aliases(a, "Ah, Bee, B")

    back = merging.undo_merge(merge)

    assert back.name == "B"
    assert [alias.name for alias in back.aliases.all()] == ["Bee"]
    assert [alias.name for alias in a.aliases.all()] == ["Ah"]


def test_a_merge_of_the_merged_is_undone_one_by_one(consenting_owner: User) -> None:
    a, b, c = (make_person(consenting_owner, name) for name in "ABC")
    face = make_face(make_photo(consenting_owner), 0, embedding(2), person=c)
    first = merging.merge_people(c, b)
    second = merging.merge_people(b, a)

    merging.undo_merge(second)
    first.refresh_from_db()
    merging.undo_merge(first)

    face.refresh_from_db()
    assert face.person is not None
    assert face.person.name == "C"
    assert [one.name for one in Person.objects.all()] == ["A", "B", "C"]


@pytest.mark.parametrize("way", ["the person", "all faces"])
def test_forgotten_people_are_gone_from_undo_too(consenting_owner: User, way: str) -> None:
    a, b = make_person(consenting_owner, "A", axis=1), make_person(consenting_owner, "B", axis=2)
    merging.merge_people(b, a)

    if way == "the person":
        erasure.delete_person(a)
    else:
        erasure.forget_all_faces(consenting_owner)

    assert not Merge.objects.exists()


def test_a_merge_can_be_undone_for_30_days(consenting_owner: User) -> None:
    a, b = make_person(consenting_owner, "A"), make_person(consenting_owner, "B")
    merge = merging.merge_people(b, a)

    Merge.objects.update(made_at=timezone.now() - timedelta(days=29))
    assert merging.sweep_merges() == 0
    assert list(merging.merges_into(a)) == [merge]
    Merge.objects.update(made_at=timezone.now() - timedelta(days=31))
    assert not merging.merges_into(a).exists()
    assert merging.sweep_merges() == 1


def test_the_page_before_a_merge_says_what_will_happen_and_changes_nothing(
    consenting_owner: User, as_owner: Client
) -> None:
    a, b = make_person(consenting_owner, "A", axis=1), make_person(consenting_owner, "B", axis=2)
    face = make_face(make_photo(consenting_owner), 0, embedding(2), person=b)
    services.reject_person(face, a)

    answer = as_owner.get(reverse("analysis:person-merge", args=[b.pk]), {"into": str(a.pk)})

    page = answer.content.decode()
    assert "1 photo and 1 reference of B move to A" in page
    assert "1 time you have said" in page
    assert reverse("analysis:face-crop", args=[face.pk]) in page
    assert Person.objects.count() == 2


def test_a_merge_is_undone_on_the_page_of_who_is_left(
    consenting_owner: User, as_owner: Client, as_stranger: Client
) -> None:
    a, b = make_person(consenting_owner, "A"), make_person(consenting_owner, "B")
    as_owner.post(reverse("analysis:person-merge", args=[b.pk]), {"into": str(a.pk)})
    merge = Merge.objects.get()
    undo = reverse("analysis:person-part", args=[a.pk, merge.pk])
    assert undo in as_owner.get(reverse("analysis:person", args=[a.pk])).content.decode()

    assert as_stranger.post(undo).status_code == 404
    as_owner.post(undo)

    assert [one.name for one in Person.objects.all()] == ["A", "B"]
