"""Moments expire as the settings say, and what belongs to nothing goes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.webapp.analysis.cast import make_photo
from tests.webapp.moments.cast import make_moment
from webapp.accounts.models import User
from webapp.analysis.erasure import delete_photo
from webapp.moments import services, upkeep
from webapp.moments.models import Moment
from webapp.photos.models import Photo


def age(moment: Moment, days: float) -> None:
    then = timezone.now() - timedelta(days=days)
    Moment.objects.filter(pk=moment.pk).update(created_at=then)
    if moment.judged_at is not None:
        Moment.objects.filter(pk=moment.pk).update(judged_at=then)
    Photo.objects.filter(moment_frames__moment=moment).update(created_at=then)


def test_by_default_a_moment_stays_for_ever(owner: User) -> None:
    age(make_moment(owner), days=5000)
    assert upkeep.expire() == 0


def test_a_moment_expires_with_all_its_frames_unless_it_is_liked(
    owner: User, settings: Any
) -> None:
    settings.MOMENTS_KEEP_DAYS = 90
    old, young, liked = (make_moment(owner) for _ in range(3))
    services.like_moment(liked)
    age(old, days=91)
    age(young, days=89)
    age(liked, days=91)
    assert upkeep.expire() == 1
    assert set(Moment.objects.all()) == {young, liked}
    assert Photo.objects.count() == 6


@pytest.mark.parametrize(("days", "is_gone"), [(29, False), (31, True)])
def test_a_discarded_moment_can_be_restored_for_thirty_days(
    owner: User, *, days: int, is_gone: bool
) -> None:
    moment = make_moment(owner)
    services.discard_moment(moment)
    age(moment, days=days)
    upkeep.expire()
    assert Moment.objects.exists() is not is_gone


def test_a_liked_moment_that_was_discarded_goes_like_any_discarded_one(owner: User) -> None:
    moment = make_moment(owner)
    services.like_moment(moment)
    services.discard_moment(moment)
    age(moment, days=31)
    assert upkeep.expire() == 1


def test_an_old_moment_that_is_discarded_stays_as_long_as_its_page_says(
    owner: User, settings: Any
) -> None:
    settings.MOMENTS_KEEP_DAYS = 90
    moment = make_moment(owner)
    services.like_moment(moment)
    age(moment, days=100)
    services.discard_moment(moment)
    assert upkeep.expire() == 0
    settings.MOMENTS_KEEP_DISCARDED_DAYS = 0
    age(moment, days=5000)
    assert upkeep.expire() == 0


def test_a_moment_goes_with_the_picture_that_the_user_deleted(owner: User) -> None:
    moment, other = make_moment(owner), make_moment(owner)
    assert moment.photo is not None
    age(moment, days=1)
    age(other, days=1)
    delete_photo(moment.photo)
    upkeep.sweep()
    assert list(Moment.objects.all()) == [other]
    assert Photo.objects.count() == 3


def test_frames_that_belong_to_no_moment_are_swept_and_other_photos_are_not(owner: User) -> None:
    uploaded = make_photo(owner)
    stray = make_photo(owner, shelf=Photo.Shelf.ALTERNATE)
    young = make_photo(owner, shelf=Photo.Shelf.ALTERNATE)
    before = timezone.now() - timedelta(days=1)
    Photo.objects.filter(pk__in=[uploaded.pk, stray.pk]).update(created_at=before)
    assert upkeep.sweep() == 1
    assert set(Photo.objects.all()) == {uploaded, young}
