"""Training for a group: used only where it helps, dropped when it is not true any more."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user, run_pending_jobs
from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo, make_reference
from webapp import vision
from webapp.accounts.models import User
from webapp.analysis import erasure
from webapp.analysis.models import DetectedFace
from webapp.analysis.names.galleries import galleries
from webapp.analysis.names.group_training import (
    LEAST_STRANGERS,
    ask_for_training,
    material_of,
    progress_of,
    undo_training,
)
from webapp.core.models import Job
from webapp.people.models import Group, GroupTraining, Person
from webapp.people.services import remove_group, remove_references, rename_person
from webapp.photos import counts
from webapp.photos.models import Concert, Photo

LOOK_ALIKE = embedding(7, towards=1, similarity=0.7)
"""Similar enough to Lisa, by 0.71, to bear her name."""


@pytest.fixture
def group(consenting_owner: User) -> Group:
    """Lisa and Rosé, with six references each of photos of their own."""
    found = Group.objects.create(owner=consenting_owner, name="BLACKPINK")
    for axis, name in ((1, "Lisa"), (2, "Rosé")):
        person = make_person(consenting_owner, name, group=found)
        for other in range(6):
            face = embedding(axis, towards=20 + other, similarity=0.97)
            make_reference(person, face, photo=make_photo(consenting_owner, with_files=False))
    return found


def dismiss(owner: User, of: bytes, count: int = LEAST_STRANGERS) -> None:
    """Put faces away as nobody, each on a photo of its own."""
    for _ in range(count):
        make_face(
            make_photo(owner, with_files=False),
            of=of,
            dismissed_at="2026-11-30T12:00Z",
            dismissed_as=DetectedFace.Dismissal.NOBODY,
        )


@pytest.fixture
def trained(owner: User, group: Group) -> Group:
    """The group after a training that helps: a look-alike of Lisa stands in many photos."""
    dismiss(owner, LOOK_ALIKE)
    assert ask_for_training(group) == ""
    run_pending_jobs()
    assert GroupTraining.objects.get().is_used
    return group


def name_of(owner: User, of: bytes) -> str:
    probe = vision.Probe(of, "dlib-resnet@testtest", quality=0.9)
    [answer] = galleries.of(owner.pk).people.name_faces([probe])
    return Person.objects.get(pk=answer.match.person).name if answer.match else ""


def test_where_a_look_alike_bears_a_name_the_training_takes_it_away(
    owner: User, group: Group
) -> None:
    shown = make_face(make_photo(owner, with_files=False), of=LOOK_ALIKE)
    dismiss(owner, LOOK_ALIKE)
    assert name_of(owner, LOOK_ALIKE) == "Lisa"

    ask_for_training(group)
    run_pending_jobs()

    training = GroupTraining.objects.get()
    assert training.is_used
    assert training.figures["gallery"]["strangers"] == LEAST_STRANGERS
    assert training.figures["opinion"] == {"right": 12, "wrong": 0, "strangers": 0}
    assert name_of(owner, LOOK_ALIKE) == ""
    assert name_of(owner, embedding(1)) == "Lisa"
    shown.refresh_from_db()
    assert shown.person is None
    assert shown.candidates, "she is still suggested"


def test_one_click_gives_the_gallery_its_word_back(owner: User, trained: Group) -> None:
    shown = make_face(make_photo(owner, with_files=False), of=LOOK_ALIKE)
    undo_training(trained)
    run_pending_jobs()
    assert not GroupTraining.objects.exists()
    assert name_of(owner, LOOK_ALIKE) == "Lisa"
    shown.refresh_from_db()
    assert shown.person is not None


def test_where_the_gallery_makes_no_mistake_nothing_is_kept_of_it(
    owner: User, group: Group
) -> None:
    dismiss(owner, embedding(9))
    ask_for_training(group)
    run_pending_jobs()
    training = GroupTraining.objects.get()
    assert not training.is_used
    assert (bytes(training.numbers), training.people) == (b"", [])
    assert training.figures["gallery"]["right"] == 12
    assert training.folds_done == 5


def another_reference(group: Group) -> None:
    make_reference(group.people.get(name="Lisa"), embedding(1))


def one_reference_less(group: Group) -> None:
    references = group.people.get(name="Rosé").references.all()
    remove_references(references.filter(pk=references[0].pk))


def somebody_new(group: Group) -> None:
    rename_person(make_person(group.owner, "Jennie", axis=30), "Jennie", group.name)


def a_member_forgotten(group: Group) -> None:
    erasure.delete_person(group.people.get(name="Lisa"))


def a_stranger_forgotten(group: Group) -> None:
    erasure.delete_person(make_person(group.owner, "Somebody"))


def everybody_forgotten(group: Group) -> None:
    erasure.forget_all_faces(group.owner)


@pytest.mark.parametrize(
    "change",
    [
        another_reference,
        one_reference_less,
        somebody_new,
        a_member_forgotten,
        a_stranger_forgotten,
        everybody_forgotten,
        remove_group,
    ],
)
def test_it_is_deleted_with_what_it_was_learnt_from(
    trained: Group, change: Callable[[Group], None]
) -> None:
    change(trained)
    assert not GroupTraining.objects.exists()


def test_a_reference_of_another_group_leaves_it(owner: User, trained: Group) -> None:
    make_reference(make_person(owner, "Momo"), embedding(40))
    assert GroupTraining.objects.get().is_used
    assert name_of(owner, LOOK_ALIKE) == ""


def test_what_it_took_from_another_member_comes_back_when_it_is_dropped(
    owner: User, trained: Group
) -> None:
    """Rosé's references change; the face looks like Lisa."""
    shown = make_face(make_photo(owner, with_files=False), of=LOOK_ALIKE)
    one_reference_less(trained)
    run_pending_jobs()
    shown.refresh_from_db()
    assert shown.person == trained.people.get(name="Lisa")


