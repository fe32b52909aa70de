"""What webhooks are told, and when a concert is done."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from tests.factories import make_job, make_user
from tests.webapp.analysis.cast import make_person, make_photo
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.video_cast import make_video
from webapp.accounts.models import User
from webapp.core import events
from webapp.core.models import Job
from webapp.live.services import end_session, start_session
from webapp.photos.models import Concert
from webapp.webhooks import noticing
from webapp.webhooks.models import BusyConcert, Delivery, Webhook
from webapp.webhooks.services import make_webhook


@pytest.fixture
def hook(owner: User) -> Webhook:
    kinds = ["moment_ready", "video_ready", "concert_done"]
    return make_webhook(owner, "https://example.org/", kinds)


def happen(user: User, kind: str, about: str, subject: UUID) -> None:
    with transaction.atomic():
        events.publish(user.pk, kind, {"names": ["Lisa"]}, about=events.Subject(about, subject))


def contents() -> list[dict[str, object]]:
    return list(Delivery.objects.order_by("created_at").values_list("content", flat=True))


def test_a_moment_is_told_by_ids_and_without_names(owner: User, hook: Webhook) -> None:
    moment = make_moment(owner)
    moment.people.add(make_person(owner, "Lisa"))
    happen(owner, "moment_ready", "moment", moment.pk)
    noticing.look_around()
    (content,) = contents()
    fields = ["id", "kind", "created_at", "moment", "photo", "video", "session", "concert", "page"]
    assert list(content) == fields
    assert content["page"] == f"/moments/{moment.pk}/"
    assert "Lisa" not in json.dumps(content)
    assert Job.objects.filter(stage="tell-webhook", subject_id=hook.pk).exists()
    noticing.look_around()
    assert len(contents()) == 1


def test_a_video_is_told(owner: User, hook: Webhook) -> None:
    video = make_video(owner)
    happen(owner, "video_ready", "video", video.pk)
    noticing.look_around()
    assert [one["video"] for one in contents()] == [str(video.pk)]


def test_nothing_is_told_that_is_not_wanted_of_others_from_before_or_gone(
    owner: User, hook: Webhook
) -> None:
    Webhook.objects.update(kinds=["moment_ready"])
    other = make_user("other")
    happen(owner, "video_ready", "video", make_video(owner).pk)
    happen(owner, "photo_ready", "photo", make_photo(owner).pk)
    happen(other, "moment_ready", "moment", make_moment(other).pk)
    happen(owner, "moment_ready", "moment", make_moment(other).pk)
    happen(owner, "moment_ready", "moment", make_moment(owner, binned_at=timezone.now()).pk)
    noticing.look_around()
    assert contents() == []
    happen(owner, "moment_ready", "moment", make_moment(owner).pk)
    late = make_webhook(owner, "https://example.net/", ["moment_ready"])
    noticing.look_around()
    assert late.deliveries.count() == 0
    assert hook.deliveries.count() == 1


def test_whoever_listens_to_nothing_is_not_told_without_end(
    owner: User, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noticing, "MOST_WAITING", 2)
    for _ in range(4):
        happen(owner, "moment_ready", "moment", make_moment(owner).pk)
    noticing.look_around()
    assert len(contents()) == 2


@pytest.fixture
def seoul(owner: User, hook: Webhook) -> Concert:
    """A concert of which a photo was just read."""
    concert = Concert.objects.create(owner=owner, name="Seoul")
    photo = make_photo(owner, concert=concert)
    happen(owner, "photo_ready", "photo", photo.pk)
    noticing.look_around()
    return concert


def quiet() -> None:
    BusyConcert.objects.update(last_at=timezone.now() - noticing.QUIET - timedelta(seconds=1))
    noticing.look_around()


def test_a_concert_is_done_once_nothing_came_for_a_while(seoul: Concert) -> None:
    noticing.look_around()
    assert contents() == []
    quiet()
    (content,) = contents()
    assert (content["kind"], content["concert"]) == ("concert_done", str(seoul.pk))
    assert content["photo_count"] == 1
    quiet()
    assert len(contents()) == 1


def test_a_concert_is_not_done_while_a_photo_waits_for_a_worker(
    owner: User, seoul: Concert
) -> None:
    job = make_job(owner, "portrait", seoul.photos.get().pk)
    quiet()
    assert contents() == []
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    quiet()
    assert len(contents()) == 1


def test_a_concert_is_not_done_while_somebody_films_there(owner: User, seoul: Concert) -> None:
    session = start_session(owner.pk, "Live", seoul)
    quiet()
    assert contents() == []
    end_session(session)
    quiet()
    assert len(contents()) == 1
