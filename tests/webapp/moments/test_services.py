"""The user's decisions about moments."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from tests.webapp.analysis.cast import make_face, make_photo
from tests.webapp.moments.cast import make_frame, make_moment
from webapp.accounts.models import User
from webapp.core import events, jobs
from webapp.core.models import Event, Job
from webapp.moments import services
from webapp.moments.models import Moment, MomentFrame, Taste
from webapp.moments.queries import (
    all_moments_of,
    judged_moments_of,
    moment_frames_of,
    moments_visible_to,
    taste_of,
)
from webapp.people.queries import people_visible_to, with_counts
from webapp.people.services import ensure_person
from webapp.photos.models import Photo
from webapp.photos.queries import library_of
from webapp.photos.storage import files_of


def alternate_of(moment: Moment) -> MomentFrame:
    return moment.frames.filter(is_picked=False).order_by("pk")[0]


def stages_of(photo: Photo | None) -> set[str]:
    assert photo is not None
    return set(Job.objects.filter(subject_id=photo.pk).values_list("stage", flat=True))


def test_a_like_is_remembered_and_can_be_taken_back(owner: User) -> None:
    moment = make_moment(owner)

    services.like_moment(moment)
    moment.refresh_from_db()
    assert moment.liked_at is not None
    assert list(judged_moments_of(owner.pk)) == [moment]

    services.unlike_moment(moment)
    moment.refresh_from_db()
    assert moment.liked_at is None
    assert not judged_moments_of(owner.pk).exists()


def test_liking_twice_keeps_the_first_time(owner: User) -> None:
    moment = make_moment(owner)
    services.like_moment(moment)
    first = moment.liked_at

    services.like_moment(moment)

    moment.refresh_from_db()
    assert moment.liked_at == first


def test_a_discarded_moment_leaves_the_pages_and_the_library_until_it_is_restored(
    owner: User,
) -> None:
    moment = make_moment(owner)

    services.discard_moment(moment)
    assert not moments_visible_to(owner).exists()
    assert not library_of(owner).exists()
    assert list(all_moments_of(owner)) == [moment]

    services.restore_moment(moment)
    assert list(moments_visible_to(owner)) == [moment]
    assert list(library_of(owner)) == [moment.photo]


def test_bringing_a_moment_back_brings_its_like_back(owner: User) -> None:
    moment = make_moment(owner)
    services.like_moment(moment)
    liked_at = moment.liked_at

    services.discard_moment(moment)
    assert not moment.is_liked
    assert moment.judged_at is not None
    assert liked_at is not None
    assert moment.judged_at > liked_at

    services.restore_moment(moment)
    moment.refresh_from_db()
    assert moment.is_liked
    assert (moment.liked_at, moment.judged_at) == (liked_at, liked_at)


def test_taking_the_like_of_a_discarded_moment_back_leaves_it_discarded(owner: User) -> None:
    moment = make_moment(owner)
    services.like_moment(moment)
    services.discard_moment(moment)
    discarded_at = moment.judged_at

    services.unlike_moment(moment)
    assert (moment.is_discarded, moment.liked_at) == (True, None)
    assert moment.judged_at == discarded_at

    services.restore_moment(moment)
    assert not judged_moments_of(owner.pk).exists()


def test_liking_a_discarded_moment_restores_it(owner: User) -> None:
    moment = make_moment(owner)
    services.discard_moment(moment)

    services.like_moment(moment)

    assert list(moments_visible_to(owner)) == [moment]


def test_picking_another_frame_swaps_the_shelves_and_has_it_analysed(owner: User) -> None:
    moment = make_moment(owner)
    before, frame = moment.photo, alternate_of(moment)

    services.pick_frame(moment, frame)

    moment.refresh_from_db()
    assert moment.photo == frame.photo
    assert list(library_of(owner)) == [frame.photo]
    assert stages_of(frame.photo) == {"recognise", "portrait"}
    assert stages_of(before) == set()
    assert [one.pk for one in moment.frames.filter(is_picked=True)] == [frame.pk]
    assert moment.score == frame.score


def test_picking_by_hand_is_a_decision_that_teaches_no_taste_and_can_be_taken_back(
    owner: User,
) -> None:
    moment = make_moment(owner)
    first = moment.frames.get(is_picked=True)
    services.pick_frame(moment, alternate_of(moment))
    assert moment.judged_at is not None
    assert not judged_moments_of(owner.pk).exists()

    services.like_moment(moment)
    services.unlike_moment(moment)
    assert moment.judged_at is not None

    services.pick_frame(moment, first)
    moment.refresh_from_db()
    assert moment.judged_at is None


def test_picking_another_frame_does_not_change_when_a_moment_was_liked(owner: User) -> None:
    moment = make_moment(owner)
    services.like_moment(moment)
    services.pick_frame(moment, alternate_of(moment))
    assert moment.judged_at == moment.liked_at


def test_a_frame_that_was_analysed_before_is_not_analysed_again(owner: User) -> None:
    moment = make_moment(owner)
    first = moment.frames.get(is_picked=True)
    Photo.objects.filter(pk=first.photo_id).update(face_count=1)
    services.pick_frame(moment, alternate_of(moment))

    services.pick_frame(moment, first)

    assert list(library_of(owner)) == [first.photo]
    assert stages_of(first.photo) == set()


def test_a_frame_that_never_arrived_cannot_be_picked(owner: User) -> None:
    moment = make_moment(owner)
    missing = make_frame(moment)

    with pytest.raises(services.FrameMissingError):
        services.pick_frame(moment, missing)

    moment.refresh_from_db()
    assert moment.frames.get(is_picked=True).photo == moment.photo
    assert missing not in moment_frames_of(moment)


def test_a_frame_of_another_moment_cannot_be_picked(owner: User) -> None:
    moment, other = make_moment(owner), make_moment(owner)

    with pytest.raises(MomentFrame.DoesNotExist):
        services.pick_frame(moment, alternate_of(other))


def test_a_frame_that_two_moments_share_stays_in_the_library_while_one_shows_it(
    owner: User,
) -> None:
    moment, other = make_moment(owner), make_moment(owner, alternates=1)
    shared = moment.frames.get(is_picked=True).photo
    services.pick_frame(other, make_frame(other, shared))

    services.discard_moment(moment)
    assert shared in library_of(owner)

    services.discard_moment(other)
    assert shared not in library_of(owner)


def test_deleting_a_moment_deletes_all_of_it(owner: User) -> None:
    moment = make_moment(owner)
    assert moment.photo is not None
    make_face(moment.photo)
    folders = [files_of(frame.photo.pk).folder for frame in moment.frames.all() if frame.photo]
    with transaction.atomic():
        events.publish(owner.pk, "moment_ready", {}, about=moment.as_subject)
        about = events.Subject("photo", moment.photo.pk)
        events.publish(owner.pk, "photo_ready", {}, about=about)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction, "on_commit", lambda work: work())
        services.delete_moment(moment)

    assert not Moment.objects.exists()
    assert not MomentFrame.objects.exists()
    assert not Photo.objects.exists()
    assert not Event.objects.exists()
    assert len(folders) == 3
    assert not any(folder.exists() for folder in folders)


def test_deleting_a_moment_keeps_what_another_one_shows_and_what_was_uploaded_by_hand(
    owner: User,
) -> None:
    moment, other = make_moment(owner), make_moment(owner, alternates=0)
    shared = moment.frames.get(is_picked=True).photo
    uploaded = make_photo(owner)
    make_frame(moment, uploaded)
    make_frame(other, shared)

    services.delete_moment(moment)

    assert set(Photo.objects.all()) == {shared, uploaded, other.photo}
    assert set(library_of(owner)) == {uploaded, other.photo}


def test_alternates_are_neither_listed_nor_counted(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner)
    person = ensure_person(owner.pk, "Minji")
    for frame in moment_frames_of(moment):
        assert frame.photo is not None
        make_face(frame.photo, person=person)

    page = as_owner.get("/photos/?show=").content.decode()
    shown = [str(frame.photo_id) in page for frame in moment_frames_of(moment)]
    assert shown == [True, False, False]
    assert str(moment.photo_id) not in as_owner.get("/photos/").content.decode(), "but by a switch"
    grid = as_owner.get(f"/people/{person.pk}/").content.decode()
    assert str(alternate_of(moment).photo_id) not in grid
    (counted,) = with_counts(people_visible_to(owner))
    assert counted.photo_count == 1


def test_an_alternate_is_made_showable_but_not_analysed(
    owner: User, run_jobs: Callable[[], int], make_picture: Callable[..., bytes]
) -> None:
    photo = make_photo(owner, shelf=Photo.Shelf.ALTERNATE, state=Photo.State.UPLOADED)
    files_of(photo.pk).original.write_bytes(make_picture())
    with transaction.atomic():
        jobs.enqueue("ingest", photo.pk, owner.pk)

    run_jobs()

    photo.refresh_from_db()
    assert photo.state == Photo.State.READY
    assert stages_of(photo) == {"ingest"}


def test_wishes_are_written_down_and_others_favourites_are_not(owner: User, stranger: User) -> None:
    star, foreign = ensure_person(owner.pk, "Minji"), ensure_person(stranger.pk, "Hanni")

    services.update_taste(owner, favourites=[star, foreign], anyone=True, per_minute=9)

    taste = taste_of(owner.pk)
    assert (taste.anyone, taste.per_minute, taste.is_wanted) == (True, 9, True)
    assert list(taste.favourites.all()) == [star]


def test_a_wish_that_does_not_exist_is_an_error(owner: User) -> None:
    with pytest.raises(ValueError, match="weights"):
        services.update_taste(owner, weights={"expression": 1.0})


def test_a_reset_forgets_the_weights_and_the_judgements_before_it(owner: User) -> None:
    services.like_moment(make_moment(owner))
    Taste.objects.update_or_create(
        owner=owner, defaults={"weights": {"expression": 0.9}, "learnt_from": 50}
    )

    services.reset_taste(owner)

    taste = taste_of(owner.pk)
    assert (taste.weights, taste.learnt_from) == ({}, 0)
    assert not judged_moments_of(owner.pk).exists()
    later = make_moment(owner)
    services.like_moment(later)
    assert list(judged_moments_of(owner.pk)) == [later]