def test_what_changes_while_it_is_learnt_makes_it_worthless(
    owner: User, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    dismiss(owner, LOOK_ALIKE)
    teach = vision.teach_opinion

    def meanwhile(*arguments: object) -> vision.Lesson:
        lesson = teach(*arguments)  # type: ignore[arg-type]
        another_reference(group)
        return lesson

    monkeypatch.setattr(vision, "teach_opinion", meanwhile)
    ask_for_training(group)
    run_pending_jobs()
    assert not GroupTraining.objects.exists()


@pytest.mark.usefixtures("group")
def test_faces_confirmed_without_a_reference_teach_too_and_recognised_ones_do_not(
    owner: User, group: Group
) -> None:
    lisa = group.people.get(name="Lisa")
    for named_by in ("user", "auto"):
        photo = make_photo(owner, with_files=False)
        make_face(photo, of=embedding(1), person=lisa, named_by=named_by)
    assert len(material_of(group).known) == 13


def test_few_faces_are_told_in_a_sentence(owner: User, group: Group) -> None:
    assert ask_for_training(group).startswith("Too few faces of others")
    dismiss(owner, embedding(9))
    make_person(owner, "Jennie", axis=30, group=group)
    assert ask_for_training(group) == "Too few faces: Jennie need at least 5 each."
    alone = Group.objects.create(owner=owner, name="Solo")
    assert "two people" in ask_for_training(alone)
    assert not Job.objects.filter(stage="train-group").exists()


def test_photos_of_one_concert_are_held_out_together_where_there_are_enough(
    owner: User, group: Group
) -> None:
    concerts = [Concert.objects.create(owner=owner, name=f"Night {n}") for n in range(6)]
    for person in group.people.all():
        for reference, concert in zip(person.references.all(), concerts, strict=True):
            Photo.objects.filter(pk=reference.photo_id).update(concert=concert)
            counts.changed([reference.photo_id])
    held = {face.held_together for face in material_of(group).known}
    assert held == {concert.pk for concert in concerts}


def test_the_page_says_in_words_what_was_tried(as_owner: Client, owner: User, group: Group) -> None:
    page = reverse("analysis:training", args=[group.pk])
    assert "Too few faces of others" in as_owner.get(page).content.decode()
    dismiss(owner, LOOK_ALIKE)
    assert "Train for this group" in as_owner.get(page).content.decode()

    as_owner.post(reverse("analysis:training-begin", args=[group.pk]))
    assert "0 of 5 comparisons" in as_owner.get(page).content.decode()
    run_pending_jobs()

    text = as_owner.get(page).content.decode()
    assert "It is better, and it is used" in text
    assert f"12 confirmed faces of the group and {LEAST_STRANGERS} faces of others" in text
    as_owner.post(reverse("analysis:training-undo", args=[group.pk]))
    assert not GroupTraining.objects.exists()


def test_a_training_that_failed_says_why(as_owner: Client, owner: User, group: Group) -> None:
    dismiss(owner, LOOK_ALIKE)
    ask_for_training(group)
    DetectedFace.objects.all().delete()
    run_pending_jobs()
    assert progress_of(group).trouble.startswith("Too few faces of others")
    text = as_owner.get(reverse("analysis:training", args=[group.pk])).content.decode()
    assert "Too few faces of others" in text


@pytest.mark.parametrize("name", ["training", "training-begin", "training-undo"])
def test_somebody_elses_group_is_not_there(client: Client, trained: Group, name: str) -> None:
    client.force_login(make_user("stranger"))
    page = reverse(f"analysis:{name}", args=[trained.pk])
    answer = client.get(page) if name == "training" else client.post(page)
    assert answer.status_code == 404
    assert GroupTraining.objects.get().is_used
