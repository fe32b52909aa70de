"""What webhooks are told: read from the events that pages hear of, and of concerts from jobs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from webapp.core.models import Event, Job
from webapp.live.models import LiveSession
from webapp.moments.models import Moment, Video
from webapp.photos import counts
from webapp.photos.models import Concert, Photo, PhotoCount
from webapp.webhooks.models import BusyConcert, Delivery, Webhook
from webapp.webhooks.queries import active_webhooks
from webapp.webhooks.services import queue

EVENTS_AT_ONCE = 1_000
MOST_WAITING = 1_000
"""For one webhook; what happens beyond is not told, as nobody has listened for long."""
QUIET = timedelta(seconds=60)
"""So long nothing must have come to a concert before it counts as done."""


def look_around() -> None:
    """Note for each webhook what it is to be told, and have it sent."""
    for webhook in active_webhooks():
        with transaction.atomic():
            locked = Webhook.objects.select_for_update().filter(pk=webhook.pk).first()
            if locked is not None and (_read_events(locked) + _end_concerts(locked)):
                queue(locked)


def _read_events(webhook: Webhook) -> int:
    """Note what the newest events tell; returns how much is to be told."""
    rows = Event.objects.filter(user_id=webhook.owner_id, pk__gt=webhook.event_id).order_by("pk")
    read = list(rows[:EVENTS_AT_ONCE])
    if not read:
        return 0
    Webhook.objects.filter(pk=webhook.pk).update(event_id=read[-1].pk)
    if Delivery.Kind.CONCERT_DONE in webhook.kinds:
        _note_busy(webhook, read)
    wanted = [event for event in read if event.kind in webhook.kinds and event.subject_id]
    return sum(_note_event(webhook, event) for event in wanted)


def _note_event(webhook: Webhook, event: Event) -> bool:
    make = _CONTENTS.get(event.kind)
    content = make(webhook.owner_id, event.subject_id) if make and event.subject_id else None
    return content is not None and _note(webhook, event.kind, content)


def _note(webhook: Webhook, kind: str, content: dict[str, Any]) -> bool:
    if webhook.deliveries.filter(state=Delivery.State.WAITING).count() >= MOST_WAITING:
        return False
    delivery = Delivery(pk=uuid4(), webhook=webhook, kind=kind)
    delivery.content = {
        "id": str(delivery.pk),
        "kind": kind,
        "created_at": timezone.now().isoformat(timespec="seconds"),
        **content,
    }
    delivery.save(force_insert=True)
    return True


def _moment(owner_id: int, moment_id: UUID) -> dict[str, Any] | None:
    found = Moment.objects.filter(pk=moment_id, owner_id=owner_id, binned_at=None).first()
    if found is None:
        return None
    return {
        "moment": str(found.pk),
        "photo": _id(found.photo_id),
        "video": _id(found.video_id),
        "session": _id(found.session_id),
        "concert": _id(found.concert_id),
        "page": reverse("moments:moment", args=[found.pk]),
    }


def _video(owner_id: int, video_id: UUID) -> dict[str, Any] | None:
    found = Video.objects.filter(pk=video_id, owner_id=owner_id, binned_at=None).first()
    if found is None:
        return None
    return {
        "video": str(found.pk),
        "concert": _id(found.concert_id),
        "page": reverse("moments:video", args=[found.pk]),
    }


_CONTENTS: dict[str, Callable[[int, UUID], dict[str, Any] | None]] = {
    Delivery.Kind.MOMENT_READY: _moment,
    Delivery.Kind.VIDEO_READY: _video,
}


def _id(value: UUID | None) -> str | None:
    return str(value) if value is not None else None


def _note_busy(webhook: Webhook, read: list[Event]) -> None:
    """Note to which concerts something has come that a worker has read."""
    photos, videos = _subjects(read, "photo_ready"), _subjects(read, "video_ready")
    found = {
        *Photo.objects.filter(pk__in=photos).values_list("concert_id", flat=True),
        *Video.objects.filter(pk__in=videos).values_list("concert_id", flat=True),
    }
    now = timezone.now()
    BusyConcert.objects.bulk_create(
        [BusyConcert(webhook=webhook, concert_id=pk, last_at=now) for pk in found - {None}],
        update_conflicts=True,
        unique_fields=["webhook", "concert"],
        update_fields=["last_at"],
    )


def _subjects(read: list[Event], kind: str) -> set[UUID]:
    return {event.subject_id for event in read if event.kind == kind and event.subject_id}


def _end_concerts(webhook: Webhook) -> int:
    """Note the concerts of which nothing is to be done any more; returns how many."""
    quiet = webhook.busy_concerts.filter(last_at__lt=timezone.now() - QUIET)
    ended = 0
    for busy in quiet.select_related("concert"):
        if not is_being_worked_on(busy.concert):
            busy.delete()
            ended += _note(webhook, Delivery.Kind.CONCERT_DONE, _concert(busy.concert))
    return ended


def is_being_worked_on(concert: Concert) -> bool:
    """Whether anything of a concert waits for a worker, or somebody films there."""
    open_jobs = Job.objects.filter(
        owner_id=concert.owner_id, state__in=(Job.State.PENDING, Job.State.RUNNING)
    ).values("subject_id")
    of_concert: tuple[QuerySet[Any], ...] = (
        Photo.objects.filter(concert=concert, pk__in=open_jobs),
        Video.objects.filter(concert=concert, pk__in=open_jobs),
        Moment.objects.filter(concert=concert, pk__in=open_jobs),
        LiveSession.objects.filter(concert=concert, ended_at=None),
    )
    return any(rows.exists() for rows in of_concert)


def _concert(concert: Concert) -> dict[str, Any]:
    photos = counts.of(PhotoCount.Kind.CONCERT, [concert.pk]).get(concert.pk, 0)
    return {
        "concert": str(concert.pk),
        "photo_count": photos,
        "page": reverse("analysis:concert", args=[concert.pk]),
    }
