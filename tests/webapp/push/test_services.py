"""Who is told of what, in which words, and that everything goes with the account."""

from uuid import uuid4

import pytest

from tests.factories import make_user, run_pending_jobs
from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.video_cast import make_video
from tests.webapp.push.conftest import Browser, wishes
from tests.webapp.webhooks.conftest import Listener
from webapp.access.models import Member, Role
from webapp.access.services import share_with
from webapp.accounts.models import User
from webapp.core.events import Subject
from webapp.core.models import Job
from webapp.live.services import end_session, note_filming, start_session
from webapp.moments import endings
from webapp.moments.models import Video
from webapp.photos.models import Concert
from webapp.push import services
from webapp.push.models import Device, Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(owner: User) -> Video:
    """A film of a concert, with one moment of Lisa."""
    made = make_video(owner, 0.5, concert=Concert.objects.create(owner=owner, name="Seoul"))
    moment = make_moment(owner, alternates=0, video=made, concert=made.concert)
    moment.people.add(make_person(owner, "Lisa", axis=1))
    return made


def tell_of(video: Video) -> None:
    services.follow_found(Subject("video", video.pk), video.owner_id, video.concert_id)


def test_names_are_written_only_where_that_was_switched_on(
    greeted: Device, browser: Browser, listener: Listener, video: Video
) -> None:
    for has_names in (False, True):
        Device.objects.update(has_names=has_names)
        tell_of(video)
        run_pending_jobs()
    plain, named = (browser.reads(body) for _, body in listener.heard)
    assert plain["body"] == "A film: 1 moment of 1 star."
    assert named["body"] == "The film of Seoul: 1 moment of Lisa."
    assert plain["page"] == named["page"] == f"/moments/nights/{video.concert_id}/"
    assert plain["tag"] == named["tag"], "the second takes the place of the first on the screen"


def test_a_device_is_told_in_its_language(
    greeted: Device, browser: Browser, listener: Listener, video: Video
) -> None:
    Device.objects.update(language="ko")
    tell_of(video)
    run_pending_jobs()
    ((_, body),) = listener.heard
    assert browser.reads(body)["body"] == "영상: 스타 1명의 순간 1개를 찾았어요."


def test_a_session_that_is_over_reaches_the_device(
    greeted: Device, browser: Browser, listener: Listener
) -> None:
    session = start_session(greeted.user_id, "Front row", None)
    note_filming(session.pk)
    end_session(session)
    endings.tell_of_sessions()
    run_pending_jobs()
    ((_, body),) = listener.heard
    assert browser.reads(body)["body"] == "A live session: no moment was found."


def test_members_are_told_of_what_they_see_and_nobody_else_is(
    owner: User, listener: Listener, video: Video
) -> None:
    assert video.concert is not None
    people = {name: make_user(name, is_staff=True) for name in ("fan", "former", "stranger")}
    for user in people.values():
        browser = Browser(f"{listener.address}&{user.username}")
        services.turn_on(user, browser.subscription, wishes())
    for name in ("fan", "former"):
        share_with(video.concert, people[name], Role.FAN)
    run_pending_jobs()
    listener.heard.clear()
    tell_of(video)
    waiting = Notice.objects.values_list("device__user__username", flat=True)
    assert set(waiting) == {"fan", "former"}
    Member.objects.filter(user=people["former"]).delete()
    run_pending_jobs()
    assert len(listener.heard) == 1, "who was removed meanwhile hears nothing"
    assert not Notice.objects.exists()


def test_what_is_deleted_before_it_could_be_told_is_not_told(
    greeted: Device, listener: Listener
) -> None:
    services.follow_found(Subject("video", uuid4()), greeted.user_id, None)
    run_pending_jobs()
    assert listener.heard == []
    assert not Notice.objects.exists()


def test_the_same_is_told_once_however_often_it_is_noted(
    greeted: Device, listener: Listener, video: Video
) -> None:
    tell_of(video)
    tell_of(video)
    run_pending_jobs()
    assert len(listener.heard) == 1


def test_without_a_device_nothing_is_queued(owner: User, video: Video) -> None:
    Job.objects.all().delete()
    tell_of(video)
    assert not Job.objects.exists()


def test_everything_goes_with_the_account(owner: User, device: Device) -> None:
    assert Job.objects.filter(stage="tell-device").exists()
    owner.delete()
    assert not Device.objects.exists()
    assert not Notice.objects.exists()
    assert not Job.objects.filter(stage="tell-device").exists()


def test_many_messages_are_told_in_turns(
    greeted: Device, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 2)
    for _ in range(3):
        tell_of(make_video(greeted.user, 0.5))
    Job.objects.exclude(stage="tell-device").delete()
    run_pending_jobs()
    assert len(listener.heard) == 2
    services.queue_due()
    run_pending_jobs()
    assert len(listener.heard) == 3
