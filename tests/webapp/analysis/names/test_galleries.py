"""Galleries in the memory of a worker: loaded once, brought up to date, let go."""

import gc
import weakref

import pytest

from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo, make_reference
from webapp import vision
from webapp.accounts.models import User
from webapp.analysis import erasure, services
from webapp.analysis.names import galleries as module
from webapp.analysis.names.galleries import Galleries
from webapp.people.gallery.changes import mark_change
from webapp.people.models import PeopleGallery, Reference
from webapp.people.services import remove_references
from webapp.vision import Enrolled


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many references each load has read."""
    counts: list[int] = []
    read = module.enrolled_of

    def counted(*arguments: object) -> list[Enrolled]:
        found = read(*arguments)  # type: ignore[arg-type]
        counts.append(len(found))
        return found

    monkeypatch.setattr(module, "enrolled_of", counted)
    return counts


def name_of(galleries: Galleries, owner: User, axis: int) -> object:
    """Return who a face of this axis shows."""
    [answer] = galleries.of(owner.pk).people.name_faces(
        [vision.Probe(embedding(axis), "dlib-resnet@testtest")]
    )
    return answer.match and answer.match.person


def test_a_gallery_is_loaded_once_while_nothing_changes(owner: User, loaded: list[int]) -> None:
    lisa = make_person(owner, "Lisa", axis=1)
    galleries = Galleries()

    assert [name_of(galleries, owner, 1) for _ in range(3)] == [lisa.pk] * 3
    assert loaded == [1]


def test_of_a_changed_gallery_only_the_people_are_loaded_who_changed(
    owner: User, loaded: list[int]
) -> None:
    for number in range(5):
        make_person(owner, f"Somebody {number}", axis=10 + number)
    galleries = Galleries()
    galleries.of(owner.pk)
    lisa = make_person(owner, "Lisa", axis=1)
    make_reference(lisa, embedding(2))

    assert name_of(galleries, owner, 2) == lisa.pk
    assert loaded == [5, 2]


def test_a_decision_about_a_photo_alone_loads_nothing(owner: User, loaded: list[int]) -> None:
    lisa = make_person(owner, "Lisa", axis=1)
    galleries = Galleries()
    before = galleries.of(owner.pk)
    services.reject_person(make_face(make_photo(owner), 0, embedding(1)), lisa)

    after = galleries.of(owner.pk)

    assert after.people is before.people
    assert after.revision > before.revision
    assert loaded == [1]


def test_a_removed_reference_is_known_no_more(owner: User) -> None:
    make_person(owner, "Lisa", axis=1)
    galleries = Galleries()
    galleries.of(owner.pk)

    remove_references(Reference.objects.all())

    assert name_of(galleries, owner, 1) is None


def test_forgotten_faces_leave_the_memory_of_a_worker_without_work(owner: User) -> None:
    make_person(owner, "Lisa", axis=1)
    galleries = Galleries()
    held = weakref.ref(galleries.of(owner.pk).people)
    erasure.forget_all_faces(owner)

    galleries.tidy()
    gc.collect()

    assert held() is None


def test_deleted_people_leave_the_memory_of_a_worker_without_work(owner: User) -> None:
    lisa, rose = make_person(owner, "Lisa", axis=1), make_person(owner, "Rose", axis=2)
    galleries = Galleries()
    held = weakref.ref(galleries.of(owner.pk).people)
    erasure.delete_person(lisa)

    galleries.tidy()
    gc.collect()

    assert held() is None
    assert galleries.of(owner.pk).people.people == {rose.pk}


def test_a_gallery_whose_owner_was_deleted_is_let_go(owner: User) -> None:
    make_person(owner, "Lisa", axis=1)
    galleries = Galleries()
    held = weakref.ref(galleries.of(owner.pk).people)
    owner.delete()

    galleries.tidy()
    gc.collect()

    assert held() is None


def test_a_gallery_that_nobody_asks_for_is_let_go(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(owner, "Lisa", axis=1)
    galleries = Galleries()
    held = weakref.ref(galleries.of(owner.pk).people)
    monkeypatch.setattr(module, "UNUSED_SECONDS", -1.0)

    galleries.tidy()
    gc.collect()

    assert held() is None


def test_galleries_of_many_users_are_held_only_as_far_as_they_fit(
    owner: User, stranger: User, loaded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    galleries = Galleries()
    for user in (owner, stranger):
        make_person(user, "Lisa", axis=1)

    for user in (owner, stranger, stranger, owner):
        galleries.of(user.pk)

    assert len(loaded) == 3


def test_changes_that_were_forgotten_load_the_gallery_whole(owner: User, loaded: list[int]) -> None:
    lisa = make_person(owner, "Lisa", axis=1)
    make_person(owner, "Rose", axis=2)
    galleries = Galleries()
    galleries.of(owner.pk)
    gallery = mark_change(owner.pk, people=[lisa.pk])
    PeopleGallery.objects.update(logged_since=gallery.revision)

    galleries.of(owner.pk)

    assert loaded == [2, 2]
