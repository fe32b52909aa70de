"""The burst stage: uploaded photos in quick succession become one moment, the best on top.

It runs for each photo once its faces and emotions are known; of the photos of one burst the last
does the work for all. Running it again changes nothing but scores: a frame that the user has
picked stays, and so do likes and discards.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db.models import F, Q

from webapp.analysis.models import DetectedFace
from webapp.analysis.names.recognition import shape_of
from webapp.core import events, jobs
from webapp.core.models import Job
from webapp.moments.keeping import Origin, keep_moment
from webapp.moments.models import Moment, MomentFrame
from webapp.moments.queries import favourites_of, taste_of
from webapp.moments.ranking import are_equal, best_first
from webapp.people.queries import locked_gallery_state
from webapp.photos import counts
from webapp.photos.models import Photo
from webapp.photos.storage import files_of
from webapp.vision.chosen import ChosenFrame, ChosenMoment
from webapp.vision.models.bursts import BurstFace, BurstPicture, find_bursts

STAGE = "burst"
GAP = timedelta(seconds=0.5)
"""Between two photos of one burst; whether they are alike is seen later."""
REACH = timedelta(seconds=30)
"""How far from its own time a photo looks for others; nobody holds a shutter for longer."""
MOST_BESIDE = 150
"""Photos before and after one: each is decoded in full, and the stage has five minutes."""
_BEFORE = ("ingest", "recognise", "emotions")


class _Taken(NamedTuple):
    """A photo whose capture time is known."""

    at: datetime
    photo: Photo


def stack_burst(claim: jobs.Claim) -> None:
    """Stack the photo of the claim with those that were taken with it."""
    library = Photo.objects.filter(
        owner_id=claim.owner_id, shelf=Photo.Shelf.LIBRARY, binned_at=None
    )
    shown = library.filter(state=Photo.State.READY, stays_single=False)
    photo = shown.filter(pk=claim.subject_id).first()
    row = _taken_together(photo) if photo is not None else []
    bursts: list[ChosenMoment] = []
    if len(row) > 1 and not _others_follow(claim, row):
        taste = taste_of(claim.owner_id)
        bursts = find_bursts(_pictures(row), taste.weights, favourites_of(taste))
    with jobs.finish(claim):
        locked_gallery_state(claim.owner_id)  # First, like whoever writes names.
        for burst in bursts:
            _store(claim.owner_id, burst)


def _taken_together(photo: Photo) -> list[_Taken]:
    """Return the photos of the same camera with no longer pause than ``GAP`` between them."""
    if photo.taken_at is None:
        return []
    same: dict[str, Any] = {"concert_id": photo.concert_id, "camera": photo.camera}
    near = Photo.objects.filter(
        owner_id=photo.owner_id,
        shelf=Photo.Shelf.LIBRARY,
        state=Photo.State.READY,
        stays_single=False,
        binned_at=None,
        taken_at__range=(photo.taken_at - REACH, photo.taken_at + REACH),
        **same,
    )
    row = [_Taken(one.taken_at, one) for one in near.order_by("taken_at", "pk") if one.taken_at]
    own = next((place for place, taken in enumerate(row) if taken.photo.pk == photo.pk), None)
    if own is None:  # Thrown away meanwhile.
        return []
    steps = list(pairwise(row))
    later = [after for _, after in takewhile(_is_quick, steps[own:])]
    sooner = [before for before, _ in takewhile(_is_quick, reversed(steps[:own]))]
    return [*reversed(sooner[:MOST_BESIDE]), row[own], *later[:MOST_BESIDE]]


def _is_quick(step: tuple[_Taken, _Taken]) -> bool:
    return step[1].at - step[0].at <= GAP


def _others_follow(claim: jobs.Claim, row: Sequence[_Taken]) -> bool:
    """Whether another photo of the row is still to come here; it does the work then."""
    ids = [taken.photo.pk for taken in row if taken.photo.pk != claim.subject_id]
    is_earlier = Q(stage__in=_BEFORE) | Q(stage=STAGE, pk__gt=claim.job_id)
    is_open = Q(state__in=(Job.State.PENDING, Job.State.RUNNING))
    return Job.objects.filter(is_earlier, is_open, subject_id__in=ids).exists()


def _pictures(row: Sequence[_Taken]) -> Iterable[BurstPicture]:
    faces: dict[UUID, list[BurstFace]] = {taken.photo.pk: [] for taken in row}
    for face in DetectedFace.objects.shown().filter(photo__in=list(faces)).defer("embedding"):
        if not face.landmarks:  # It was only just drawn.
            continue
        faces[face.photo_id].append(
            BurstFace(shape_of(face), face.quality, face.emotion, face.emotions, face.person_id)
        )
    for at, photo in row:
        seconds = at.timestamp()
        yield BurstPicture(photo.pk, files_of(photo.pk).full, seconds, tuple(faces[photo.pk]))


def _store(owner_id: int, burst: ChosenMoment) -> None:
    """Make a burst one moment, or bring the moment that it is up to date."""
    locked = Photo.objects.select_for_update().filter(
        owner_id=owner_id,
        shelf=Photo.Shelf.LIBRARY,
        binned_at=None,
        pk__in=[one.photo for one in burst.frames],
    )
    photos = {photo.pk: photo for photo in locked.order_by("pk")}
    pictures = tuple(one for one in burst.frames if one.photo in photos)
    if len(pictures) < 2:
        return
    known = _known(owner_id, photos)
    top = (_picked_by_hand(known[0], pictures) if known else None) or pictures[0]
    for one in known:
        _unstack(one)
    for other in known[1:]:
        events.forget(owner_id, [other.pk])
        other.delete()
    under = [str(photo_id) for photo_id in photos if photo_id != top.photo]
    origin = Origin(
        owner_id=owner_id,
        key=known[0].key if known else f"burst-{uuid4().hex}",
        at=datetime.fromtimestamp(top.seconds, UTC),
        kind=Moment.Kind.BURST,
        concert_id=photos[top.photo].concert_id if top.photo else None,
    )
    moment = keep_moment(replace(burst, frames=pictures), origin, picked=top).moment
    told = {"under": [] if moment.is_discarded else under}
    about = events.Subject("photo", top.photo) if top.photo else None
    events.publish(owner_id, "photos_stacked", told, about=about)


def _unstack(moment: Moment) -> None:
    photos = Photo.objects.filter(moment_frames__moment=moment)
    photos.update(stack_top=None)
    counts.changed(photos.values_list("pk", flat=True))


def _known(owner_id: int, photo_ids: Collection[UUID]) -> list[Moment]:
    """Return the moments that photos of a burst belong to; what the user has judged comes first."""
    frames = MomentFrame.objects.filter(photo__in=photo_ids)
    of_burst = Moment.objects.filter(owner_id=owner_id, kind=Moment.Kind.BURST)
    known = of_burst.filter(pk__in=frames.values("moment_id")).select_for_update()
    return list(known.order_by(F("judged_at").asc(nulls_last=True), "created_at", "pk"))


def _picked_by_hand(moment: Moment, pictures: Sequence[ChosenFrame]) -> ChosenFrame | None:
    """Return the picture that the user has put on top, if it still belongs to the burst."""
    frames = list(best_first(moment).exclude(photo=None))
    picked = next((frame for frame in frames if frame.is_picked), None)
    if picked is None or are_equal(picked, frames[0]):
        return None
    return next((one for one in pictures if one.photo == picked.photo_id), None)


def follow_clocks(claim: jobs.Claim) -> None:
    """Let bursts be when their photos were taken, after the clocks of cameras were read anew."""
    bursts = Moment.objects.filter(owner_id=claim.owner_id, kind=Moment.Kind.BURST)
    late = bursts.exclude(photo__taken_at=None).exclude(at=F("photo__taken_at"))
    with jobs.finish(claim):
        for moment in late.select_related("photo"):
            _move(moment)


def _move(moment: Moment) -> None:
    frames = list(moment.frames.exclude(photo__taken_at=None).select_related("photo"))
    for frame in frames:
        if frame.photo is not None and frame.photo.taken_at is not None:
            frame.captured_at = 1000 * frame.photo.taken_at.timestamp()
    MomentFrame.objects.bulk_update(frames, ["captured_at"])
    if moment.photo is not None and moment.photo.taken_at is not None:
        Moment.objects.filter(pk=moment.pk).update(at=moment.photo.taken_at)
