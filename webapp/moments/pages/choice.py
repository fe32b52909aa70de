"""Which moments of a night are worth showing: the best that differ.

Chosen is among a few facts of each; only what is shown in the end is read whole.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from django.db.models import QuerySet

from webapp.moments.angles import tops
from webapp.moments.models import Moment
from webapp.moments.queries import moments_visible_to
from webapp.photos.models import Concert

LOOKED_AT = 400
"""Moments among which is chosen, the liked and the best; an evening has some hundred."""
APART = timedelta(seconds=20)
"""Between two chosen moments of one star, unless there are too few."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a moment before it is chosen.

    Attributes:
        people: Whom it shows; nobody where that is unknown.
    """

    id: UUID
    photo_id: UUID
    at: datetime
    people: frozenset[UUID]


def candidates_of(owner_id: int, concert: Concert) -> list[Candidate]:
    """Return the moments of a concert among which is chosen: first the liked, then by score."""
    mine = tops(moments_visible_to(concert.owner).filter(concert=concert, owner_id=owner_id))
    rows = list(chain.from_iterable(_ranked(mine)))[:LOOKED_AT]
    people: defaultdict[UUID, set[UUID]] = defaultdict(set)
    links = Moment.people.through.objects.filter(moment__in=[row[0] for row in rows])
    for moment, person in links.values_list("moment_id", "person_id"):
        people[moment].add(person)
    return [Candidate(*row, frozenset(people[row[0]])) for row in rows]


def _ranked(moments: QuerySet[Moment]) -> Iterable[Sequence[tuple[UUID, UUID, datetime]]]:
    """Return what is liked, what has a score and what has none, as long as there is room.

    Each is read along an index of its own (``moment_best_liked``, ``moment_best``).
    """
    others = moments.filter(liked_at=None)
    left = LOOKED_AT
    for part in (
        moments.filter(liked_at__isnull=False).order_by("liked_at", "-id"),
        others.filter(score__isnull=False).order_by("-score", "-id"),
        others.filter(score=None).order_by("-id"),
    ):
        if left > 0:
            rows = list(part.values_list("id", "photo_id", "at")[:left])
            left -= len(rows)
            yield rows


def diverse(candidates: Sequence[Candidate], count: int) -> list[Candidate]:
    """Return the best that differ: other pictures, other stars, other times.

    Nobody gets more than her share as long as others have moments at all. What is left over when
    the strict rules have chosen too few is filled up with the next best other pictures.

    Args:
        candidates: Best first.
        count: How many at most.
    """
    stars = {person for candidate in candidates for person in candidate.people}
    share = max(2, -(-count // max(1, len(stars))) + 1)
    chosen: list[Candidate] = []
    for is_strict in (True, False):
        for candidate in candidates:
            if len(chosen) >= count:
                break
            if any(candidate.photo_id == one.photo_id for one in chosen):
                continue
            if is_strict and not _differs(candidate, chosen, share):
                continue
            chosen.append(candidate)
    return chosen


def _differs(candidate: Candidate, chosen: Sequence[Candidate], share: int) -> bool:
    people = candidate.people
    counts = Counter(person for one in chosen for person in one.people)
    if any(counts[person] >= share for person in people):
        return False
    near = [one for one in chosen if abs(one.at - candidate.at) < APART]
    return not any(people & one.people or not people or not one.people for one in near)
