"""The pages of people, groups and references."""

from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo, make_reference
from webapp.accounts.models import User
from webapp.people.models import Group, Person, Reference
from webapp.people.storage import crop_path

JSON = {"Accept": "application/json"}


def test_the_list_shows_groups_with_their_people_and_counts(owner: User, as_owner: Client) -> None:
    group = Group.objects.create(owner=owner, name="Blackpink")
    lisa = make_person(owner, "Lisa", axis=1, group=group)
    best = make_reference(lisa, embedding(2), quality=0.99)
    rose = make_person(owner, "Rose")
    for _ in range(2):
        photo = make_photo(owner, with_files=False)
        make_face(photo, 0, person=lisa)
        make_face(photo, 1, person=lisa)

    context = as_owner.get(reverse("people:list")).context

    [shown] = context["groups"]
    assert [(one.name, one.photo_count, one.reference_count) for one in shown.members] == [
        ("Lisa", 2, 2)
    ]
    assert shown.members[0].picture_id == best.pk
    assert context["ungrouped"] == [rose]


def test_an_empty_list_says_what_to_do(as_owner: Client) -> None:
    assert "click a face" in as_owner.get(reverse("people:list")).content.decode()


def test_suggestions_come_with_their_group(owner: User, as_owner: Client) -> None:
    lisa = make_person(owner, "Lisa", group=Group.objects.create(owner=owner, name="Blackpink"))
    make_person(owner, "Rose")

    answer = as_owner.get(reverse("people:suggest"), {"q": "lis"}).json()

    shown = {"id": str(lisa.pk), "name": "Lisa", "group": "Blackpink", "label": "Lisa"}
    assert answer == {"people": [shown]}


def test_a_rename_without_a_group_field_keeps_the_group(owner: User, as_owner: Client) -> None:
    lisa = make_person(owner, "Lalisa", group=Group.objects.create(owner=owner, name="Blackpink"))

    response = as_owner.post(
        reverse("people:rename", args=[lisa.pk]), {"name": "Lisa"}, headers=JSON
    )

    assert response.json() == {"name": "Lisa", "group": "Blackpink", "aliases": []}


def test_a_taken_name_is_refused_in_words(owner: User, as_owner: Client) -> None:
    make_person(owner, "Lisa")
    other = make_person(owner, "Lalisa")

    response = as_owner.post(
        reverse("people:rename", args=[other.pk]), {"name": "Lisa"}, headers=JSON
    )

    assert response.status_code == 400
    assert "already a Lisa there" in response.json()["error"]


def test_a_plain_form_is_led_back_with_a_message(owner: User, as_owner: Client) -> None:
    make_person(owner, "Lisa")
    other = make_person(owner, "Lalisa")

    response = as_owner.post(
        reverse("people:rename", args=[other.pk]), {"name": "Lisa"}, follow=True
    )

    assert response.redirect_chain[0][0] == reverse("analysis:person", args=[other.pk])
    assert "already a Lisa" in response.content.decode()


def test_a_group_is_renamed_and_deleted(owner: User, as_owner: Client) -> None:
    group = Group.objects.create(owner=owner, name="Blackpnik")

    as_owner.post(reverse("people:group-rename", args=[group.pk]), {"name": "Blackpink"})
    assert Group.objects.get().name == "Blackpink"

    as_owner.post(reverse("people:group-delete", args=[group.pk]))
    assert not Group.objects.exists()


def test_a_crop_is_sent_to_its_owner_and_cached_by_nobody(owner: User, as_owner: Client) -> None:
    reference = make_reference(make_person(owner, "Lisa"), embedding(1))

    response = as_owner.get(reverse("people:reference-crop", args=[reference.pk]))

    assert response.content == b"\xff\xd8 crop"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_a_symlink_in_place_of_a_crop_is_404(owner: User, as_owner: Client) -> None:
    reference = make_reference(make_person(owner, "Lisa"), embedding(1))
    path = crop_path(owner.pk, reference.pk)
    path.unlink()
    path.symlink_to("/etc/passwd")

    url = reverse("people:reference-crop", args=[reference.pk])
    assert as_owner.get(url).status_code == 404


def test_a_deleted_reference_leaves_the_person(owner: User, as_owner: Client) -> None:
    reference = make_reference(make_person(owner, "Lisa"), embedding(1))

    as_owner.post(reverse("people:reference-delete", args=[reference.pk]))

    assert not Reference.objects.exists()
    assert Person.objects.exists()


def test_merging_needs_somebody_else(owner: User, as_owner: Client) -> None:
    lisa = make_person(owner, "Lisa")
    url = reverse("analysis:person-merge", args=[lisa.pk])

    for into in ("", "nobody", str(lisa.pk)):
        assert as_owner.post(url, {"into": into}, headers=JSON).status_code == 400
    assert Person.objects.count() == 1


def test_a_merge_leads_to_who_is_left(owner: User, as_owner: Client) -> None:
    source, target = make_person(owner, "Lalisa", axis=1), make_person(owner, "Lisa")

    response = as_owner.post(
        reverse("analysis:person-merge", args=[source.pk]), {"into": str(target.pk)}
    )

    assert response.headers["Location"] == reverse("analysis:person", args=[target.pk])
    assert [person.name for person in Person.objects.all()] == ["Lisa"]
