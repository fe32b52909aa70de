"""Kept counts are right after every change, also while others count, and drift is found."""

from collections.abc import Callable
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis import erasure, services
from webapp.analysis.names import merging
from webapp.people.models import Person
from webapp.photos import counts
from webapp.photos.models import Concert, Photo, PhotoCount, StaleCount

pytestmark = pytest.mark.django_db

PERSON = PhotoCount.Kind.PERSON
CONCERT = PhotoCount.Kind.CONCERT


@pytest.fixture
def lisa(owner: User) -> Person:
    """Somebody on three photos of one concert, twice on the first."""
    person = make_person(owner)
    concert = Concert.objects.create(owner=owner, name="Night one")
    for number in range(3):
        photo = make_photo(owner, with_files=False, concert=concert)
        make_face(photo, 0, person=person)
        if number == 0:
            make_face(photo, 1, person=person)
    return person


def kept(kind: str, subject: UUID) -> int:
    """Return what stands in the table, marked or not."""
    found = PhotoCount.objects.filter(kind=kind, subject_id=subject).values_list("total", flat=True)
    return found.first() or 0


def refresh_all() -> None:
    while counts.refresh():
        pass


def test_a_marked_count_is_right_for_whoever_looks_and_later_for_good(lisa: Person) -> None:
    assert kept(PERSON, lisa.pk) == 0
    assert counts.of(PERSON, [lisa.pk]) == {lisa.pk: 3}
    refresh_all()
    assert kept(PERSON, lisa.pk) == 3
    assert kept(CONCERT, Concert.objects.get().pk) == 3
    assert not StaleCount.objects.exists()
    assert counts.of(PERSON, [lisa.pk]) == {lisa.pk: 3}


def delete_one(lisa: Person) -> None:
    erasure.delete_photo(Photo.objects.order_by("pk")[0])


def hide_one(lisa: Person) -> None:
    top, under, _ = Photo.objects.order_by("pk")
    with counts.changing([under.pk]):
        Photo.objects.filter(pk=under.pk).update(stack_top=top)


def take_a_name(lisa: Person) -> None:
    face = lisa.faces.filter(photo__in=Photo.objects.order_by("-pk")[:3]).order_by("-pk")[0]
    services.unname_face(face)


def give_another_name(lisa: Person) -> None:
    services.name_face(lisa.faces.order_by("-pk")[0], "Rose")


@pytest.mark.parametrize("change", [delete_one, hide_one, take_a_name, give_another_name])
def test_a_change_is_counted(lisa: Person, change: Callable[[Person], None]) -> None:
    refresh_all()
    change(lisa)
    assert counts.of(PERSON, [lisa.pk]) == {lisa.pk: 2}
    refresh_all()
    assert kept(PERSON, lisa.pk) == 2
    assert counts.wrong() == []


def test_a_photo_shown_again_after_the_best_of_its_burst_is_deleted_is_counted(
    lisa: Person,
) -> None:
    hide_one(lisa)
    refresh_all()
    erasure.delete_photo(Photo.objects.order_by("pk")[0])
    assert counts.of(PERSON, [lisa.pk]) == {lisa.pk: 2}
    assert counts.of(CONCERT, [Concert.objects.get().pk]) == {Concert.objects.get().pk: 2}


def test_merging_adds_up(owner: User, lisa: Person) -> None:
    rose = make_person(owner, "Rose")
    make_face(make_photo(owner, with_files=False), 0, person=rose)
    refresh_all()
    merging.merge_people(rose, lisa)
    refresh_all()
    assert kept(PERSON, lisa.pk) == 4
    call_command("check_counts", stdout=StringIO(), mend=True)
    assert kept(PERSON, rose.pk) == 0


def test_a_change_that_is_rolled_back_leaves_no_mark(lisa: Person) -> None:
    refresh_all()
    with transaction.atomic():
        delete_one(lisa)
        transaction.set_rollback(True)
    assert not StaleCount.objects.exists()
    assert counts.of(PERSON, [lisa.pk]) == {lisa.pk: 3}


def test_what_changes_while_somebody_counts_keeps_its_mark(
    lisa: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_all()
    counts.mark(PERSON, lisa.pk)
    count = counts._totals[PERSON]

    def count_then_change(ids: list[UUID]) -> dict[UUID, int]:
        totals = count(ids)
        delete_one(lisa)
        return totals

    with monkeypatch.context() as patch:
        patch.setitem(counts._totals, PERSON, count_then_change)
        counts.refresh()
    assert kept(PERSON, lisa.pk) == 3
    assert counts.of(PERSON, [lisa.pk]) == {lisa.pk: 2}


def test_of_two_that_count_at_once_the_slower_one_writes_nothing(
    lisa: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_all()
    counts.mark(PERSON, lisa.pk)
    count = counts._totals[PERSON]

    def count_slowly(ids: list[UUID]) -> dict[UUID, int]:
        totals = count(ids)
        monkeypatch.setitem(counts._totals, PERSON, count)
        delete_one(lisa)
        counts.refresh()
        return totals

    monkeypatch.setitem(counts._totals, PERSON, count_slowly)
    counts.refresh()
    assert kept(PERSON, lisa.pk) == 2


def test_drift_is_told_and_mended(lisa: Person) -> None:
    refresh_all()
    PhotoCount.objects.filter(subject_id=lisa.pk).update(total=9)
    said = StringIO()
    with pytest.raises(CommandError, match="wrong: 1"):
        call_command("check_counts", stdout=said)
    assert f"person {lisa.pk}: 9 is kept, 3 is right" in said.getvalue()
    call_command("check_counts", stdout=said, mend=True)
    call_command("check_counts", stdout=said)
    assert "Every count is right." in said.getvalue()


@pytest.mark.parametrize("leaving", ["one", "all", "concert"])
def test_the_count_of_what_is_deleted_goes_too(
    owner: User, as_owner: Client, lisa: Person, leaving: str
) -> None:
    refresh_all()
    concert = Concert.objects.get()
    if leaving == "one":
        erasure.delete_person(lisa)
    elif leaving == "all":
        erasure.forget_all_faces(owner)
    else:
        as_owner.post(reverse("photos:concert-delete", args=[concert.pk]))
    refresh_all()
    gone = concert.pk if leaving == "concert" else lisa.pk
    assert not PhotoCount.objects.filter(subject_id=gone).exists()
    assert counts.wrong() == []
