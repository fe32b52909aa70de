"""Deleting and renaming people, and taking that back."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo, make_reference
from webapp.accounts.models import User
from webapp.analysis.erasure import forget_all_faces
from webapp.analysis.models import Decision, DetectedFace
from webapp.analysis.services import name_face
from webapp.analysis.sorting.forgetting import delete_for_now
from webapp.analysis.sorting.undoing import undo
from webapp.people.aliases import set_aliases
from webapp.people.models import Person, Reference
from webapp.people.services import rename_person
from webapp.photos.models import Photo

JSON = {"Accept": "application/json"}


@pytest.fixture
def photo(consenting_owner: User) -> Photo:
    """A photo that was searched."""
    return make_photo(consenting_owner, face_count=2)


@pytest.fixture
def lisa(photo: Photo) -> Person:
    """Somebody named on one face by the user and on another by the gallery."""
    person = name_face(make_face(photo, 0, embedding(1)), "Lisa", "Blackpink").person
    set_aliases(person, "리사")
    make_face(photo, 1, embedding(1), person=person, named_by="auto", similarity=0.9)
    Decision.objects.all().delete()
    return person


def test_who_was_deleted_leaves_no_reference_and_no_embedding_in_what_is_kept(
    lisa: Person,
) -> None:
    make_reference(lisa, embedding(2))

    decision = delete_for_now(lisa)

    assert not Person.objects.exists()
    assert not Reference.objects.exists()
    assert not DetectedFace.objects.exclude(person=None).exists()
    assert decision.before.keys() == {"faces", "person", "elsewhere"}
    assert decision.before["person"].keys() == {"id", "name", "group", "aliases"}


def test_undo_brings_name_group_aliases_faces_and_references_back(lisa: Person) -> None:
    was = lisa.pk

    undo(delete_for_now(lisa))

    again = Person.objects.get()
    assert (again.pk, again.name) == (was, "Lisa")
    assert again.group is not None
    assert again.group.name == "Blackpink"
    assert [alias.name for alias in again.aliases.all()] == ["리사"]
    assert again.references.count() == 1
    assert list(again.faces.values_list("named_by", flat=True)) == ["user"]  # The rest is matched.
    assert not Decision.objects.exists()


def test_a_name_that_was_given_to_somebody_else_meanwhile_is_numbered(lisa: Person) -> None:
    was = lisa.pk
    decision = delete_for_now(lisa)
    make_person(lisa.owner, "Lisa", group=lisa.group)

    undo(decision)

    assert Person.objects.get(pk=was).name == "Lisa (2)"


def test_who_is_forgotten_with_all_faces_does_not_come_back(lisa: Person) -> None:
    delete_for_now(lisa)

    forget_all_faces(lisa.owner)

    assert not Decision.objects.exists()


def test_deleting_for_ever_leaves_nothing_to_undo(lisa: Person, as_owner: Client) -> None:
    url = reverse("analysis:person-delete", args=[lisa.pk])

    as_owner.post(url, {"for_ever": "1"}, headers=JSON)

    assert not Person.objects.exists()
    assert not Decision.objects.exists()


def test_the_page_deletes_for_a_while_and_undo_lists_it(lisa: Person, as_owner: Client) -> None:
    answer = as_owner.post(reverse("analysis:person-delete", args=[lisa.pk]), headers=JSON).json()

    assert "Lisa deleted" in as_owner.get("/people/undo/").content.decode()
    as_owner.post(reverse("analysis:decision-undo", args=[answer["undo"]]))
    assert Person.objects.get().name == "Lisa"


def test_another_name_can_be_taken_back(lisa: Person, as_owner: Client) -> None:
    rename_person(lisa, "Lalisa", "")

    assert "Lisa renamed to Lalisa" in as_owner.get("/people/undo/").content.decode()
    undo(Decision.objects.get())

    again = Person.objects.select_related("group").get()
    assert again.name == "Lisa"
    assert again.group is not None
    assert not Decision.objects.exists()


def test_saving_the_same_name_is_no_decision(lisa: Person) -> None:
    rename_person(lisa, "Lisa", "Blackpink")

    assert not Decision.objects.exists()


def test_a_name_that_is_taken_by_now_is_refused_in_words(lisa: Person, as_owner: Client) -> None:
    rename_person(lisa, "Lalisa", "Blackpink")
    make_person(lisa.owner, "Lisa", group=lisa.group)
    decision = Decision.objects.get()

    answer = as_owner.post(reverse("analysis:decision-undo", args=[decision.pk]), headers=JSON)

    assert answer.status_code == 409
    assert "already a Lisa" in answer.json()["error"]
    assert Decision.objects.exists()
