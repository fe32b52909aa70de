"""What follows when faces have other names than before: open pages hear it, portraits follow.

A portrait is about named stars before others, so a name that came later may change whom it is
about. It is drawn anew only then, and never where the user has chosen.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from uuid import UUID

from django.db import transaction

from webapp.analysis.messages import names_changed
from webapp.analysis.models import DetectedFace, Portrait
from webapp.analysis.subjects import wanted_heads
from webapp.core import events, jobs
from webapp.core.extension.signals import Signal
from webapp.core.models import Job
from webapp.people.gallery.changes import gallery_of
from webapp.photos.queries import shared_among

photos_renamed: Signal[[int, Collection[UUID]]] = Signal()
"""Sent with whose photos have faces of another name than before, and which."""
SUBJECTS_STAGE = "subjects"
DRAW_STAGE = "portrait"
BATCH_PHOTOS = 200
"""So many portraits are looked at in one transaction; others can write in between."""


def note_renamed(owner_id: int, photo_ids: Collection[UUID]) -> None:
    """Tell open pages of new names and have portraits follow; call it where the names change."""
    _tell(owner_id, photo_ids)
    photos_renamed.send(owner_id, photo_ids)
    if len(photo_ids) > BATCH_PHOTOS:
        follow_favourites(owner_id)
    else:
        follow(photo_ids)


def _tell(owner_id: int, photo_ids: Collection[UUID]) -> None:
    """Tell of photos in shared concerts by themselves, as their members are told of these only."""
    shared = shared_among(photo_ids)
    for concert_id, ids in shared.items():
        about = events.Subject("concert", concert_id)
        events.publish(owner_id, "names_changed", {**names_changed(ids)}, about=about)
    alone = set(photo_ids).difference(*shared.values())
    if alone or not shared:
        events.publish(owner_id, "names_changed", {**names_changed(alone)})


def follow_favourites(owner_id: int) -> None:
    """Have all portraits of a user looked through in the background."""
    jobs.enqueue(SUBJECTS_STAGE, gallery_of(owner_id).pk, owner_id)


@transaction.atomic
def follow(photo_ids: Iterable[UUID]) -> int:
    """Have those portraits drawn again that are about other people now; returns how many."""
    count = 0
    for portrait in _about_others(photo_ids):
        jobs.enqueue(DRAW_STAGE, portrait.photo_id, portrait.photo.owner_id)
        count += 1
    return count


def follow_everywhere(claim: jobs.Claim) -> None:
    """Look through all portraits of a user."""
    own = Portrait.objects.filter(photo__owner_id=claim.owner_id, subject=Portrait.Subject.AUTO)
    ids = iter(list(own.values_list("photo_id", flat=True)))
    while batch := list(islice(ids, BATCH_PHOTOS)):
        follow(batch)
    with jobs.finish(claim):
        pass


def _about_others(photo_ids: Iterable[UUID]) -> Iterator[Portrait]:
    """Yield the portraits whose stored mask is about others than the rule says now.

    One that is just being drawn counts as well: it may have read the names of before.
    """
    portraits = Portrait.objects.filter(
        photo__in=list(photo_ids), subject=Portrait.Subject.AUTO, has_person=True
    ).select_related("photo")
    wanted = [portrait.photo_id for portrait in portraits]
    faces: defaultdict[UUID, list[DetectedFace]] = defaultdict(list)
    for face in DetectedFace.objects.shown().filter(photo__in=wanted).defer("embedding"):
        faces[face.photo_id].append(face)
    being_drawn = set(
        Job.objects.filter(
            subject_id__in=wanted, stage=DRAW_STAGE, state=Job.State.RUNNING
        ).values_list("subject_id", flat=True)
    )
    for portrait in portraits:
        heads = wanted_heads(portrait.photo, portrait, faces[portrait.photo_id])
        if heads != portrait.rendered_heads or portrait.photo_id in being_drawn:
            yield portrait
