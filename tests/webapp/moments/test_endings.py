"""Who is told that a long video or a live session is over, when, and how often."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from tests.factories import make_job, make_user
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.video_cast import FakeAnalysis, analyse, make_video, use
from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.models import Event, Job
from webapp.live.models import LiveSession
from webapp.live.services import (
    delete_session,
    end_session,
    note_filming,
    reopen_session,
    start_session,
)
from webapp.moments import endings
from webapp.moments.models import Moment, Video

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, Any]]:
    """What was told to be over, oldest first."""
    rows = Event.objects.filter(kind="found").order_by("pk")
    return list(rows.values_list("subject_kind", "subject_id"))


@pytest.fixture
def session(owner: User) -> LiveSession:
    """A session in which somebody has filmed, and that has just ended."""
    made = start_session(owner.pk, "Front row", None)
    note_filming(made.pk)
    end_session(made)
    made.refresh_from_db()
    return made


def test_a_session_is_told_of_once(session: LiveSession) -> None:
    make_moment(session.owner, session=session)
    for _ in range(3):
        endings.tell_of_sessions()
    assert told() == [("session", session.pk)]
    event = Event.objects.get(kind="found")
    assert (event.user_id, event.payload) == (session.owner_id, {"session": str(session.pk)})


def test_a_session_is_told_of_when_its_last_picture_is_there(session: LiveSession) -> None:
    late = make_moment(session.owner, session=session, state=Moment.State.WANTED)
    endings.tell_of_sessions()
    assert told() == []
    Moment.objects.filter(pk=late.pk).update(state=Moment.State.LOST)
    endings.tell_of_sessions()
    assert told() == [("session", session.pk)]


def test_a_session_is_told_of_when_its_photos_have_their_names(session: LiveSession) -> None:
    moment = make_moment(session.owner, session=session)
    assert moment.photo_id is not None
    job = make_job(session.owner, "recognise", moment.photo_id)
    make_job(session.owner, "recognise", uuid4())
    endings.tell_of_sessions()
    assert told() == []
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    endings.tell_of_sessions()
    assert told() == [("session", session.pk)]


def test_pictures_that_do_not_come_are_not_waited_for_for_ever(session: LiveSession) -> None:
    make_moment(session.owner, session=session, state=Moment.State.WANTED)
    before = timezone.now() - endings.PATIENCE - timedelta(seconds=1)
    LiveSession.objects.update(ended_at=before)
    endings.tell_of_sessions()
    assert told() == [("session", session.pk)]


def test_what_is_open_or_was_never_filmed_or_ended_long_ago_is_not_told_of(owner: User) -> None:
    still_open = start_session(owner.pk, "Open", None)
    note_filming(still_open.pk)
    end_session(start_session(owner.pk, "Unused", None))
    old = start_session(owner.pk, "Yesterday", None)
    note_filming(old.pk)
    end_session(old)
    long_ago = timezone.now() - endings.TOLD_WITHIN - timedelta(seconds=1)
    LiveSession.objects.filter(pk=old.pk).update(ended_at=long_ago)
    endings.tell_of_sessions()
    assert told() == []


def test_a_session_that_is_filmed_in_again_is_told_of_again(session: LiveSession) -> None:
    endings.tell_of_sessions()
    reopen_session(session)
    endings.tell_of_sessions()
    assert len(told()) == 1
    end_session(session)
    endings.tell_of_sessions()
    assert told() == [("session", session.pk)] * 2


def test_a_deleted_session_takes_along_what_was_told_of_it(session: LiveSession) -> None:
    endings.tell_of_sessions()
    delete_session(session)
    assert told() == []


def test_a_long_video_is_told_of_when_it_is_looked_through(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "LONG_VIDEO_SECONDS", 5.0)
    use(monkeypatch, FakeAnalysis(length=35))
    video = make_video(owner)
    analyse(video, slices=1)
    assert told() == []
    analyse(video)
    assert told() == [("video", video.pk)]
    assert jobs.is_open("analyse-video", video.pk) is False


@pytest.mark.parametrize(
    ("seconds", "is_recorded", "is_told"),
    [
        pytest.param(59.9, False, False, id="short"),
        pytest.param(60.0, False, True, id="long"),
        pytest.param(None, False, False, id="of unknown length"),
        pytest.param(600.0, True, False, id="recorded by a session, which is told of"),
    ],
)
def test_which_videos_are_told_of(
    owner: User, seconds: float | None, is_recorded: bool, is_told: bool
) -> None:
    session = start_session(owner.pk, "Live", None) if is_recorded else None
    video = make_video(owner, 0.5, duration_seconds=seconds, session=session)
    with transaction.atomic():
        endings.tell_of_video(video)
    assert told() == ([("video", video.pk)] if is_told else [])


def test_apps_above_hear_of_it_within_the_transaction(session: LiveSession) -> None:
    heard: list[Any] = []
    before = list(endings.something_found._receivers)
    endings.something_found.connect(lambda *about: heard.append(about))
    try:
        endings.tell_of_sessions()
    finally:
        endings.something_found._receivers[:] = before
    ((subject, owner_id, concert_id),) = heard
    assert (subject.kind, subject.id) == ("session", session.pk)
    assert (owner_id, concert_id) == (session.owner_id, None)


def test_sessions_of_everybody_are_told_of(session: LiveSession) -> None:
    other = start_session(make_user().pk, "Other", None)
    note_filming(other.pk)
    end_session(other)
    endings.tell_of_sessions()
    assert {subject for _, subject in told()} == {session.pk, other.pk}
    assert Event.objects.filter(user_id=other.owner_id, kind="found").count() == 1
    assert not Video.objects.exists()
