"""Switching devices on and off, and telling them what is over."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.events import Subject
from webapp.moments.pages.found import found_in
from webapp.push import sending
from webapp.push.models import Device, Notice
from webapp.push.queries import active_devices, devices_hearing, devices_of, due_notices

logger = logging.getLogger(__name__)

STAGE = "tell-device"
MOST_DEVICES = 10
AT_ONCE = 10
"""Messages of one job, each of which may take ten seconds; the upkeep asks for the rest."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60))
"""After each try that did not work; then it is given up, as it would be no news any more."""


class TooManyDevicesError(Exception):
    """There are as many as may be; the text is for the user."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser gives away so that it can be told something; see :class:`Device`."""

    endpoint: str
    public_key: str
    auth: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a device is called and told; see :class:`Device`."""

    contact: str
    label: str
    language: str
    has_names: bool


@transaction.atomic
def turn_on(user: User, subscription: Subscription, wishes: Wishes) -> Device:
    """Tell a device from now on, and greet it, so that its user sees whether it works.

    A browser belongs to one user: it is told nothing any more of who switched it on before.

    Raises:
        TooManyDevicesError: One must be removed first.
    """
    User.objects.select_for_update().get(pk=user.pk)  # Two at once are counted one by one.
    for before in Device.objects.filter(endpoint=subscription.endpoint):
        turn_off(before)
    if devices_of(user).count() >= MOST_DEVICES:
        raise TooManyDevicesError(
            gettext("There are %(count)s devices. Remove one first.") % {"count": MOST_DEVICES}
        )
    device = Device.objects.create(
        user=user,
        endpoint=subscription.endpoint,
        public_key=subscription.public_key,
        auth=subscription.auth,
        contact=wishes.contact,
        label=wishes.label,
        language=wishes.language,
        has_names=wishes.has_names,
    )
    device.notices.create(kind=Notice.Kind.GREETING, subject_id=device.pk)
    queue(device)
    return device


@transaction.atomic
def turn_off(device: Device) -> None:
    """Tell a device nothing more, and forget it."""
    jobs.cancel(device.pk)
    device.delete()


def follow_found(subject: Subject, owner_id: int, concert_id: UUID | None) -> None:
    """Note for the devices of who may see it that something is over."""
    for device in devices_hearing(owner_id, concert_id):
        notice = Notice(device=device, kind=subject.kind, subject_id=subject.id)
        Notice.objects.bulk_create([notice], ignore_conflicts=True)
        queue(device)


def queue(device: Device) -> None:
    """Have a device told what is due, once the transaction is over."""
    if not jobs.is_open(STAGE, device.pk):
        jobs.enqueue(STAGE, device.pk, device.user_id)


def queue_due() -> None:
    """Have every device told whose next try is due."""
    due = active_devices().filter(notices__due_at__lte=timezone.now()).distinct()
    for device in due:
        with transaction.atomic():
            queue(device)


def tell(claim: jobs.Claim) -> None:
    """Tell one device what is due, until something does not work."""
    device = active_devices().filter(pk=claim.subject_id).first()
    if device is None:  # Switched off, or its user may not sign in.
        return
    for notice in list(due_notices(device, timezone.now())[:AT_ONCE]):
        if not jobs.holds(claim) or not _tell(device, notice):
            break


def _tell(device: Device, notice: Notice) -> bool:
    """Try to tell one thing, and note how it went; returns whether the next may follow."""
    message = _message(device, notice)
    if message is None:  # Deleted since, or not the user's to see any more.
        notice.delete()
        return True
    answer = sending.send(device, message)
    if answer.status in sending.GONE:
        logger.info("device %s wants no more messages", device.pk)
        turn_off(device)
        return False
    told = {"trouble": answer.trouble} if answer.trouble else {"told_at": timezone.now()}
    Device.objects.filter(pk=device.pk).update(**{"trouble": "", **told})
    if not answer.trouble:
        notice.delete()
        return True
    _try_later(notice)
    return False


def _try_later(notice: Notice) -> None:
    """Try again after a pause, or give up; what else the device is to be told waits as long."""
    logger.info("device %s: try %d did not work", notice.device_id, notice.attempts + 1)
    if notice.attempts >= len(PAUSES):
        notice.delete()
        return
    at = timezone.now() + PAUSES[notice.attempts]
    Notice.objects.filter(pk=notice.pk).update(attempts=notice.attempts + 1)
    Notice.objects.filter(device_id=notice.device_id, due_at__lt=at).update(due_at=at)


def _message(device: Device, notice: Notice) -> sending.Message | None:
    """Return what a device is told, in its language; nothing where there is nothing to tell."""
    with translation.override(device.language):
        if notice.kind == Notice.Kind.GREETING:
            words = gettext("This device is told from now on what was found.")
            return _said(words, reverse("push:devices"), notice)
        found = found_in(device.user, notice.kind, notice.subject_id)
        if found is None:
            return None
        words = found.sentence_with_names() if device.has_names else found.sentence_without_names()
        return _said(words, found.page, notice)


def _said(words: str, page: str, notice: Notice) -> sending.Message:
    return {"title": "Encore", "body": words, "page": page, "tag": str(notice.subject_id)}
