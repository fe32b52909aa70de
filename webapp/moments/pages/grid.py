"""The grid of moments: its filters and pages, and what a card shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext, gettext_lazy

from webapp.access.rights import Asker
from webapp.core.web.paging import BadQueryError, NewestFirst
from webapp.moments.angles import count_under, tops
from webapp.moments.models import Moment
from webapp.moments.pages.showing import CARD_FIELDS, add_focus, for_cards
from webapp.moments.queries import all_moments_of, moments_visible_to
from webapp.photos.models import shown_zone
from webapp.photos.queries import concerts_visible_to
from webapp.vision import emotion_labels

PAGE_SIZE = 60
FEW_MOMENTS = 1000
"""Of a star with no more it is quicker to look at all of them than to read along the grid."""
ORDER = NewestFirst("at")
SHOW_CHOICES = (
    ("", gettext_lazy("All")),
    ("liked", gettext_lazy("Liked")),
    ("discarded", gettext_lazy("Discarded")),
)
_PLACES = ("concert", "person", "session", "video")


@dataclass(frozen=True, slots=True)
class MomentFilter:
    """Which moments are wanted; empty fields want all.

    Attributes:
        day: Of the capture, where the concert was, else where the user lives.
        show: ``liked``, ``discarded``, or empty for everything that was not discarded.
    """

    concert: UUID | None = None
    person: UUID | None = None
    session: UUID | None = None
    video: UUID | None = None
    emotion: str = ""
    day: date | None = None
    show: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "MomentFilter":
        """Read the filter of an address.

        Raises:
            BadQueryError: A value is not one of those the page offers.
        """
        try:
            places = {name: UUID(query.get(name)) for name in _PLACES if query.get(name)}
            raw_day = query.get("day", "")
            day = parse_date(raw_day) if raw_day else None
        except ValueError as error:
            raise BadQueryError(
                gettext("There is no such star, concert, session, video or day.")
            ) from error
        if raw_day and day is None:
            raise BadQueryError(gettext("There is no such day."))
        emotion, show = query.get("emotion", ""), query.get("show", "")
        if emotion and emotion not in emotion_labels():
            raise BadQueryError(gettext("There is no such emotion."))
        if show not in dict(SHOW_CHOICES):
            raise BadQueryError(gettext("There is no such choice of moments."))
        return cls(**places, emotion=emotion, day=day, show=show)

    def __bool__(self) -> bool:
        """Whether anything is left out."""
        return self != MomentFilter()

    def moments_for(self, user: Asker) -> QuerySet[Moment]:
        """Return those of the user's moments that fit, newest first.

        Of several angles of one instant the best one, unless one source is looked at, or what the
        user has decided: then nothing lies under anything.
        """
        # Not EXISTS, which SQLite asks of one moment after the other until the page is full.
        links = Moment.people.through.objects
        of_person = links.filter(person_id=self.person).values("moment") if self.person else None
        are_few = of_person is not None and not of_person[FEW_MOMENTS:].exists()
        if self.show == "discarded":
            found = all_moments_of(user, are_few=are_few).filter(
                state=Moment.State.READY, is_discarded=True
            )
            found = found.exclude(photo=None)
        else:
            found = moments_visible_to(user, are_few=are_few)
        if self.show == "liked":
            found = found.filter(liked_at__isnull=False)
        for name in ("concert", "session", "video"):
            if getattr(self, name):
                found = found.filter(**{f"{name}_id": getattr(self, name)})
        if self.emotion:
            found = found.filter(emotion=self.emotion)
        if self.day:
            found = found.filter(_on_day(self.day, self._zone(user)))
        if of_person is not None:
            found = found.filter(pk__in=of_person)
        if self.show or self.session or self.video:
            return found
        return tops(found, emotion=self.emotion)

    def _zone(self, user: Asker) -> tzinfo:
        concert = None
        if self.concert:
            concert = concerts_visible_to(user).filter(pk=self.concert).first()
        return shown_zone(concert)

    def query(self, **more: str) -> str:
        """Return the filter as the query of an address, without the question mark."""
        own = {name: str(getattr(self, name) or "") for name in (*_PLACES, "emotion", "day")}
        own["show"] = self.show
        return urlencode({key: value for key, value in {**own, **more}.items() if value})


def _on_day(day: date, zone: tzinfo) -> Q:
    """Return the condition for a day, which is not always 24 hours long."""
    try:
        start, end = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
        return Q(at__gte=start.astimezone(UTC), at__lt=end.astimezone(UTC))
    except OverflowError as error:
        raise BadQueryError(gettext("This day is beyond all calendars.")) from error


@dataclass(frozen=True, slots=True)
class MomentPage:
    """One page of moments, newest first, and the cursor of the next; empty on the last."""

    moments: list[Moment]
    next_cursor: str


def read_page(moments: QuerySet[Moment], cursor: str = "", size: int = PAGE_SIZE) -> MomentPage:
    """Return the moments after a cursor, ready for their cards.

    Raises:
        BadQueryError: The cursor is not one of ours.
    """
    page, next_cursor = ORDER.page(for_cards(moments).only(*CARD_FIELDS), cursor, size)
    for moment in page:
        moment.names = names_of(moment)  # type: ignore[attr-defined]
    add_focus(page)
    add_angles(page)
    return MomentPage(page, next_cursor)


def add_angles(moments: Sequence[Any]) -> None:
    """Give each moment the number of ``angles`` that lie under it, for its card."""
    counts = count_under(one.pk for one in moments if one.concert_id is not None)
    for moment in moments:
        moment.angles = counts.get(moment.pk, 0)


def names_of(moment: Moment) -> str:
    """Return whom a moment shows, as its title."""
    return " & ".join(person.name for person in moment.people.all()) or gettext("Somebody")


def neighbours(moments: QuerySet[Moment], moment: Moment) -> tuple[Moment | None, Moment | None]:
    """Return the newer and the older moment beside one in the same grid."""
    return ORDER.neighbours(moments, moment)
