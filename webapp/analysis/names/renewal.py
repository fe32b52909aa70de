"""What models of today would say of a whole library: asked for by its user, done in the background.

Nothing is lost meanwhile: emotions and portraits of before stay until the new ones are there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from webapp import vision
from webapp.analysis.names.reanalysis import photos_made_otherwise, queue_again
from webapp.core import jobs
from webapp.core.models import Job
from webapp.people.gallery.changes import gallery_of
from webapp.photos.queries import photos_to_analyse

RENEWING = {"emotions": "renew-emotions", "portrait": "renew-portraits"}
"""What can be made anew, and the stage that queues it, photo by photo."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """How far a library is with one kind of result.

    Attributes:
        stage: ``emotions`` or ``portrait``.
        total: Photos that can have it.
        renewed: Those that the present model has looked at.
        is_busy: Whether more are on their way.
    """

    stage: str
    total: int
    renewed: int
    is_busy: bool


def renewals_of(owner_id: int) -> Sequence[Renewal]:
    """Return how far the library of a user is."""
    return [_renewal(owner_id, stage) for stage in RENEWING]


def _renewal(owner_id: int, stage: str) -> Renewal:
    photos = photos_to_analyse().filter(owner_id=owner_id)
    total, model = photos.count(), vision.present_model(stage)
    other = photos_made_otherwise(stage, model).filter(owner_id=owner_id).count()
    open_states = (Job.State.PENDING, Job.State.RUNNING)
    waiting = Job.objects.filter(
        owner_id=owner_id, stage__in=(stage, RENEWING[stage]), state__in=open_states
    )
    return Renewal(stage, total, total - other, waiting.exists())


@transaction.atomic
def renew(owner_id: int, stage: str) -> None:
    """Have made anew what another model than the present one has made."""
    jobs.enqueue(RENEWING[stage], gallery_of(owner_id).pk, owner_id)


def queue_library(claim: jobs.Claim) -> None:
    """Queue the photos of a user, as ``renew`` asked for."""
    stage = next(name for name, renewing in RENEWING.items() if renewing == claim.stage)
    photos = photos_made_otherwise(stage, vision.present_model(stage))
    queue_again(stage, photos.filter(owner_id=claim.owner_id))
    with jobs.finish(claim):
        pass
