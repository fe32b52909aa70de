"""Who stays sharp in a portrait: the rule, the user's choice, and when the mask is made anew."""

import pytest

from tests.webapp.analysis.cast import (
    FakeModels,
    box_at,
    claim_stage,
    make_face,
    make_person,
    make_photo,
)
from webapp.accounts.models import User
from webapp.analysis import services, stages, subjects
from webapp.analysis.models import DetectedFace, Portrait
from webapp.photos import counts
from webapp.photos.models import Photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def duo(owner: User) -> Photo:
    """A photo of a star and of somebody unknown, equally large."""
    photo = make_photo(owner)
    make_face(photo, 1, person=make_person(owner, "Lisa"), named_by="user")
    make_face(photo, 3)
    return photo


def drawn_about(photo: Photo) -> list[list[float]]:
    stages.portrait(claim_stage(photo, "portrait"))
    heads: list[list[float]] = Portrait.objects.get().rendered_heads
    return heads


def test_a_named_star_stays_sharp_and_the_unknown_beside_her_does_not(
    models: FakeModels, duo: Photo
) -> None:
    assert drawn_about(duo) == [list(box_at(1))]
    assert models.heads == [box_at(1)]


def test_a_line_up_without_names_stays_sharp_as_a_whole(models: FakeModels, owner: User) -> None:
    photo = make_photo(owner)
    for place in range(4):
        make_face(photo, place)

    assert drawn_about(photo) == [], "everybody"


def test_everybody_stays_sharp_where_no_face_was_found(models: FakeModels, owner: User) -> None:
    assert drawn_about(make_photo(owner)) == []


def test_a_choice_makes_the_mask_anew_and_a_strength_does_not(
    models: FakeModels, duo: Photo
) -> None:
    drawn_about(duo)
    services.set_portrait_strength(duo, 0.9)
    drawn_about(duo)
    assert models.calls == ["make_portrait", "render_portrait"]

    services.set_subject(duo, Portrait.Subject.CHOSEN, [list(box_at(3))])
    assert drawn_about(duo) == [list(box_at(3))]
    services.set_subject(duo, Portrait.Subject.EVERYBODY)
    assert drawn_about(duo) == []
    assert models.calls == ["make_portrait", "render_portrait", "make_portrait", "make_portrait"]
    assert Portrait.objects.get().strength == 0.9


def test_a_choice_outlives_another_look_for_faces(models: FakeModels, duo: Photo) -> None:
    services.set_subject(duo, Portrait.Subject.CHOSEN, [list(box_at(3))])
    DetectedFace.objects.all().delete()
    fresh, other = make_face(duo, 3), make_face(duo, 1)

    choice = subjects.choice_of(duo, Portrait.objects.get(), [fresh, other])

    assert choice.sharp == {fresh.pk}
    assert not choice.is_drawn


def test_a_name_that_came_later_is_told_on_the_page_until_the_picture_follows(
    models: FakeModels, owner: User
) -> None:
    photo = make_photo(owner)
    first, second = make_face(photo, 1), make_face(photo, 3)
    drawn_about(photo)
    second.person = make_person(owner, "Rosé")
    second.save()
    counts.changed([photo.pk])

    choice = subjects.choice_of(photo, Portrait.objects.get(), [first, second])

    assert choice.sharp == {second.pk}
    assert not choice.is_drawn
    drawn_about(photo)
    assert subjects.choice_of(photo, Portrait.objects.get(), [first, second]).is_drawn
