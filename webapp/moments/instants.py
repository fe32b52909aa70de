"""Two stars at their best at the same instant: one moment with two names, live and in videos."""

from collections.abc import Sequence
from datetime import timedelta

from webapp.moments.models import Moment
from webapp.people.models import Person

SAME_INSTANT = timedelta(seconds=0.5)
"""Between two peaks that one picture shows (``inference.moments.selector.TOGETHER_SECONDS``)."""


def same_instant(moment: Moment, people: Sequence[Person]) -> Moment | None:
    """Return the moment of other stars in the same session or video that shows the same instant.

    Two stars at their best within half a second are one picture with two names and not two that
    look the same. What was chosen by hand stays by itself, and so does what the user has judged.
    """
    if not people:
        return None
    near = Moment.objects.filter(
        owner_id=moment.owner_id,
        session=moment.session,
        video=moment.video,
        kind__in=(Moment.Kind.AUTO, Moment.Kind.GROUP),
        at__range=(moment.at - SAME_INSTANT, moment.at + SAME_INSTANT),
        judged_at=None,
        binned_at=None,
        is_named_by_photo=False,
    ).exclude(state=Moment.State.LOST)
    told = {person.pk for person in people}
    found = []
    for one in near.select_for_update():
        there = set(one.people.values_list("pk", flat=True))
        is_told_again = one.kind == Moment.Kind.GROUP and told <= there
        if there and (there.isdisjoint(told) or is_told_again):
            found.append(one)
    return min(found, key=lambda one: abs(one.at - moment.at), default=None)


def joined(moment: Moment, people: Sequence[Person]) -> Moment:
    """Let a moment name these stars as well."""
    moment.people.add(*people)
    if moment.people.count() > 1 and moment.kind != Moment.Kind.GROUP:
        moment.kind, moment.look = Moment.Kind.GROUP, b""
        moment.save(update_fields=["kind", "look"])
    return moment
