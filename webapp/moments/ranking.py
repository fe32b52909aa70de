"""What comes first: of the frames of a moment, and of moments. What nobody scored comes last."""

from django.db.models import F, QuerySet

from webapp.moments.models import Moment, MomentFrame

BY_SCORE = F("score").desc(nulls_last=True)
"""Databases differ in where they put empty values by themselves."""


def best_first(moment: Moment) -> QuerySet[MomentFrame]:
    """Return a moment's frames in the order in which they should become its picture."""
    return moment.frames.order_by(F("is_peak").desc(), BY_SCORE, "captured_at", "pk")


def chosen_frame(moment: Moment) -> MomentFrame | None:
    """Return the frame for which the moment was chosen, and whose time is the moment's."""
    return moment.frames.order_by(BY_SCORE, "pk").first()


def are_equal(one: MomentFrame, other: MomentFrame) -> bool:
    """Tell whether nothing but its time puts one frame before the other."""
    return (one.is_peak, one.score) == (other.is_peak, other.score)


def score_with(moment: Moment, picked: MomentFrame) -> float | None:
    """Return the score of a moment that shows this frame."""
    if picked.score is not None:
        return picked.score
    best = chosen_frame(moment)
    return best.score if best else None
