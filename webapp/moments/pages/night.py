"""The morning after: what was best of a concert's night, over all stars and for each of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from webapp.moments.models import Moment
from webapp.moments.pages.choice import Candidate, candidates_of, diverse
from webapp.moments.pages.grid import add_angles, names_of
from webapp.moments.pages.peaks import BIN_SECONDS, High, highs_of
from webapp.moments.pages.showing import CARD_FIELDS, add_focus, for_cards
from webapp.people.models import Person
from webapp.photos.models import Concert

BEST, PER_STAR, GROUPS, PER_PEAK = 10, 3, 6, 3
NEAR_PEAK = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class StarOfNight:
    """One star and her best moments."""

    person: Person
    moments: list[Any]


@dataclass(frozen=True, slots=True)
class Peak:
    """When the stars expressed most.

    Attributes:
        at: Its beginning.
        names: Who was seen then, the most moved first.
        emotion: What they expressed most.
        moments: Captured then.
    """

    at: datetime
    names: list[str]
    emotion: str
    moments: list[Any]


@dataclass(frozen=True, slots=True)
class Night:
    """What a night's page shows; each moment with ``names`` and ``focus`` for its card."""

    best: list[Any]
    stars: list[StarOfNight]
    groups: list[Any]
    peaks: list[Peak]

    def moments(self) -> list[Any]:
        """Return every moment that is shown, each once."""
        shown = [*self.best, *self.groups]
        shown += [one for star in self.stars for one in star.moments]
        shown += [one for peak in self.peaks for one in peak.moments]
        return list({moment.pk: moment for moment in shown}.values())


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The sections of a night before its moments are read."""

    best: list[Candidate]
    stars: dict[UUID, list[Candidate]]
    groups: list[Candidate]
    peaks: list[tuple[High, list[Candidate]]]

    def candidates(self) -> list[Candidate]:
        near_peaks = [near for _, near in self.peaks]
        return list(chain(self.best, self.groups, *self.stars.values(), *near_peaks))


def night_of(owner_id: int, concert: Concert) -> Night:
    """Return the night of a concert, from what is captured by now."""
    chosen = _choose(owner_id, concert)
    cards = _cards(chosen.candidates())
    people = {person.pk: person for card in cards.values() for person in card.people.all()}
    stars = [
        StarOfNight(people[star], _shown(theirs, cards))
        for star, theirs in chosen.stars.items()
        if star in people
    ]
    return Night(
        best=_shown(chosen.best, cards),
        stars=sorted(stars, key=lambda row: (row.person.name, str(row.person.pk))),
        groups=_shown(chosen.groups, cards),
        peaks=[
            Peak(high.at, high.names, high.emotion, _shown(near, cards, in_time=False))
            for high, near in chosen.peaks
        ],
    )


def best_of_night(owner_id: int, concert: Concert) -> list[Any]:
    """Return the best moments alone, in the order of the evening."""
    best = diverse(candidates_of(owner_id, concert), BEST)
    return _shown(best, _cards(best))


def pictures_of_night(owner_id: int, concert: Concert) -> set[UUID]:
    """Return the photos that a night shows, without reading its moments."""
    return {candidate.photo_id for candidate in _choose(owner_id, concert).candidates()}


def _choose(owner_id: int, concert: Concert) -> _Chosen:
    candidates = candidates_of(owner_id, concert)
    theirs: defaultdict[UUID, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        for person in candidate.people:
            theirs[person].append(candidate)
    highs = highs_of(owner_id, concert)
    return _Chosen(
        best=diverse(candidates, BEST),
        stars={person: diverse(own, PER_STAR) for person, own in theirs.items()},
        groups=diverse([one for one in candidates if len(one.people) > 1], GROUPS),
        peaks=[(high, diverse(_near(high.at, candidates), PER_PEAK)) for high in highs],
    )


def _near(at: datetime, candidates: Sequence[Candidate]) -> list[Candidate]:
    end = at + timedelta(seconds=BIN_SECONDS)
    return [one for one in candidates if at - NEAR_PEAK <= one.at <= end + NEAR_PEAK]


def _cards(candidates: Iterable[Candidate]) -> dict[UUID, Any]:
    """Read what the cards of some moments show; one that is gone by now is missing."""
    chosen = Moment.objects.filter(pk__in={one.id for one in candidates})
    moments: list[Any] = list(for_cards(chosen).only(*CARD_FIELDS))
    for moment in moments:
        moment.names = names_of(moment)
    add_focus(moments)
    add_angles(moments)
    return {moment.pk: moment for moment in moments}


def _shown(
    candidates: Iterable[Candidate], cards: Mapping[UUID, Any], *, in_time: bool = True
) -> list[Any]:
    """Return the cards of what was chosen, in the order of the evening or in that of choice."""
    ordered = (
        sorted(candidates, key=lambda one: (one.at, str(one.id))) if in_time else list(candidates)
    )
    return [cards[one.id] for one in ordered if one.id in cards]
