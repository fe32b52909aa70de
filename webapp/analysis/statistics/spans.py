"""Stretches of time for a chart: as many as can be told apart, from a minute to a year."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

MOST_SPANS = 48


@dataclass(frozen=True, slots=True)
class Step:
    """How long each stretch is.

    Attributes:
        name: What a program calls it.
        seconds: Its length; of months and years about.
        begin: Returns the beginning of the stretch in which a time lies.
        after: Returns the beginning of the next one.
    """

    name: str
    seconds: int
    begin: Callable[[datetime], datetime]
    after: Callable[[datetime], datetime]


def _of_clock(name: str, minutes: int) -> Step:
    length = timedelta(minutes=minutes)

    def begin(at: datetime) -> datetime:
        midnight = _day(at)
        return midnight + (at - midnight) // length * length

    return Step(name, 60 * minutes, begin, lambda at: at + length)


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _month(at: datetime) -> datetime:
    return _day(at).replace(day=1)


def _year(at: datetime) -> datetime:
    return _month(at).replace(month=1)


STEPS = (
    _of_clock("minute", 1),
    _of_clock("five-minutes", 5),
    _of_clock("quarter-hour", 15),
    _of_clock("hour", 60),
    Step("day", 86_400, _day, lambda at: at + timedelta(days=1)),
    Step("month", 31 * 86_400, _month, lambda at: _month(at + timedelta(days=31))),
    Step("year", 366 * 86_400, _year, lambda at: at.replace(year=at.year + 1)),
)


class Spans:
    """The stretches between the first and the last of some times, on the clock of one zone.

    Args:
        times: When anything was; may be empty.
        zone: Where the clock hangs.
    """

    def __init__(self, times: Sequence[datetime], zone: tzinfo) -> None:
        self._zone = zone
        # By the instants themselves: an hour that a clock shows twice is no step back.
        first, last = (self._local(end(times)) if times else None for end in (min, max))
        length = (last - first).total_seconds() if first and last else 0.0
        fitting = (step for step in STEPS if length < MOST_SPANS * step.seconds)
        self.step = next(fitting, STEPS[-1])
        self.begins = list(self._between(first, last)) if first and last else []
        self._places = {begin: place for place, begin in enumerate(self.begins)}

    def place(self, at: datetime) -> int:
        """Return in which stretch a time lies; one of the hour that is shown twice in a known one.

        Args:
            at: One of the times between the first and the last.
        """
        begin = self.step.begin(self._local(at))
        return self._places.get(begin, len(self.begins) - 1)

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone).replace(tzinfo=None)

    def _between(self, first: datetime, last: datetime) -> Iterator[datetime]:
        begin = self.step.begin(min(first, last))
        while begin <= max(first, last):
            yield begin
            begin = self.step.after(begin)
