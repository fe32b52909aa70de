"""What comes first: of the frames of a moment, and of moments. What nobody scored comes last."""

from django.db.models import Case, F, QuerySet, When

from webapp.moments.models import Moment, MomentFrame

BY_SCORE = F("score").desc(nulls_last=True)
"""Databases differ in where they put empty values by themselves."""

_IS_HOPE = Case(When(is_peak=True, score=None, then=1), default=0)
"""A frame at the peak that nobody has scored yet is taken for the best, until it is scored."""


def best_first(moment: Moment) -> QuerySet[MomentFrame]:
    """Return a moment's frames in the order in which they should become its picture."""
    return moment.frames.order_by(_IS_HOPE.desc(), BY_SCORE, "captured_at", "pk")


def chosen_frame(moment: Moment) -> MomentFrame | None:
    """Return the frame for which the moment was chosen, and whose time is the moment's."""
    return moment.frames.order_by(BY_SCORE, "pk").first()


def are_equal(one: MomentFrame, other: MomentFrame) -> bool:
    """Tell whether nothing but its time puts one frame before the other."""
    return (one.is_peak and one.score is None, one.score) == (
        other.is_peak and other.score is None,
        other.score,
    )


def score_with(moment: Moment, picked: MomentFrame) -> float | None:
    """Return the score of a moment that shows this frame."""
    if picked.score is not None:
        return picked.score
    best = chosen_frame(moment)
    return best.score if best else None
