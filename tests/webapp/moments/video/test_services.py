"""Deleting the many moments of a video."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from tests.webapp.moments.cast import make_moment
from webapp.accounts.models import User
from webapp.core import events
from webapp.core.models import Event
from webapp.moments.models import Moment, Video
from webapp.moments.video import services as videos
from webapp.moments.video.services import begin_clearing, clear_earlier_round, delete_video
from webapp.photos.models import Photo


@pytest.fixture
def video(owner: User) -> Video:
    """A video with four moments, whose pages were told of each photo and moment."""
    video = Video.objects.create(owner=owner, bytes=1, sha256="1" * 64, round=1)
    with transaction.atomic():
        for _ in range(4):
            told(make_moment(owner, video=video))
    return video


def told(moment: Moment) -> None:
    events.publish(moment.owner_id, "moment_ready", {}, about=moment.as_subject)
    for frame in moment.frames.all():
        assert frame.photo_id is not None
        about = events.Subject("photo", frame.photo_id)
        events.publish(moment.owner_id, "photo_ready", {}, about=about)


@pytest.mark.parametrize(
    "delete",
    [
        pytest.param(clear_earlier_round, id="before it is analysed anew"),
        pytest.param(delete_video, id="with the video"),
    ],
)
def test_the_events_of_all_moments_and_all_photos_go(
    owner: User, video: Video, delete: Callable[[Video], None]
) -> None:
    other = make_moment(owner)
    told(other)

    with transaction.atomic():
        delete(video)

    assert list(Moment.objects.all()) == [other]
    assert Photo.objects.count() == 3
    about = Event.objects.filter(kind="moment_ready").values_list("payload__moment", flat=True)
    assert list(about) == [str(other.pk)]
    assert Event.objects.filter(kind="photo_ready").count() == 3


@pytest.mark.parametrize("delete", [begin_clearing, delete_video])
def test_moments_go_in_short_transactions_and_a_kill_between_them_is_made_up_for(
    owner: User,
    video: Video,
    delete: Callable[[Video], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(videos, "BATCH", 3)
    remove, calls = videos._delete_moments, []

    def die_in_the_second_batch(moments: Any) -> None:
        calls.append(len(moments))
        remove(moments)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(videos, "_delete_moments", die_in_the_second_batch)
    with pytest.raises(KeyboardInterrupt):
        delete(video)
    assert calls == [3, 1]
    assert video.moments.count() == 1, "the first batch is committed, the second is not"

    delete(Video.objects.get())

    assert not Moment.objects.exists()
    assert not Photo.objects.exists()
