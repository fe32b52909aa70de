"""Several cameras of one concert: which moments show the same instant, and which angle is on top.

Nothing about it is stored. Whoever is on top follows from the rows as they are, so the next angle
comes up by itself when the better one is discarded, thrown away, deleted or named otherwise.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from webapp.live.models import LiveSession
from webapp.moments.models import Moment

SAME_INSTANT = timedelta(seconds=1)
"""Two cameras mean the same by peaks no farther apart; each finds its own, some frames away."""
MOST_ANGLES = 24
"""That a page shows beside a moment."""
_KINDS = (Moment.Kind.AUTO, Moment.Kind.GROUP)
"""A picture that a hand chose, or that stands for a burst, is never laid under another one."""

_CAMERA = Coalesce("session_id", "video__session_id", output_field=UUIDField())
"""Whose clock the server has measured. The date of a video that was uploaded says whole seconds,
and on some phones when it ended: such a video is on nobody's clock, and its moments stay alone."""

_WORTH = Coalesce(F("score"), Value(-1.0)) + Case(
    When(liked_at__isnull=False, then=Value(3.0)), default=Value(0.0), output_field=FloatField()
)
"""What was liked comes first, then the higher score, then what nobody has scored."""


def tops(moments: QuerySet[Moment], *, emotion: str = "") -> QuerySet[Moment]:
    """Leave out of some moments those of which another camera has a better angle.

    The better one is of the same concert, within ``SAME_INSTANT``, and shows every star that the
    other one shows; so whoever looks for a star finds the top among hers.

    Args:
        moments: Any, of any concerts.
        emotion: Which alone is looked for, if any: what lies on top has it as well.
    """
    concerts = _several_cameras()
    if not concerts:
        return moments
    better = _better_than_outer()
    if emotion:
        better = better.filter(emotion=emotion)
    # What is cheap to know comes first: of most concerts there is one camera.
    may_lie_under = Q(concert_id__in=concerts) & Q(kind__in=_KINDS)
    return _ranked(moments).exclude(may_lie_under & Q(Exists(better)))


def angles_of(moment: Moment, moments: QuerySet[Moment]) -> list[Moment]:
    """Return the other angles of a moment's instant among some moments, the best first.

    These are the ones that lie under it, and those that have ``is_better`` and lie on top of it.
    """
    if moment.concert_id is None or moment.kind not in _KINDS:
        return []
    near = _ranked(moments).filter(
        concert_id=moment.concert_id,
        kind__in=_KINDS,
        at__range=(moment.at - SAME_INSTANT, moment.at + SAME_INSTANT),
    )
    is_under = Exists(_better_than_outer().filter(pk=moment.pk))
    itself = _ranked(Moment.objects.filter(pk=moment.pk))
    is_over = Exists(
        itself.filter(Exists(_better_than_outer().filter(pk=OuterRef(OuterRef("pk")))))
    )
    found = near.filter(is_under | is_over).annotate(is_better=is_over)
    return list(found.order_by("-worth", "pk")[:MOST_ANGLES])


def count_under(moment_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return of how many other angles each of some moments is on top; of none is left out."""
    ids, concerts = list(moment_ids), _several_cameras()
    if not ids or not concerts:
        return {}
    lower = _ranked(_shown()).filter(
        owner_id=OuterRef("owner_id"),
        concert_id=OuterRef("concert_id"),
        at__gte=OuterRef("at") - SAME_INSTANT,
        at__lte=OuterRef("at") + SAME_INSTANT,
    )
    under = lower.filter(Exists(_better_than_outer().filter(pk=OuterRef(OuterRef("pk")))))
    counted = under.order_by().values("concert_id").annotate(count=Count("pk")).values("count")
    may_lie_on_top = Moment.objects.filter(pk__in=ids, kind__in=_KINDS, concert_id__in=concerts)
    shown = may_lie_on_top.annotate(under=Subquery(counted))
    return dict(shown.filter(under__isnull=False).values_list("pk", "under"))


def _several_cameras() -> list[UUID]:
    """Return the concerts that more than one camera filmed; asked first, as mostly there is none.

    To put the queries below together takes longer than to ask this.
    """
    sessions = LiveSession.objects.filter(concert__isnull=False).order_by().values("concert_id")
    several = sessions.annotate(cameras=Count("pk")).filter(cameras__gt=1)
    return [concert for concert in several.values_list("concert_id", flat=True) if concert]


def _ranked(moments: QuerySet[Moment]) -> QuerySet[Any]:
    return moments.alias(camera=_CAMERA, worth=_WORTH)


def _shown() -> QuerySet[Moment]:
    """Return what may lie on top or under: pictures that pages show."""
    return Moment.objects.filter(
        state=Moment.State.READY,
        is_discarded=False,
        binned_at=None,
        photo__isnull=False,
        photo__binned_at=None,
        kind__in=_KINDS,
    )


def _better_than_outer() -> QuerySet[Moment]:
    """Return the better angles of the moment of the query outside, which is ``_ranked``."""
    links = Moment.people.through.objects
    its_stars = links.filter(moment_id=OuterRef(OuterRef("pk")))
    shown_here = links.filter(moment_id=OuterRef(OuterRef("pk"))).values("person_id")
    is_better = Q(worth__gt=OuterRef("worth")) | Q(worth=OuterRef("worth"), pk__lt=OuterRef("pk"))
    return (
        _ranked(_shown())
        .filter(
            is_better,
            Exists(its_stars),
            ~Exists(its_stars.exclude(person_id__in=shown_here)),
            owner_id=OuterRef("owner_id"),
            concert_id=OuterRef("concert_id"),
            at__gte=OuterRef("at") - SAME_INSTANT,
            at__lte=OuterRef("at") + SAME_INSTANT,
        )
        .filter(camera__isnull=False)
        .exclude(camera=OuterRef("camera"))
    )
