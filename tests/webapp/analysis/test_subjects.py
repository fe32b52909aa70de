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
from webapp.analysis.queries import faces_of
from webapp.core import jobs
from webapp.core.models import Event, Job
from webapp.moments.services import update_taste
from webapp.people.gallery.changes import gallery_of
from webapp.people.models import Person
from webapp.photos import counts
from webapp.photos.models import Photo
from webapp.photos.storage import files_of

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
    assert models.others == [box_at(3)]


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


def is_queued(stage: str) -> bool:
    return Job.objects.filter(stage=stage, state=Job.State.PENDING).exists()


def test_naming_somebody_else_draws_the_portrait_anew_and_naming_the_same_does_not(
    models: FakeModels, owner: User
) -> None:
    photo = make_photo(owner)
    first, second = make_face(photo, 1), make_face(photo, 3)
    drawn_about(photo)

    services.name_face(second, "Rosé")

    assert is_queued("portrait")
    assert drawn_about(photo) == [list(box_at(3))]
    services.name_face(second, "Roseanne")
    assert not is_queued("portrait"), "she is the only star under either name"
    services.name_face(first, "Lisa")
    assert drawn_about(photo) == [], "both are stars now"


def test_a_name_does_not_touch_a_portrait_whose_people_the_user_chose(
    models: FakeModels, owner: User
) -> None:
    photo = make_photo(owner)
    make_face(photo, 1)
    second = make_face(photo, 3)
    services.set_subject(photo, Portrait.Subject.CHOSEN, [list(box_at(1))])
    drawn_about(photo)

    services.name_face(second, "Rosé")

    assert not is_queued("portrait")


def test_a_name_that_comes_while_the_portrait_is_drawn_is_not_missed(
    models: FakeModels, owner: User
) -> None:
    photo = make_photo(owner)
    make_face(photo, 1)
    second = make_face(photo, 3)
    drawn_about(photo)
    models.meanwhile = lambda: services.name_face(second, "Rosé")
    Portrait.objects.update(model="")  # so that the models are asked again

    with pytest.raises(jobs.LostClaimError):
        stages.portrait(claim_stage(photo, "portrait"))

    assert is_queued("portrait")


def test_a_favourite_star_stays_sharp_before_other_stars(
    models: FakeModels, owner: User, duo: Photo
) -> None:
    rose = make_person(owner, "Rosé")
    DetectedFace.objects.filter(x1=box_at(3)[0]).update(person=rose, named_by="user")
    counts.changed([duo.pk])
    assert drawn_about(duo) == [], "two stars, everybody"

    update_taste(owner, favourites=Person.objects.filter(name="Rosé"))
    claim = jobs.claim(Job.objects.get(stage="subjects").pk)
    assert claim is not None
    assert claim.subject_id == gallery_of(owner.pk).pk
    stages.subjects(claim)

    assert is_queued("portrait")
    assert drawn_about(duo) == [list(box_at(3))]
    update_taste(owner, favourites=Person.objects.filter(name="Rosé"))
    assert not is_queued("subjects"), "nothing has changed"


def test_masks_to_choose_by_are_kept_until_other_faces_are_found(
    models: FakeModels, duo: Photo
) -> None:
    drawn_about(duo)
    stages.person_masks(claim_stage(duo, "person-masks"))
    faces = faces_of(duo)

    assert files_of(duo.pk).masks.read_bytes() == b"masks of 2"
    assert Event.objects.get(kind="masks_ready").payload == {"photo": str(duo.pk)}
    rows = subjects.rows_of(Portrait.objects.get(), faces)
    assert rows == {faces[0].pk: 0, faces[1].pk: 1}

    drawn_about(duo)
    assert subjects.rows_of(Portrait.objects.get(), faces) == rows, "a drawing leaves them"
    make_face(duo, 4)
    assert subjects.rows_of(Portrait.objects.get(), faces_of(duo)) is None


def test_lights_are_drawn_from_the_stored_mask(models: FakeModels, duo: Photo) -> None:
    drawn_about(duo)
    plain = Portrait.objects.get().rendition
    services.set_portrait_strength(duo, 0.5, lights=True)
    drawn_about(duo)

    portrait = Portrait.objects.get()
    assert files_of(duo.pk).portrait.read_bytes() == b"full 0.5 of alpha with lights"
    assert portrait.rendered_lights
    assert portrait.rendition != plain, "the page sees that it is another picture"
    services.set_portrait_strength(duo, 0.7)
    assert Portrait.objects.get().lights, "the slider alone leaves the switch"


def test_another_subject_is_another_picture_to_the_page(models: FakeModels, duo: Photo) -> None:
    drawn_about(duo)
    before = Portrait.objects.get().rendition
    services.set_subject(duo, Portrait.Subject.EVERYBODY)
    drawn_about(duo)

    assert Portrait.objects.get().rendition != before
