"""Writes about people."""

import pytest
from django.db import IntegrityError, transaction

from tests import factories
from tests.webapp.analysis.cast import embedding, make_person, make_reference
from webapp.accounts.models import User
from webapp.core.files import installation, orphans
from webapp.core.models import Job
from webapp.people import services
from webapp.people.models import Group, Person, Reference
from webapp.people.names import BadNameError, NameTakenError
from webapp.people.queries import enrolled_of, gallery_state, people_called_like
from webapp.people.storage import crop_path


def test_the_same_name_in_any_case_is_the_same_person(owner: User) -> None:
    lisa = services.ensure_person(owner.pk, "Lisa", "Blackpink")

    assert services.ensure_person(owner.pk, "LISA", "blackpink") == lisa
    assert services.ensure_person(owner.pk, "lisa") == lisa
    assert Group.objects.count() == 1


@pytest.mark.parametrize("spelling", ["Rosé", "rosé", "ROSE\u0301", "ＲＯＳÉ"])
def test_a_name_in_any_spelling_is_the_same_person(owner: User, spelling: str) -> None:
    rose = services.ensure_person(owner.pk, "ROSÉ", "BLACKPINK")

    assert services.ensure_person(owner.pk, spelling, "ＢＬＡＣＫＰＩＮＫ") == rose
    assert list(people_called_like(owner, spelling)) == [rose]
    with pytest.raises(NameTakenError):
        services.rename_person(make_person(owner, "Jisoo"), spelling, "blackpink")


def test_a_new_name_is_found_by_its_new_spelling(owner: User) -> None:
    rose = make_person(owner, "Roseanne")

    services.rename_person(rose, "ROSÉ", "")

    assert list(people_called_like(owner, "rosé")) == [rose]
    assert not people_called_like(owner, "roseanne")


def test_people_of_one_name_in_two_groups_are_two(owner: User) -> None:
    first = services.ensure_person(owner.pk, "Mina", "Twice")
    second = services.ensure_person(owner.pk, "Mina", "AOA")

    assert first != second
    with pytest.raises(BadNameError, match="AOA, Twice"):
        services.ensure_person(owner.pk, "Mina")


def test_a_name_without_group_prefers_the_person_without_one(owner: User) -> None:
    services.ensure_person(owner.pk, "Mina", "Twice")
    alone = Person.objects.create(owner=owner, name="Mina")

    assert services.ensure_person(owner.pk, "mina") == alone


def test_two_users_may_know_the_same_name(owner: User, member: User) -> None:
    assert services.ensure_person(owner.pk, "Lisa") != services.ensure_person(member.pk, "Lisa")


@pytest.mark.parametrize("group", [None, "Blackpink"])
def test_the_database_refuses_a_double(owner: User, group: str | None) -> None:
    found = Group.objects.create(owner=owner, name=group) if group else None
    Person.objects.create(owner=owner, name="Lisa", group=found)

    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(owner=owner, name="LISA", group=found)


def test_enrolling_stores_the_crop_and_changes_the_gallery(owner: User) -> None:
    lisa = make_person(owner, "Lisa")
    revision, generation = gallery_state(owner.pk)

    reference = services.enrol(
        lisa, embedding=embedding(1), embedder="a@1", quality=0.5, crop=b"jpeg"
    )

    assert crop_path(owner.pk, reference.pk).read_bytes() == b"jpeg"
    assert gallery_state(owner.pk) == (revision + 1, generation)
    assert [one.person for one in enrolled_of(owner.pk)] == [lisa.pk]


def test_a_removed_reference_takes_its_crop_and_queues_a_matching(owner: User) -> None:
    reference = make_reference(make_person(owner, "Lisa"), embedding(1))

    assert services.remove_references(Reference.objects.all()) == 1

    assert not crop_path(owner.pk, reference.pk).exists()
    assert Job.objects.get().stage == "rematch"


