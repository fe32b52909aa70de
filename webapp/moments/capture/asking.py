"""A moment while it is being captured: written down, its frames asked for, missed or given up."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from webapp.accounts.queries import has_consent
from webapp.live.keeping import CameraTime, Filming
from webapp.live.messages import MOST_ALTERNATES, AskedFrame, Capture
from webapp.live.models import LiveSession
from webapp.moments.capture.arriving import settle
from webapp.moments.capture.between import times_between
from webapp.moments.keeping import Origin, keep_moment
from webapp.moments.models import Moment
from webapp.moments.queries import taste_of
from webapp.moments.ranking import BY_SCORE
from webapp.people.models import Person
from webapp.vision.chosen import ChosenFrame, ChosenMoment, box_shares

FRESH_SECONDS = 12
"""Longer than any publisher keeps a frame; what is older need not be asked for again."""
BY_HAND = gettext_noop("chosen by hand")


def keep(filming: Filming, chosen: Mapping[str, Any], time: CameraTime) -> Capture | None:
    """Write down a moment that the engine has chosen, once; returns what the camera is asked for.

    Without recognition consent nobody is named, and only who wants moments of anyone gets them.
    """
    session = LiveSession.objects.filter(pk=filming.session_id, owner_id=filming.owner_id).first()
    if session is None or not chosen["frames"]:
        return None
    named = _people(filming.owner_id, chosen["people"])
    if not named and not taste_of(filming.owner_id).anyone:
        return None
    told = chosen["frames"]
    best_at = told[0]["captured_at"]
    near = times_between(best_at, chosen.get("peak_at", best_at), time.sent)
    frames = [_frame(one) for one in told[: 1 + MOST_ALTERNATES - len(near)]]
    frames[0] = replace(
        frames[0],
        emotion=chosen.get("emotion") or "",
        emotions=chosen.get("emotions") or {},
    )
    moment = ChosenMoment(tuple(person.pk for person in named), tuple(frames))
    origin = _origin(session, str(chosen["key"])[:64], moment, time)
    return _ask(keep_moment(moment, origin).moment, near=near)


def press(filming: Filming, frames: Sequence[AskedFrame], time: CameraTime) -> Capture | None:
    """Write down a moment chosen by hand; pressing twice on the same frame is one moment."""
    session = LiveSession.objects.filter(pk=filming.session_id, owner_id=filming.owner_id).first()
    if session is None:
        return None
    first, *others = [ChosenFrame(one["frame"], one["captured_at"]) for one in frames]
    moment = ChosenMoment((), (replace(first, reason=BY_HAND), *others))
    key = uuid5(session.pk, f"{frames[0]['frame']}:{frames[0]['captured_at']}").hex
    origin = replace(_origin(session, key, moment, time), kind=Moment.Kind.MANUAL)
    return _ask(keep_moment(moment, origin).moment)


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


def _origin(session: LiveSession, key: str, chosen: ChosenMoment, time: CameraTime) -> Origin:
    at = datetime.fromtimestamp((chosen.best.captured_at + time.ahead_ms) / 1000, UTC)
    return Origin(
        owner_id=session.owner_id,
        key=key,
        at=at,
        concert_id=session.concert_id,
        session=session,
        at_seconds=max(0.0, (at - session.started_at).total_seconds()),
    )


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


def _frame(told: Mapping[str, Any]) -> ChosenFrame:
    return ChosenFrame(
        number=told["frame"],
        captured_at=told["captured_at"],
        score=told["score"],
        terms=told.get("terms") or {},
        reason=str(told.get("reason", "")),
        box=box_shares(told["box"], told["width"], told["height"]),
    )
