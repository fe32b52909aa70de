"""The one writer of moments: what a camera, a video, a burst or a hand has chosen becomes rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from webapp.core import events
from webapp.live.models import LiveSession
from webapp.moments.instants import joined, same_instant
from webapp.moments.models import Moment, MomentFrame, Video
from webapp.moments.services import name_burst, shelve, stack
from webapp.people.models import Person
from webapp.vision.chosen import ChosenFrame, ChosenMoment


@dataclass(frozen=True, slots=True)
class Origin:
    """What a moment was chosen of.

    Attributes:
        key: Of the moment, made by whoever chose it; the same choice told twice is one moment.
        at: When it was, on the server's clock.
        kind: How it came about; empty for one that captured itself, alone or with others.
        at_seconds: Since its session or video began.
    """

    owner_id: int
    key: str
    at: datetime
    kind: Moment.Kind | None = None
    concert_id: UUID | None = None
    session: LiveSession | None = None
    video: Video | None = None
    at_seconds: float = 0.0


class Kept(NamedTuple):
    """The moment that a choice has become, or has joined; ``is_new`` tells whether it was made."""

    moment: Moment
    is_new: bool


@transaction.atomic
def keep_moment(
    chosen: ChosenMoment,
    origin: Origin,
    *,
    picked: ChosenFrame | None = None,
    before_rows: Callable[[], None] | None = None,
) -> Kept:
    """Store what was chosen with its frames, people, alternates and photo, and tell open pages.

    Where other stars peak at the same instant of the same source, the moment that is there names
    these as well. A choice that is known changes nothing, but a burst's, whose photos may have
    become more: they are told anew, and what the user decided about it stays.

    Args:
        chosen: Its people are taken as told: whoever must not be named has been left out.
        origin: Of what.
        picked: The moment's picture, if it is not the best frame.
        before_rows: Makes the photos of the frames; called only where a moment is made.
    """
    known = Moment.objects.select_for_update().filter(owner_id=origin.owner_id, key=origin.key)
    moment = known.first()
    if moment is not None and origin.kind != Moment.Kind.BURST:
        return Kept(moment, is_new=False)
    is_new = moment is None
    moment = moment or Moment(owner_id=origin.owner_id, key=origin.key)
    people = list(Person.objects.filter(owner_id=origin.owner_id, pk__in=chosen.people))
    picked = picked or chosen.best
    _describe(moment, chosen, origin, picked)
    if is_new and (same := same_instant(moment, people)) is not None:
        return Kept(joined(same, people), is_new=False)
    if is_new and before_rows is not None:
        before_rows()
    moment.kind = origin.kind or (Moment.Kind.GROUP if len(people) > 1 else Moment.Kind.AUTO)
    moment.save()
    _store_frames(moment, chosen, picked)
    if moment.kind == Moment.Kind.BURST:
        name_burst(moment, picked.box or ())
        stack(moment)
    else:
        moment.people.set(people)
    if is_new:
        _tell(moment)
    return Kept(moment, is_new=is_new)


def _describe(moment: Moment, chosen: ChosenMoment, origin: Origin, picked: ChosenFrame) -> None:
    moment.session, moment.video, moment.concert_id = (
        origin.session,
        origin.video,
        origin.concert_id,
    )
    moment.at, moment.at_seconds = origin.at, origin.at_seconds
    moment.photo_id = picked.photo
    moment.state = Moment.State.READY if picked.photo else Moment.State.WANTED
    moment.score, moment.reason = picked.score, picked.reason[:200]
    moment.emotion, moment.emotions = picked.emotion, dict(picked.emotions)
    moment.look = chosen.look


def _store_frames(moment: Moment, chosen: ChosenMoment, picked: ChosenFrame) -> None:
    """Write the frames in the place of those that are there; photos go where they belong now."""
    moment.frames.all().delete()
    MomentFrame.objects.bulk_create(
        MomentFrame(
            moment=moment,
            number=one.number,
            captured_at=one.captured_at,
            score=one.score,
            terms=dict(one.terms),
            reason=one.reason[:200],
            box=list(one.box or ()),
            photo_id=one.photo,
            is_picked=one.photo is not None and one.number == picked.number,
        )
        for one in chosen.frames
    )
    shelve(one.photo for one in chosen.frames if one.photo is not None)


def _tell(moment: Moment) -> None:
    if moment.photo_id is None:
        events.publish(moment.owner_id, "moment_wanted", {}, about=moment.as_subject)
    else:
        told = {"photo": str(moment.photo_id)}
        events.publish(moment.owner_id, "moment_ready", told, about=moment.as_subject)
