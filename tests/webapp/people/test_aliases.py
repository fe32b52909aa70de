"""What else people are called."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.webapp.analysis.cast import embedding, make_person, make_reference
from webapp.accounts.models import User
from webapp.people import services
from webapp.people.aliases import MOST_ALIASES, set_aliases
from webapp.people.models import Alias, Group, Person
from webapp.people.names import BadNameError, NameTakenError
from webapp.people.queries import people_called_like, with_counts


def called(person: Person) -> list[str]:
    return [alias.name for alias in person.aliases.all()]


def test_another_name_in_any_spelling_means_the_person(owner: User) -> None:
    jisoo = make_person(owner, "Jisoo")
    set_aliases(jisoo, "지수, Kim Ji-soo")

    assert services.ensure_person(owner.pk, "지수") == jisoo
    assert services.ensure_person(owner.pk, "KIM JI-SOO") == jisoo
    assert Person.objects.count() == 1


def test_a_name_typed_with_the_group_means_the_person_too(owner: User) -> None:
    jisoo = services.ensure_person(owner.pk, "Jisoo", "BLACKPINK")
    set_aliases(jisoo, "지수")

    assert services.ensure_person(owner.pk, "지수", "blackpink") == jisoo
    with pytest.raises(NameTakenError, match=r"another name of Jisoo \(BLACKPINK\)"):
        services.ensure_person(owner.pk, "지수", "Lovelyz")
    assert not Group.objects.filter(name="Lovelyz").exists()


def test_it_is_suggested_by_the_beginning_of_another_name(owner: User, client: Client) -> None:
    jisoo = make_person(owner, "Jisoo")
    make_person(owner, "Lisa")
    set_aliases(jisoo, "지수")
    client.force_login(owner)

    answer = client.get(reverse("people:suggest"), {"q": "지"})

    assert [one["label"] for one in answer.json()["people"]] == ["Jisoo (지수)"]
    assert [one["name"] for one in answer.json()["people"]] == ["Jisoo"]


def test_the_same_list_again_changes_nothing_and_a_shorter_one_takes_away(owner: User) -> None:
    jisoo = make_person(owner, "Jisoo")
    before = [alias.pk for alias in set_aliases(jisoo, "지수, Chu")]

    assert [alias.pk for alias in set_aliases(jisoo, "CHU, 지수, 지수, jisoo")] == before
    set_aliases(jisoo, " 지수 ,")
    assert called(jisoo) == ["지수"]
    set_aliases(jisoo, "")
    assert called(jisoo) == []


@pytest.mark.parametrize("taken", ["lisa", "LALISA"])
def test_what_somebody_else_is_called_is_refused(owner: User, taken: str) -> None:
    set_aliases(make_person(owner, "Lisa"), "Lalisa")
    jisoo = make_person(owner, "Jisoo")
    set_aliases(jisoo, "지수")

    with pytest.raises(NameTakenError, match="Lisa"):
        set_aliases(jisoo, f"Chu, {taken}")

    assert called(jisoo) == ["지수"]


def test_nobody_is_renamed_to_what_somebody_else_is_also_called(owner: User) -> None:
    set_aliases(make_person(owner, "Lisa"), "Lalisa")
    jisoo = make_person(owner, "Jisoo")

    with pytest.raises(NameTakenError, match="already another name of Lisa"):
        services.rename_person(jisoo, "lalisa", "")

    assert Person.objects.get(pk=jisoo.pk).name == "Jisoo"


def test_an_own_other_name_becomes_the_name(owner: User) -> None:
    jisoo = make_person(owner, "Jisoo")
    set_aliases(jisoo, "지수, Chu")

    services.rename_person(jisoo, "지수", "")

    assert called(jisoo) == ["Chu"]


def test_two_users_may_call_people_alike(owner: User) -> None:
    set_aliases(make_person(owner, "Jisoo"), "지수")
    theirs = make_person(make_user(), "지수")

    set_aliases(theirs, "Jisoo")

    assert called(theirs) == ["Jisoo"]
    assert [one.name for one in people_called_like(owner, "jisoo")] == ["Jisoo"]


def test_too_many_names_are_refused(owner: User) -> None:
    with pytest.raises(BadNameError, match=f"{MOST_ALIASES} other names"):
        set_aliases(make_person(owner), ",".join(f"name {n}" for n in range(MOST_ALIASES + 1)))


def test_the_edit_form_saves_all_names_or_nothing(owner: User, client: Client) -> None:
    set_aliases(make_person(owner, "Lisa"), "Lalisa")
    jisoo = make_person(owner, "Jisoo")
    client.force_login(owner)
    page = reverse("people:rename", args=[jisoo.pk])

    client.post(page, {"name": "Jisoo!", "group": "", "aliases": "Lalisa"})
    assert Person.objects.get(pk=jisoo.pk).name == "Jisoo"
    client.post(page, {"name": "Jisoo!", "group": "", "aliases": "지수"})

    assert Person.objects.get(pk=jisoo.pk).name == "Jisoo!"
    assert called(jisoo) == ["지수"]
    client.post(page, {"name": "Jisoo"})
    assert called(jisoo) == ["지수"], "a rename without the field took the other names away"


def test_who_is_forgotten_leaves_no_name(owner: User) -> None:
    jisoo = make_person(owner, "Jisoo")
    set_aliases(jisoo, "지수")

    services.forget_people(owner.pk)

    assert not Alias.objects.exists()


def test_the_chosen_reference_stands_for_the_person(owner: User, client: Client) -> None:
    jisoo = make_person(owner, "Jisoo")
    best = make_reference(jisoo, embedding(1), quality=0.9)
    chosen = make_reference(jisoo, embedding(1), quality=0.5)
    assert [one.picture_id for one in with_counts(Person.objects.all())] == [best.pk]  # type: ignore[attr-defined]
    client.force_login(owner)

    client.post(reverse("people:reference-cover", args=[chosen.pk]))

    assert [one.picture_id for one in with_counts(Person.objects.all())] == [chosen.pk]  # type: ignore[attr-defined]
    chosen.delete()
    assert [one.picture_id for one in with_counts(Person.objects.all())] == [best.pk]  # type: ignore[attr-defined]


def test_a_cover_that_is_somebody_elses_by_now_is_passed_over(owner: User) -> None:
    jisoo, lisa = make_person(owner, "Jisoo", axis=1), make_person(owner, "Lisa")
    chosen = jisoo.references.get()
    services.choose_cover(chosen)

    chosen.person = lisa
    chosen.save()

    pictures = {one.name: one.picture_id for one in with_counts(Person.objects.all())}  # type: ignore[attr-defined]
    assert pictures == {"Jisoo": None, "Lisa": chosen.pk}
