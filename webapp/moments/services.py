"""The user's decisions about moments: liking, discarding, picking another frame, deleting."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext

from webapp.accounts.models import User
from webapp.analysis.erasure import delete_photo
from webapp.analysis.renamed import follow_favourites
from webapp.core import events, jobs
from webapp.core.extension import stages
from webapp.core.extension.signals import Signal
from webapp.moments.learning import note_judgement
from webapp.moments.models import Moment, MomentFrame, Taste
from webapp.moments.names.naming import named_faces, people_within
from webapp.moments.queries import moment_frames_of
from webapp.moments.ranking import BY_SCORE, are_equal, best_first, score_with
from webapp.people.models import Person
from webapp.people.queries import locked_gallery_state
from webapp.photos import counts
from webapp.photos.chosen import portions
from webapp.photos.models import Photo
from webapp.photos.services import INGEST

going = Signal[UUID]()
"""A moment is deleted; sent inside the transaction, while it is still there."""


class FrameMissingError(Exception):
    """The picture of this frame is not there, so it cannot be the moment's. For the user."""


@transaction.atomic
def like_moment(moment: Moment) -> None:
    """Remember that the user likes a moment; one that was discarded is back."""
    _judge(moment, liked=True, discarded=False)


@transaction.atomic
def unlike_moment(moment: Moment) -> None:
    """Take a like back; liking it was no judgement then."""
    _judge(moment, liked=False)


@transaction.atomic
def discard_moment(moment: Moment) -> None:
    """Put a moment aside: pages, library and search no longer show it.

    It can be restored, with the like it had, until it expires (``upkeep``).
    """
    _judge(moment, discarded=True)


@transaction.atomic
def restore_moment(moment: Moment) -> None:
    """Bring a discarded moment back; one that was liked before is liked again, since then."""
    _judge(moment, discarded=False)


@transaction.atomic
def like_many(owner_id: int, moment_ids: Sequence[UUID], *, is_liked: bool) -> int:
    """Like moments that were not discarded, or take the likes back; returns how many changed."""
    changed = 0
    now = timezone.now() if is_liked else None
    for some in portions(moment_ids):
        own = Moment.objects.filter(owner_id=owner_id, is_discarded=False, pk__in=some)
        others = own.filter(liked_at__isnull=is_liked)
        changed += others.update(liked_at=now, judged_at=now)
    note_judgement(owner_id)
    return changed


def _judge(moment: Moment, *, liked: bool | None = None, discarded: bool | None = None) -> None:
    """Change what is given; ``None`` leaves it as it is."""
    moment.refresh_from_db(from_queryset=Moment.objects.select_for_update())
    was_liked, was_discarded = moment.liked_at is not None, moment.is_discarded
    liked_then = was_liked if liked is None else liked
    discarded_then = was_discarded if discarded is None else discarded
    if (was_liked, was_discarded) == (liked_then, discarded_then):
        return
    now = timezone.now()
    if liked is not None:
        moment.liked_at = now if liked else None
    moment.is_discarded = discarded_then
    if not discarded_then:
        decided_at = moment.judged_at if _is_picked_by_hand(moment) else None
        moment.judged_at = moment.liked_at or decided_at
    elif not was_discarded:
        moment.judged_at = now
    moment.save(update_fields=["liked_at", "is_discarded", "judged_at"])
    if moment.photo_id is not None:
        shelve([moment.photo_id])
    stack(moment)
    note_judgement(moment.owner_id)


@transaction.atomic
def pick_frame(moment: Moment, frame: MomentFrame) -> None:
    """Make another frame the moment's picture; it is analysed now if it never was.

    Raises:
        FrameMissingError: Its picture never arrived, or was deleted.
    """
    locked_gallery_state(moment.owner_id)
    moment.refresh_from_db(from_queryset=Moment.objects.select_for_update())
    frame = moment.frames.select_related("photo").get(pk=frame.pk)
    if frame.photo is None:
        raise FrameMissingError(gettext("The picture of this frame is not there."))
    moment.frames.filter(is_picked=True).update(is_picked=False)
    MomentFrame.objects.filter(pk=frame.pk).update(is_picked=True)
    before = moment.photo_id
    moment.photo = frame.photo
    moment.reason, moment.score = frame.reason, score_with(moment, frame)
    if moment.liked_at is None and not moment.is_discarded:
        moment.judged_at = timezone.now() if _is_picked_by_hand(moment) else None
    moment.save(update_fields=["photo", "reason", "score", "judged_at"])
    shelve([photo_id for photo_id in (before, frame.photo_id) if photo_id])
    if moment.kind == Moment.Kind.BURST:
        name_burst(moment, frame.box)
    stack(moment)


def _is_picked_by_hand(moment: Moment) -> bool:
    """Whether another frame is picked than the best of those that have arrived."""
    frames = list(best_first(moment).exclude(photo=None))
    return any(frame.is_picked and not are_equal(frame, frames[0]) for frame in frames)


def shelve(photo_ids: Iterable[UUID]) -> None:
    """Put photos of moments where they belong now; call it inside the transaction of a change.

    The picture of a moment that was not discarded stands in the library and is analysed; every
    other frame is an alternate. A photo may serve several moments, as two stars may be at their
    best on the same frame. What the user uploaded to the library by hand stays there.
    """
    frames = Photo.objects.filter(pk__in=list(photo_ids)).exclude(shelf=Photo.Shelf.LIBRARY)
    shown = Moment.objects.filter(photo__in=frames, is_discarded=False, binned_at=None)
    shown_ids = set(shown.values_list("photo_id", flat=True))
    for photo in frames.select_for_update():
        shelf = Photo.Shelf.MOMENT if photo.pk in shown_ids else Photo.Shelf.ALTERNATE
        if shelf == photo.shelf:
            continue
        Photo.objects.filter(pk=photo.pk).update(shelf=shelf)
        counts.changed([photo.pk])
        if shelf == Photo.Shelf.MOMENT and photo.state == Photo.State.READY:
            _analyse(photo)


