"""Moments whose pictures have arrived but take long to be read, as after a restart."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from tests.webapp.analysis.cast import make_photo
from tests.webapp.moments.cast import make_frame, make_moment
from webapp.accounts.models import User
from webapp.core.models import Event
from webapp.moments.capture import arriving
from webapp.moments.models import Moment
from webapp.photos.arrival.destinations import readable
from webapp.photos.models import Photo

LONG_AGO = 2 * arriving.LOST_AFTER


def make_waiting(owner: User, *states: str, age: timedelta = LONG_AGO, **fields: str) -> Moment:
    """Make a moment that waits for its picture; its frames have arrived in these states."""
    moment = make_moment(owner, alternates=0, **{"state": Moment.State.WANTED, **fields})
    Moment.objects.filter(pk=moment.pk).update(photo=None, created_at=timezone.now() - age)
    moment.frames.all().delete()
    for number, state in enumerate(states):
        photo = make_photo(owner, with_files=False, shelf=Photo.Shelf.ALTERNATE, state=state)
        make_frame(moment, photo, score=0.9 - 0.1 * number)
    return moment


def make_readable(photo: Photo | None) -> None:
    assert photo is not None
    Photo.objects.filter(pk=photo.pk).update(state=Photo.State.READY)
    readable.send(photo.pk)


def state_of(moment: Moment) -> str:
    moment.refresh_from_db()
    return moment.state


def test_a_moment_whose_picture_waits_for_its_ingest_is_not_lost(owner: User) -> None:
    moment = make_waiting(owner, "failed", "uploaded")
    make_frame(moment)

    arriving.settle_overdue()

    assert state_of(moment) == "wanted"
    assert not Event.objects.filter(kind="moment_lost").exists()
    frame = moment.frames.get(photo__state=Photo.State.UPLOADED)
    make_readable(frame.photo)
    assert state_of(moment) == "ready"
    assert moment.photo == frame.photo
    assert Photo.objects.get(pk=moment.photo_id).shelf == Photo.Shelf.MOMENT


def test_a_moment_all_of_whose_pictures_cannot_be_read_is_lost(owner: User) -> None:
    moment = make_waiting(owner, "failed", "failed")
    arriving.settle_overdue()
    assert state_of(moment) == "lost"


@pytest.mark.parametrize(
    "age",
    [
        pytest.param(timedelta(), id="given up a moment ago"),
        pytest.param(LONG_AGO, id="given up long ago"),
    ],
)
def test_a_lost_moment_is_ready_once_one_of_its_pictures_can_be_shown(
    owner: User, age: timedelta
) -> None:
    moment = make_waiting(owner, "failed", "uploaded", age=age, state=Moment.State.LOST)
    make_frame(moment, score=0.95)

    second = moment.frames.get(photo__state=Photo.State.UPLOADED)
    make_readable(second.photo)

    assert (state_of(moment), moment.photo) == ("ready", second.photo)
    assert list(Event.objects.values_list("kind", flat=True)) == ["moment_ready"]


def test_a_backlog_of_ingests_does_not_keep_other_moments_waiting(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "SETTLED_AT_ONCE", 1)
    make_waiting(owner, "uploaded")
    young = make_waiting(owner, "ready", age=timedelta(seconds=90))

    assert arriving.settle_overdue() == 1
    assert state_of(young) == "ready"


def test_the_frame_at_the_peak_comes_first_without_a_score_of_its_own(owner: User) -> None:
    moment = make_waiting(owner, "ready", "ready", age=timedelta())
    photo = make_photo(owner, with_files=False, shelf=Photo.Shelf.ALTERNATE)
    make_frame(moment, photo, score=None, is_peak=True, terms={})
    make_frame(moment, score=None, terms={})

    with transaction.atomic():
        arriving.settle(moment)

    assert moment.photo == photo
    assert moment.score == 0.9, "the best beside it"
