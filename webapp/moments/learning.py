"""Learning a user's taste from likes and discards, by a job of the worker that has the models."""

from webapp.core import jobs
from webapp.moments.models import MomentFrame, Taste
from webapp.moments.queries import judged_moments_of, taste_of
from webapp.people.gallery.changes import gallery_of
from webapp.vision.models.learning import Judged, learn_weights

STAGE = "taste"
LEAST_JUDGED = 50
EVERY = 10
"""Likes and discards after which the weights are fitted anew."""


def note_judgement(owner_id: int) -> None:
    """Have the taste learnt when enough was judged; call it inside the transaction that judges."""
    judged = judged_moments_of(owner_id).count()
    learnt_from = taste_of(owner_id).learnt_from
    if judged >= LEAST_JUDGED and (not learnt_from or abs(judged - learnt_from) >= EVERY):
        jobs.enqueue(STAGE, gallery_of(owner_id).pk, owner_id)


def learn(claim: jobs.Claim) -> None:
    """Fit the weights to what the user likes; a reset in between has the last word."""
    reset_at = taste_of(claim.owner_id).reset_at
    moments = judged_moments_of(claim.owner_id)
    frames = MomentFrame.objects.filter(moment__in=moments, is_picked=True)
    rated = frames.exclude(terms={}).order_by("-moment__judged_at", "-pk")
    judged = rated.values_list("terms", "moment__is_discarded")
    learnt = learn_weights([Judged(terms, not discarded) for terms, discarded in judged])
    with jobs.finish(claim):
        if learnt is None:
            return
        taste, _ = Taste.objects.select_for_update().get_or_create(owner_id=claim.owner_id)
        if taste.reset_at == reset_at:
            taste.weights, taste.learnt_from = learnt.weights, moments.count()
            taste.save(update_fields=["weights", "learnt_from"])
