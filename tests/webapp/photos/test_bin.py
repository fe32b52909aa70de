"""The bin: what is thrown away is nowhere else, comes back whole, or goes for good."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.webapp.analysis.cast import (
    embedding,
    make_face,
    make_person,
    make_photo,
    make_reference,
)
from tests.webapp.moments.cast import make_moment
from tests.webapp.photos.conftest import Tus, picture
from webapp.accounts.models import User
from webapp.analysis.queries import faces_visible_to
from webapp.core.jobs import tasks
from webapp.core.models import Job
from webapp.moments import bin as moment_bin
from webapp.moments import emptying
from webapp.moments.models import Moment, Reel
from webapp.moments.queries import all_moments_of, moments_in_bin_of
from webapp.moments.reel import services as reels
from webapp.people.models import Reference
from webapp.people.queries import enrolled_of, references_visible_to, with_counts
from webapp.photos import bin, counts
from webapp.photos.models import Concert, Photo
from webapp.photos.queries import bin_of, library_of, photos_visible_to
from webapp.photos.storage import files_of

pytestmark = pytest.mark.django_db


def run_emptying() -> None:
    for job in Job.objects.filter(stage=bin.EMPTY_STAGE, state=Job.State.PENDING):
        tasks.perform(job.pk)


def test_a_thrown_photo_is_in_the_bin_and_nowhere_else(owner: User, as_owner: Client) -> None:
    person = make_person(owner, "Lisa")
    concert = Concert.objects.create(owner=owner, name="Seoul")
    photo = make_photo(owner, concert=concert)
    make_face(photo, person=person, emotion="happy")
    counts.refresh()

    assert bin.throw(owner.pk, [photo.pk]) == [photo.pk]

    assert list(bin_of(owner)) == [photo]
    assert not photos_visible_to(owner).exists()
    assert not library_of(owner).exists()
    assert not faces_visible_to(owner).exists()
    assert with_counts(person.__class__.objects.all())[0].photo_count == 0
    for page in (
        reverse("analysis:photos"),
        reverse("analysis:concert", args=[concert.pk]),
        reverse("analysis:person", args=[person.pk]),
        f"{reverse('analysis:photos')}?ids=1",
    ):
        assert str(photo.pk) not in as_owner.get(page).content.decode()
    assert as_owner.get(reverse("analysis:photo", args=[photo.pk])).status_code == 404
    answer = as_owner.get(reverse("analysis:faces"), {"photos": str(photo.pk)})
    assert answer.json() == {"photos": {}} or answer.json()["photos"] in ([], {})


def test_the_bin_shows_the_thumb_and_hands_out_no_original(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner)
    bin.throw(owner.pk, [photo.pk])

    def status(variant: str) -> int:
        return as_owner.get(reverse("photos:media", args=[photo.pk, variant])).status_code

    assert (status("thumb"), status("original"), status("full")) == (200, 404, 404)


def test_a_restored_photo_is_as_it_was(owner: User) -> None:
    person = make_person(owner, "Lisa")
    photo = make_photo(owner, is_favourite=True)
    make_face(photo, person=person)
    bin.throw(owner.pk, [photo.pk])
    counts.refresh()

    assert bin.restore(owner.pk, [photo.pk]) == [photo.pk]

    assert list(library_of(owner)) == [photo]
    assert library_of(owner).get().is_favourite
    assert with_counts(person.__class__.objects.all())[0].photo_count == 1


def test_nobody_is_recognised_by_a_photo_in_the_bin(owner: User) -> None:
    person = make_person(owner, "Lisa")
    photo = make_photo(owner)
    reference = make_reference(person, embedding(1), photo=photo)
    make_reference(person, embedding(2))
    bin.throw(owner.pk, [photo.pk])

    assert len(enrolled_of(owner.pk)) == 1
    assert len(enrolled_of(owner.pk, [person.pk])) == 1
    assert reference not in references_visible_to(owner)
    assert Job.objects.filter(stage="rematch", state=Job.State.PENDING).exists()

    bin.restore(owner.pk, [photo.pk])
    assert len(enrolled_of(owner.pk)) == 2


def test_what_is_given_up_is_deleted_with_every_trace(owner: User) -> None:
    person = make_person(owner, "Lisa")
    photo = make_photo(owner)
    make_reference(person, embedding(1), photo=photo)
    bin.throw(owner.pk, [photo.pk])
    folder = files_of(photo.pk).folder

    bin.give_up(owner.pk, [photo.pk])
    assert not bin_of(owner).exists()
    run_emptying()

    assert not Photo.objects.exists()
    assert not Reference.objects.exists()
    assert Job.objects.filter(stage="erase", subject_id=photo.pk).exists()
    assert folder.parent.exists()


def test_what_is_given_up_does_not_come_back(owner: User) -> None:
    photo = make_photo(owner)
    bin.throw(owner.pk, [photo.pk])
    bin.give_up(owner.pk, [photo.pk])

    assert bin.restore(owner.pk, [photo.pk]) == []


@pytest.mark.parametrize(
    ("days", "is_left"),
    [
        pytest.param(29, True, id="the day before"),
        pytest.param(31, False, id="the day after"),
    ],
)
def test_the_bin_keeps_photos_as_long_as_the_settings_say(
    owner: User, settings: object, days: int, is_left: bool
) -> None:
    settings.BIN_DAYS = 30  # type: ignore[attr-defined]
    photo = make_photo(owner)
    bin.throw(owner.pk, [photo.pk])
    Photo.objects.update(binned_at=timezone.now() - timedelta(days=days))

    emptying.expire()
    run_emptying()

    assert Photo.objects.exists() == is_left
    assert bin_of(owner).exists() == is_left


def test_the_best_of_a_burst_that_is_thrown_away_is_followed_by_the_next(owner: User) -> None:
    moment = make_moment(owner, kind=Moment.Kind.BURST, alternates=2)
    Photo.objects.update(shelf=Photo.Shelf.LIBRARY)
    best = moment.photo
    assert best is not None
    Photo.objects.exclude(pk=best.pk).update(stack_top=best)
    assert library_of(owner).count() == 1

    bin.throw(owner.pk, [best.pk])
    assert library_of(owner).count() == 1
    assert best not in library_of(owner)

    bin.restore(owner.pk, [best.pk])
    assert library_of(owner).count() == 1


def test_a_moment_is_hidden_with_its_picture(owner: User) -> None:
    moment = make_moment(owner)
    bin.throw(owner.pk, [moment.photo_id])
    assert not all_moments_of(owner).exists()
    bin.restore(owner.pk, [moment.photo_id])
    assert list(all_moments_of(owner)) == [moment]


def test_a_thrown_moment_takes_its_frames_along_and_brings_them_back(owner: User) -> None:
    moment = make_moment(owner, alternates=2)
    moment_bin.throw(owner.pk, [moment.pk])

    assert list(moments_in_bin_of(owner)) == [moment]
    assert not all_moments_of(owner).exists()
    assert not photos_visible_to(owner).exists()
    assert Moment.objects.get().photo.shelf == Photo.Shelf.ALTERNATE  # type: ignore[union-attr]

    assert moment_bin.restore(owner.pk, [moment.pk]) == [moment.pk]
    assert list(all_moments_of(owner)) == [moment]
    assert photos_visible_to(owner).count() == 3
    assert library_of(owner).count() == 1


def test_a_frame_that_another_moment_shows_stays(owner: User) -> None:
    first, second = make_moment(owner, alternates=0), make_moment(owner, alternates=0)
    Moment.objects.filter(pk=second.pk).update(photo=first.photo)
    moment_bin.throw(owner.pk, [first.pk])
    assert first.photo in library_of(owner)


def test_a_moment_that_is_given_up_is_deleted_with_its_frames(owner: User) -> None:
    moment = make_moment(owner)
    moment_bin.throw(owner.pk, [moment.pk])
    moment_bin.give_up(owner.pk, [moment.pk])
    run_emptying()
    assert not Moment.objects.exists()
    assert not Photo.objects.exists()


def test_a_reel_that_shows_what_is_in_the_bin_is_hidden(owner: User) -> None:
    photo = make_photo(owner)
    reel = Reel.objects.create(owner=owner, title="Best", photo_count=1)
    reel.photos.add(photo)
    bin.throw(owner.pk, [photo.pk])
    assert not reels.reels_visible_to(owner).exists()
    bin.restore(owner.pk, [photo.pk])
    assert list(reels.reels_visible_to(owner)) == [reel]


@pytest.mark.django_db(transaction=True)
def test_a_photo_in_the_bin_that_is_uploaded_again_comes_back_and_says_so(
    tus: Tus, owner: User
) -> None:
    content = picture()
    first = tus.whole(content).json()["photo"]
    bin.throw(Photo.objects.get().owner_id, [first])

    answer = tus.whole(content)

    assert answer.json()["photo"] == first
    assert "bin" in answer.json()["message"]
    assert answer.headers["Encore-Returned"] == "true"
    assert Photo.objects.get().binned_at is None


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_is_being_deleted_for_ever_is_not_revived(tus: Tus) -> None:
    content = picture()
    first = tus.whole(content).json()["photo"]
    owner_id = Photo.objects.get().owner_id
    bin.throw(owner_id, [first])
    bin.give_up(owner_id, [first])

    answer = tus.whole(content)

    assert answer.status_code == 423
    assert answer.headers["Retry-After"]


def test_the_bin_page_shows_both_kinds_and_the_space(owner: User, as_owner: Client) -> None:
    empty = as_owner.get(reverse("moments:bin")).content.decode()
    assert "No photos in the bin" in empty
    photo = make_photo(owner, bytes=3_000_000)
    moment = make_moment(owner)
    bin.throw(owner.pk, [photo.pk])
    moment_bin.throw(owner.pk, [moment.pk])

    photos = as_owner.get(reverse("moments:bin")).content.decode()
    moments = as_owner.get(reverse("moments:bin-moments")).content.decode()

    assert str(photo.pk) in photos
    assert "2.9" in photos
    assert str(moment.pk) in moments


def test_emptying_the_bin_empties_it(owner: User, as_owner: Client) -> None:
    kept, thrown = make_photo(owner), make_photo(owner)
    moment = make_moment(owner)
    bin.throw(owner.pk, [thrown.pk])
    moment_bin.throw(owner.pk, [moment.pk])

    assert as_owner.post(reverse("moments:bin-empty")).status_code == 302
    run_emptying()

    assert list(Photo.objects.all()) == [kept]
    assert not Moment.objects.exists()


def test_nothing_of_others_can_be_thrown_restored_or_erased(
    owner: User, stranger: User, as_stranger: Client
) -> None:
    photo, thrown = make_photo(owner), make_photo(owner)
    bin.throw(owner.pk, [thrown.pk])
    for name, one in (("bin", photo), ("restore", thrown), ("erase", thrown)):
        url = reverse(f"photos:selected-{name}")
        assert as_stranger.post(url, {"photos": str(one.pk)}).status_code == 404
    assert bin.throw(stranger.pk, [photo.pk, uuid4()]) == []
    assert list(photos_visible_to(owner)) == [photo]
    assert list(bin_of(owner)) == [thrown]


def test_a_script_moves_thousands_at_once(owner: User, as_owner: Client) -> None:
    Photo.objects.bulk_create(
        Photo(owner=owner, sha256=f"{number:064x}", bytes=1, display_name="x")
        for number in range(1200)
    )
    ids = ",".join(str(pk) for pk in Photo.objects.values_list("pk", flat=True))
    answer = as_owner.post(reverse("photos:selected-bin"), {"photos": ids})
    assert answer.json() == {"changed": 1200, "message": "1,200 photos in the bin."}
    answer = as_owner.post(reverse("photos:selected-restore"), {"photos": ids})
    assert answer.json()["changed"] == 1200


def test_deleting_a_photo_moves_it_to_the_bin_and_for_ever_deletes_it(
    owner: User, as_owner: Client
) -> None:
    photo, other = make_photo(owner), make_photo(owner)
    as_owner.post(reverse("analysis:photo-delete", args=[photo.pk]))
    as_owner.post(reverse("analysis:photo-delete", args=[other.pk]), {"for_ever": "1"})
    assert list(Photo.objects.all()) == [photo] == list(bin_of(owner))
