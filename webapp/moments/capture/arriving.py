"""The pictures of a moment as they arrive: which may come, and when the moment is ready or lost.

The best frame, or where few were seen the one at the peak between them, becomes the moment's
picture as soon as it can be shown. If it does not come within a minute the best of the others does;
a moment of which nothing came for a quarter of an hour is lost. A picture that has arrived waits
for its ingest as long as that takes, over a restart too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from webapp.accounts.models import User
from webapp.core import events
from webapp.live.messages import MOST_ALTERNATES
from webapp.moments.capture.scoring import queue_scoring
from webapp.moments.models import Moment, MomentFrame
from webapp.moments.ranking import best_first, chosen_frame, score_with
from webapp.moments.services import shelve
from webapp.photos.models import Concert, Photo
from webapp.uploads.tus import UploadRefusedError

BEST_WAIT = timedelta(seconds=60)
LOST_AFTER = timedelta(minutes=15)
"""A phone may be without a connection for some minutes and still bring its frames."""
BETWEEN = gettext_noop("between two frames that were seen")
NEAR_MS = 1500.0
"""How far from the chosen frame another one may lie."""
SETTLED_AT_ONCE = 200


@dataclass
class FrameDestination:
    """The place of one frame of a moment; ``webapp.photos.arrival.destinations.Destination``."""

    moment: Moment
    number: int
    captured_at: float
    shelf: str = Photo.Shelf.ALTERNATE
    concert: Concert | None = None
    photo_id: UUID | None = None
    is_peak: bool = False

    def receive(self, photo_id: UUID) -> None:
        """Link the photo to its frame; the first photo of a frame stays."""
        between = {
            "captured_at": self.captured_at,
            "reason": BETWEEN,
            "is_peak": self.is_peak,
        }
        frame, _ = self.moment.frames.select_for_update().get_or_create(
            moment=self.moment, number=self.number, defaults=between
        )
        if frame.photo_id is None:
            frame.photo_id = photo_id
            frame.save(update_fields=["photo"])
        if Photo.objects.filter(pk=photo_id, state=Photo.State.READY).exists():
            settle_by_photo(photo_id)


def destination(owner: User, about: Mapping[str, str]) -> FrameDestination | None:
    """Return the frame that an upload names by ``moment``, ``frame`` and ``captured_at``.

    Raises:
        UploadRefusedError: 404 if the user has no such moment or frame, 403 if it takes none.
    """
    if "moment" not in about:
        return None
    moment = _moment(owner, about["moment"])
    number = _number(about.get("frame", ""))
    frame = moment.frames.filter(number=number).first()
    captured_at = frame.captured_at if frame else _near(moment, about.get("captured_at", ""))
    photo_id = frame.photo_id if frame else None
    return FrameDestination(
        moment,
        number,
        captured_at,
        concert=moment.concert,
        photo_id=photo_id,
        is_peak=about.get("is_peak") == "true",
    )


def _moment(owner: User, raw: str) -> Moment:
    try:
        found = Moment.objects.filter(owner=owner, pk=UUID(raw)).select_related("concert").first()
    except ValueError:
        found = None
    if found is None:
        raise UploadRefusedError(HTTPStatus.NOT_FOUND, gettext("There is no such moment."))
    if found.state == Moment.State.LOST or found.is_discarded:
        raise UploadRefusedError(
            HTTPStatus.FORBIDDEN, gettext("This moment takes no pictures any more.")
        )
    return found


def _number(raw: str) -> int:
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 16):
        raise UploadRefusedError(HTTPStatus.NOT_FOUND, gettext("There is no such frame."))
    return int(raw)


def _near(moment: Moment, raw: str) -> float:
    """Return the time of a frame that was not seen but lies beside the chosen one."""
    try:
        captured_at = float(raw)
    except ValueError:
        captured_at = float("nan")
    chosen = chosen_frame(moment)
    is_near = chosen is not None and abs(captured_at - chosen.captured_at) <= NEAR_MS
    is_full = moment.frames.count() > MOST_ALTERNATES
    if not is_near or is_full or moment.session_id is None:
        raise UploadRefusedError(HTTPStatus.NOT_FOUND, gettext("There is no such frame."))
    return captured_at


def settle_by_photo(photo_id: UUID) -> None:
    """Settle the moments of a photo, inside the transaction that made it readable.

    One that was given up is ready after all.
    """
    waiting = Moment.objects.filter(frames__photo=photo_id).order_by("pk")
    for moment_id in waiting.values_list("pk", flat=True).distinct():
        moment = Moment.objects.select_for_update().filter(pk=moment_id).first()
        if moment is not None:
            _date(moment, photo_id)
            settle(moment)
            queue_scoring(moment)


def settle_overdue() -> int:
    """Settle moments whose best frame is late; returns how many were looked at.

    Of which only the ingest is late, those are left alone, so that they keep no others waiting.
    """
    arrived = MomentFrame.objects.filter(moment=OuterRef("pk"), photo__state=Photo.State.UPLOADED)
    late = Moment.objects.filter(
        state=Moment.State.WANTED, created_at__lt=timezone.now() - BEST_WAIT
    )
    due = late.filter(
        Q(frames__photo__state=Photo.State.READY)
        | Q(frames=None)
        | (Q(created_at__lt=timezone.now() - LOST_AFTER) & ~Exists(arrived))
    )
    ids = list(due.order_by("created_at").values_list("pk", flat=True).distinct()[:SETTLED_AT_ONCE])
    for moment_id in ids:
        with transaction.atomic():
            moment = Moment.objects.select_for_update().filter(pk=moment_id).first()
            if moment is not None:
                settle(moment)
    return len(ids)


def settle(moment: Moment) -> None:
    """Make a moment ready or lost if that can be said now; call it inside a transaction.

    The moment's row must be locked. A moment that is ready keeps its picture, one that is lost
    takes the first that can be shown.
    """
    if moment.state == Moment.State.READY:
        return
    age = timezone.now() - moment.created_at
    is_wanted = moment.state == Moment.State.WANTED
    is_coming = has_arrived = False
    for frame in best_first(moment).select_related("photo"):
        state = frame.photo.state if frame.photo is not None else None
        if state == Photo.State.READY:
            _pick(moment, frame)
            return
        is_coming = is_coming or state in (None, Photo.State.UPLOADED)
        has_arrived = has_arrived or state == Photo.State.UPLOADED
        if is_coming and is_wanted and age < BEST_WAIT:
            return
    if is_wanted and not has_arrived and (age > LOST_AFTER or not is_coming):
        moment.state = Moment.State.LOST
        moment.save(update_fields=["state"])
        events.publish(moment.owner_id, "moment_lost", {}, about=moment.as_subject)


def _pick(moment: Moment, frame: MomentFrame) -> None:
    MomentFrame.objects.filter(pk=frame.pk).update(is_picked=True)
    moment.photo, moment.state = frame.photo, Moment.State.READY
    moment.score = score_with(moment, frame)
    moment.save(update_fields=["photo", "score", "state"])
    shelve([moment.photo_id] if moment.photo_id else [])
    told = {"photo": str(frame.photo_id)}
    events.publish(moment.owner_id, "moment_ready", told, about=moment.as_subject)


def _date(moment: Moment, photo_id: UUID) -> None:
    """Give a frame the time at which it was taken; its file does not know it."""
    frame, chosen = moment.frames.filter(photo=photo_id).first(), chosen_frame(moment)
    if frame is not None and chosen is not None and moment.session_id is not None:
        taken_at = moment.at + timedelta(milliseconds=frame.captured_at - chosen.captured_at)
        Photo.objects.filter(pk=photo_id, taken_at=None).update(taken_at=taken_at)
