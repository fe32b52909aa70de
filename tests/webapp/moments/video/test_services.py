"""Deleting the many moments of a video."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

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
    about = {"moment": str(moment.pk), "photo": str(moment.photo_id)}
    events.publish(moment.owner_id, "moment_ready", about)
    for frame in moment.frames.all():
        events.publish(moment.owner_id, "photo_ready", {"photo": str(frame.photo_id)})


@pytest.mark.parametrize(
    ("delete", "scans"),
    [
        pytest.param(clear_earlier_round, 2, id="before it is analysed anew"),
        pytest.param(delete_video, 4, id="with the video"),
    ],
)
def test_the_events_are_read_once_for_all_moments_and_once_for_all_photos(
    owner: User, video: Video, delete: Callable[[Video], None], scans: int
) -> None:
    other = make_moment(owner)
    told(other)

    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        delete(video)

    started = [query["sql"] for query in queries.captured_queries]
    assert sum(sql.startswith('DELETE FROM "core_event"') for sql in started) == scans
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