def test_renaming_can_move_to_a_group_and_out_of_it(owner: User) -> None:
    lisa = make_person(owner, "Lalisa")

    services.rename_person(lisa, "Lisa", "Blackpink")
    assert (lisa.name, lisa.group and lisa.group.name) == ("Lisa", "Blackpink")

    services.rename_person(lisa, "Lisa", "")
    lisa.refresh_from_db()
    assert lisa.group is None


def test_renaming_to_somebody_else_suggests_merging(owner: User) -> None:
    make_person(owner, "Lisa")
    other = make_person(owner, "Lalisa")

    with pytest.raises(NameTakenError, match="Merge"):
        services.rename_person(other, "lisa", "")

    other.refresh_from_db()
    assert other.name == "Lalisa"


def test_a_group_cannot_take_the_name_of_another(owner: User) -> None:
    Group.objects.create(owner=owner, name="Twice")
    group = Group.objects.create(owner=owner, name="Tvice")

    with pytest.raises(NameTakenError):
        services.rename_group(group, "twice")


def test_the_people_of_a_removed_group_stay(owner: User) -> None:
    lisa = services.ensure_person(owner.pk, "Lisa", "Blackpink")

    services.remove_group(Group.objects.get())

    lisa.refresh_from_db()
    assert lisa.group is None


def test_a_group_whose_people_would_be_doubles_stays(owner: User) -> None:
    services.ensure_person(owner.pk, "Mina", "Twice")
    Person.objects.create(owner=owner, name="ＭＩＮＡ")

    with pytest.raises(NameTakenError, match="Mina would be there twice"):
        services.remove_group(Group.objects.get())


def test_suggestions_begin_with_what_is_typed(owner: User, member: User) -> None:
    for name in ("Elisa", "Lisa", "Lia"):
        make_person(owner, name)
    services.ensure_person(owner.pk, "Rose", "Lights")
    make_person(member, "Lisbeth")

    assert [one.name for one in people_called_like(owner, "li")] == ["Lia", "Lisa", "Elisa", "Rose"]


@pytest.mark.parametrize("typed", ["rose", "ROSE", "ros\u00e9", "Park C", "parkc", "bl\u00e4ck"])
def test_suggestions_need_neither_accents_nor_blanks(owner: User, typed: str) -> None:
    rose = services.ensure_person(owner.pk, "ROS\u00c9", "BL\u00c4CKPINK")
    park = services.ensure_person(owner.pk, "Park Chaeyoung", "BLACKPINK")
    wanted = {"rose": rose, "ros\u00e9": rose, "park c": park, "parkc": park}.get(typed.casefold())

    found = people_called_like(owner, typed)

    assert found == ([wanted] if wanted else [park, rose])


def test_suggestions_are_few(owner: User) -> None:
    for number in range(30):
        make_person(owner, f"Lisa {number}")

    assert len(people_called_like(owner, "lisa")) == 8


def test_a_crop_whose_transaction_failed_is_swept_up_and_others_stay(owner: User) -> None:
    lisa = make_person(owner, "Lisa")
    lost: list[Reference] = []

    def enrol_and_fail() -> None:
        with transaction.atomic():
            lost.append(enrol(lisa))
            raise RuntimeError

    kept = enrol(lisa)
    with pytest.raises(RuntimeError):
        enrol_and_fail()
    assert crop_path(owner.pk, lost[0].pk).exists()

    installation.adopt()
    assert orphans.sweep() == 0  # It may belong to a transaction under way.
    factories.age(crop_path(owner.pk, lost[0].pk))
    assert orphans.sweep() == 1
    assert not crop_path(owner.pk, lost[0].pk).exists()
    assert crop_path(owner.pk, kept.pk).exists()


def enrol(person: Person) -> Reference:
    return services.enrol(
        person, embedding=embedding(1), embedder="fake", quality=0.9, crop=b"jpeg"
    )
