"""What arrives at a push service, who can read it, and what becomes of what does not arrive."""

import logging
import time
from datetime import timedelta
from typing import Any

import http_ece
import pytest
from django.utils import timezone

from tests.factories import make_user, run_pending_jobs
from tests.webapp.moments.video_cast import make_video
from tests.webapp.push.conftest import CONTACT, Browser, signed_by, wishes
from tests.webapp.webhooks.conftest import Listener, answer_with
from webapp.accounts.models import User
from webapp.core.events import Subject
from webapp.core.models import Job
from webapp.push import sending, services
from webapp.push.encryption import BLOCK
from webapp.push.models import Device, Notice
from webapp.webhooks import sending as transport
from webapp.webhooks.addresses import HTTPS_ONLY, PRIVATE

pytestmark = pytest.mark.django_db


def told(device: Device) -> Device:
    """The device after one turn of the upkeep and its jobs."""
    services.queue_due()
    run_pending_jobs()
    device.refresh_from_db()
    return device


def wake() -> None:
    """Let the time of the next try come."""
    Notice.objects.update(due_at=timezone.now())


def test_a_device_is_greeted_once_and_only_it_can_read_that(
    device: Device, browser: Browser, listener: Listener
) -> None:
    told(device)
    assert (device.trouble, Notice.objects.count()) == ("", 0)
    assert device.told_at is not None
    told(device)
    ((_, body),) = listener.heard
    assert browser.reads(body) == {
        "title": "Encore",
        "body": "This device is told from now on what was found.",
        "page": "/devices/",
        "tag": str(device.pk),
    }
    assert b"Encore" not in body
    with pytest.raises(http_ece.ECEException):
        Browser(browser.endpoint).reads(body)


def test_a_message_is_signed_for_its_push_service_alone(device: Device, listener: Listener) -> None:
    told(device)
    ((headers, _),) = listener.heard
    claims = signed_by(headers["Authorization"])
    service = listener.address.partition("/encore")[0]
    assert (claims["aud"], claims["sub"]) == (service, CONTACT)
    assert 0 < claims["exp"] - time.time() <= 24 * 3600, "RFC 8292: at most a day"
    assert headers["Content-Encoding"] == "aes128gcm"
    assert int(headers["TTL"]) == sending.KEPT_SECONDS
    assert "Cookie" not in headers


def test_the_length_of_a_message_tells_nothing(
    greeted: Device, browser: Browser, listener: Listener
) -> None:
    for name in ("a", "a much longer name of a film " * 6):
        video = make_video(greeted.user, 0.5, display_name=name)
        services.follow_found(Subject("video", video.pk), greeted.user_id, None)
    Device.objects.update(has_names=True)
    told(greeted)
    short, long = (body for _, body in listener.heard)
    assert len(short) == len(long) > BLOCK
    assert len(browser.reads(long)["body"]) > len(browser.reads(short)["body"]) + 100


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_wants_no_more_is_forgotten(
    device: Device, listener: Listener, status: int
) -> None:
    listener.answer = lambda request: answer_with(request, status)
    services.queue_due()
    run_pending_jobs()
    assert not Device.objects.exists()
    assert not Notice.objects.exists()
    assert not Job.objects.exists()


def test_what_is_not_taken_is_tried_later_and_given_up_in_the_end(
    device: Device, listener: Listener
) -> None:
    listener.answer = lambda request: answer_with(request, 503)
    for number, pause in enumerate(services.PAUSES, start=1):
        before = timezone.now()
        assert told(device).trouble == sending.NOT_TAKEN
        notice = Notice.objects.get()
        assert notice.attempts == number
        assert abs(notice.due_at - before - pause) < timedelta(seconds=20)
        told(device)
        assert len(listener.heard) == number, "not before it is due"
        wake()
    told(device)
    assert not Notice.objects.exists()
    assert (device.trouble, device.told_at) == (sending.NOT_TAKEN, None)
    told(device)
    assert len(listener.heard) == len(services.PAUSES) + 1

    listener.answer = lambda request: answer_with(request, 201)
    video = make_video(device.user, 0.5)
    services.follow_found(Subject("video", video.pk), device.user_id, None)
    assert told(device).trouble == ""
    assert device.told_at is not None


def test_after_one_failure_everything_for_the_device_waits(
    device: Device, listener: Listener
) -> None:
    listener.answer = lambda request: answer_with(request, 429)
    video = make_video(device.user, 0.5)
    services.follow_found(Subject("video", video.pk), device.user_id, None)
    for _ in range(3):
        told(device)
    assert len(listener.heard) == 1
    assert Notice.objects.filter(due_at__gt=timezone.now()).count() == 2


def test_a_machine_without_internet_says_so_and_loses_nothing_else(
    device: Device, listener: Listener
) -> None:
    Device.objects.update(endpoint="http://127.0.0.1:9/push")
    assert told(device).trouble == transport.NO_ANSWER
    assert Notice.objects.get().attempts == 1
    assert Job.objects.get(stage="tell-device").state == Job.State.DONE


def test_a_redirect_is_not_followed(device: Device, listener: Listener) -> None:
    listener.answer = lambda request: answer_with(request, 307, Location=listener.address)
    assert told(device).trouble == sending.NOT_TAKEN
    assert len(listener.heard) == 1


def test_private_addresses_are_looked_at_again_at_each_sending(
    device: Device, listener: Listener, settings: Any
) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = False
    assert told(device).trouble == HTTPS_ONLY
    Device.objects.update(endpoint=listener.address.replace("http:", "https:"))
    wake()
    assert told(device).trouble == PRIVATE
    assert listener.heard == []


def test_the_private_network_of_the_owner_is_not_for_members(listener: Listener) -> None:
    member = make_user("member")
    device = services.turn_on(member, Browser(listener.address).subscription, wishes())
    assert told(device).trouble == HTTPS_ONLY
    Device.objects.update(endpoint=listener.address.replace("http:", "https:"))
    wake()
    assert told(device).trouble == PRIVATE
    assert listener.heard == []


def test_nothing_is_sent_to_who_may_not_sign_in(
    owner: User, device: Device, listener: Listener
) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    told(device)
    assert listener.heard == []


def test_neither_endpoint_nor_words_stand_in_a_log(
    device: Device, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    listener.answer = lambda request: answer_with(request, 500)
    with caplog.at_level(logging.DEBUG):
        told(device)
    assert "did not work" in caplog.text
    assert "from=test" not in caplog.text
    assert "told from now on" not in caplog.text
    assert device.auth not in caplog.text