def stack(moment: Moment) -> None:
    """Let the library show only the picked photo of a burst; of a discarded one it shows all."""
    if moment.kind != Moment.Kind.BURST:
        return
    photos = Photo.objects.filter(moment_frames__moment=moment)
    is_apart = moment.is_discarded or moment.binned_at is not None
    photos.update(stack_top=None if is_apart else moment.photo)
    if moment.photo is not None:
        Photo.objects.filter(pk=moment.photo.pk).update(stack_top=None)
    counts.changed(photos.values_list("pk", flat=True))


def name_burst(moment: Moment, box: Sequence[float]) -> None:
    """Let a burst name who is on this part of its photo (shares; empty for all of it)."""
    faces = named_faces([moment.photo_id] if moment.photo_id else [])
    found = people_within([face for of_photo in faces.values() for face in of_photo], box)
    moment.people.set(Person.objects.filter(pk__in=found))


def follow_concert(photo_id: UUID) -> None:
    """Let a burst belong to the concert of the photo on its top, which has joined one."""
    for photo in Photo.objects.filter(pk=photo_id):
        bursts = Moment.objects.filter(kind=Moment.Kind.BURST, photo=photo)
        bursts.update(concert=photo.concert_id)


def repair_bursts() -> None:
    """Put the next best photo on top where the user has deleted the best one of a burst.

    A burst of which one photo is left becomes a moment without a picture, which goes.
    """
    bursts = Moment.objects.filter(kind=Moment.Kind.BURST)
    left = Count("frames", filter=~Q(frames__photo=None))
    for moment in bursts.annotate(left=left).filter(Q(photo=None) | Q(left__lt=2)):
        with transaction.atomic():
            if not crown_best(moment):
                Moment.objects.filter(pk=moment.pk).update(photo=None)


def crown_best(moment: Moment) -> bool:
    """Put the best photo of a burst on top; whether there are two left, as a burst takes."""
    frames = list(moment_frames_of(moment).order_by(BY_SCORE, "captured_at"))
    if len(frames) > 1:
        pick_frame(moment, frames[0])
    return len(frames) > 1


def _analyse(photo: Photo) -> None:
    """Queue what follows the ingest of a photo, unless it was done; ingest itself is done."""
    if photo.face_count is None:
        for stage in stages.following(INGEST):
            jobs.enqueue(stage.name, photo.pk, photo.owner_id)


def delete_moment(moment: Moment) -> None:
    """Delete a moment with its frames, their photos, files, faces, jobs and events.

    A photo that another moment shows as well, or that the user uploaded by hand, stays. Photos of a
    burst are not stacked again.
    """
    with transaction.atomic():
        if moment.kind == Moment.Kind.BURST:
            of_burst = Photo.objects.filter(moment_frames__moment=moment)
            of_burst.update(stack_top=None, stays_single=moment.photo_id is not None)
            counts.changed(of_burst.values_list("pk", flat=True))
        photo_ids = set(moment.frames.exclude(photo=None).values_list("photo_id", flat=True))
        photo_ids |= {moment.photo_id} if moment.photo_id else set()
        events.forget(moment.owner_id, [moment.pk])
        moment_id = moment.pk
        going.send(moment_id)
        Moment.objects.filter(pk=moment_id).delete()
        held = set(
            MomentFrame.objects.filter(photo__in=photo_ids).values_list("photo_id", flat=True)
        )
        shelve(held)
        own = Photo.objects.filter(pk__in=photo_ids - held).exclude(shelf=Photo.Shelf.LIBRARY)
        for photo in own:
            delete_photo(photo)


@transaction.atomic
def update_taste(user: User, *, favourites: Iterable[Person] | None = None, **wanted: Any) -> Taste:
    """Change what a user wants captured; open cameras follow within seconds.

    Args:
        user: Whose taste it is.
        favourites: Stars that get more from now on; ``None`` leaves them as they are.
        wanted: ``is_wanted``, ``anyone`` and ``per_minute`` of :class:`Taste`.
    """
    taste, _ = Taste.objects.get_or_create(owner=user)
    unknown = set(wanted) - {"is_wanted", "anyone", "per_minute"}
    if unknown:
        raise ValueError(f"a taste has no {', '.join(sorted(unknown))}")
    for name, value in wanted.items():
        setattr(taste, name, value)
    taste.save(update_fields=[*wanted])
    if favourites is not None:
        own = Person.objects.filter(owner=user, pk__in=[person.pk for person in favourites])
        before = set(taste.favourites.values_list("pk", flat=True))
        taste.favourites.set(own)
        if before != {person.pk for person in own}:
            follow_favourites(user.pk)
    return taste


@transaction.atomic
def reset_taste(user: User) -> Taste:
    """Forget what was learnt; only likes and discards from now on count. Favourites stay."""
    taste, _ = Taste.objects.get_or_create(owner=user)
    taste.weights, taste.learnt_from, taste.reset_at = {}, 0, timezone.now()
    taste.save(update_fields=["weights", "learnt_from", "reset_at"])
    return taste
