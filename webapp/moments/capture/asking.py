"""A moment while it is being captured: written down, its frames asked for, missed or given up."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from webapp.accounts.queries import has_consent
from webapp.core import events
from webapp.live.keeping import CameraTime, Filming
from webapp.live.messages import MOST_ALTERNATES, AskedFrame, Capture
from webapp.live.models import LiveSession
from webapp.moments.capture.arriving import settle
from webapp.moments.capture.between import times_between
from webapp.moments.capture.instants import joined, same_instant
from webapp.moments.models import Moment, MomentFrame
from webapp.moments.queries import taste_of
from webapp.moments.ranking import BY_SCORE
from webapp.people.models import Person

FRESH_SECONDS = 12
"""Longer than any publisher keeps a frame; what is older need not be asked for again."""
BY_HAND = "chosen by hand"


def keep(filming: Filming, chosen: Mapping[str, Any], time: CameraTime) -> Capture | None:
    """Write down a moment that the engine has chosen, once; returns what the camera is asked for.

    Without recognition consent nobody is named, and only who wants moments of anyone gets them.
    """
    session = LiveSession.objects.filter(pk=filming.session_id).first()
    if session is None or not chosen["frames"]:
        return None
    named = _people(filming.owner_id, chosen["people"])
    if not named and not taste_of(filming.owner_id).anyone:
        return None
    best_at = chosen["frames"][0]["captured_at"]
    near = times_between(best_at, chosen.get("peak_at", best_at), time.sent)
    frames = chosen["frames"][: 1 + MOST_ALTERNATES - len(near)]
    moment = Moment(
        owner_id=filming.owner_id,
        key=str(chosen["key"])[:64],
        kind=Moment.Kind.GROUP if len(named) > 1 else Moment.Kind.AUTO,
        score=frames[0]["score"],
        emotion=chosen.get("emotion") or "",
        emotions=chosen.get("emotions") or {},
        reason=str(frames[0].get("reason", ""))[:200],
    )
    rows = [_frame(one) for one in frames]
    return _ask(_write(moment, session, rows, named, time), near=near)


def press(filming: Filming, frames: Sequence[AskedFrame], time: CameraTime) -> Capture | None:
    """Write down a moment chosen by hand; pressing twice on the same frame is one moment."""
    session = LiveSession.objects.filter(pk=filming.session_id).first()
    if session is None:
        return None
    first = frames[0]
    moment = Moment(
        owner_id=filming.owner_id,
        key=uuid5(session.pk, f"{first['frame']}:{first['captured_at']}").hex,
        kind=Moment.Kind.MANUAL,
        reason=BY_HAND,
    )
    rows = [MomentFrame(number=one["frame"], captured_at=one["captured_at"]) for one in frames]
    return _ask(_write(moment, session, rows, [], time))


def miss(filming: Filming, moment_id: UUID, frames: Sequence[int]) -> None:
    """Forget frames that the camera no longer has; the moment goes on with the others."""
    with transaction.atomic():
        moments = Moment.objects.select_for_update().filter(owner_id=filming.owner_id)
        moment = moments.filter(pk=moment_id, session_id=filming.session_id).first()
        if moment is not None:
            moment.frames.filter(number__in=list(frames), photo=None).delete()
            settle(moment)


def outstanding(filming: Filming) -> list[Capture]:
    """Return what was asked of this session's camera in the last seconds and has not come."""
    since = timezone.now() - timedelta(seconds=FRESH_SECONDS)
    moments = Moment.objects.filter(
        owner_id=filming.owner_id, session_id=filming.session_id, created_at__gte=since
    )
    fresh = moments.exclude(state=Moment.State.LOST).order_by("created_at")
    asked = (_ask(moment, is_repeated=True) for moment in fresh)
    return [capture for capture in asked if capture is not None]


def _write(
    moment: Moment,
    session: LiveSession,
    frames: Sequence[MomentFrame],
    people: Sequence[Person],
    time: CameraTime,
) -> Moment:
    """Store a moment with its frames, the best first, unless it is stored already."""
    at_ms = frames[0].captured_at + time.ahead_ms
    moment.at = datetime.fromtimestamp(at_ms / 1000, UTC)
    moment.at_seconds = max(0.0, (moment.at - session.started_at).total_seconds())
    moment.session, moment.concert_id = session, session.concert_id
    with transaction.atomic():
        known = Moment.objects.filter(owner_id=moment.owner_id, key=moment.key)
        if (there := known.select_for_update().first()) is not None:
            return there
        if (same := same_instant(moment, people)) is not None:
            return joined(same, people)
        moment.save(force_insert=True)
        for frame in frames:
            frame.moment = moment
        MomentFrame.objects.bulk_create(frames)
        moment.people.set(people)
        events.publish(moment.owner_id, "moment_wanted", {"moment": str(moment.pk)})
    return moment


def _ask(
    moment: Moment, *, near: Sequence[float] = (), is_repeated: bool = False
) -> Capture | None:
    """Return the message that asks for the frames that have not come; ``None`` if all have."""
    missing = moment.frames.filter(photo=None).order_by(BY_SCORE, "pk")
    if not missing:
        return None
    return {
        "type": "capture",
        "moment": str(moment.pk),
        "frames": [{"frame": one.number, "captured_at": one.captured_at} for one in missing],
        "near": list(near),
        "kind": moment.kind,
        "people": [person.name for person in moment.people.all()],
        "reason": moment.reason,
        "is_repeated": is_repeated,
    }


def _people(owner_id: int, told: Sequence[Mapping[str, Any]]) -> list[Person]:
    """Return who is meant, of those the owner still has and agreed to recognise."""
    if not told or not has_consent(owner_id):
        return []
    return list(Person.objects.filter(owner_id=owner_id, pk__in=[one["person"] for one in told]))


def _frame(told: Mapping[str, Any]) -> MomentFrame:
    width, height = max(1, told["width"]), max(1, told["height"])
    shares = zip(told["box"], (width, height, width, height), strict=True)
    return MomentFrame(
        number=told["frame"],
        captured_at=told["captured_at"],
        score=told["score"],
        terms=told.get("terms") or {},
        reason=str(told.get("reason", ""))[:200],
        box=[round(min(max(side / length, 0.0), 1.0), 4) for side, length in shares],
    )
