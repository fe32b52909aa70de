"""Reels: ordering one, where its file lies, and removing it once something that it shows is gone.

A reel is made of pictures and names that have their own life. It remembers by links what it was
made of; a photo or a person that is deleted takes its link along, and the next sweep removes every
reel that has fewer links than it was ordered with. So a deleted picture does not live on in a film.
A title that is stored holds a person's name only where that person is linked.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext

from webapp.access.rights import Asker
from webapp.accounts.queries import has_consent
from webapp.core import (
    events,
    jobs,
)
from webapp.core.files import orphans
from webapp.core.web.paging import NewestFirst
from webapp.core.words.names import MAX_NAME_LENGTH
from webapp.moments.models import Moment, Reel, Video
from webapp.moments.ranking import BY_SCORE
from webapp.people.models import Person
from webapp.photos.models import Photo

STAGE, ERASE_REEL = "reel", "erase-reel"
COUNT_CHOICES = (10, 20, 30)
FANCAM_TITLE = "Fancam"
LOOP_TITLE = "Moment"
"""Of an animation as it is stored; pages call it by those whom its moment shows by now."""
MOST_WAITING = 3
"""Reels of one user that may be in the making."""
LEAST_FRAMES = 8
"""Of an animation: fewer are a flicker and no movement."""
MOST_FANCAM_SECONDS = 300
"""One song."""
MOST_TOGETHER = 8
"""Fancams of one part, one for each star."""
FILM, ANIMATION = ".mp4", ".webp"
REELS_OF_A_PAGE = 24
CONTENT_TYPES = {FILM: "video/mp4", ANIMATION: "image/webp"}


class ReelRefusedError(Exception):
    """No reel can be made of this; the text says why, for the user."""


def folder() -> Path:
    """Return where the files of reels are."""
    return Path(settings.MEDIA_ROOT) / "reels"


def file_of(reel: Reel) -> Path:
    """Return where the file of a reel is, whether it exists or not."""
    return folder() / f"{reel.pk}{ANIMATION if reel.kind == Reel.Kind.LOOP else FILM}"


def animation_of(reel: Reel) -> Path:
    """Return where the moving picture of a reel is; a clip has one beside its film."""
    return folder() / f"{reel.pk}{ANIMATION}"


def recording_of(reel_id: UUID) -> Path:
    """Return where the recording lies of which the clip of a camera's moment is cut."""
    return Path(settings.MEDIA_ROOT) / "clips" / f"{reel_id}.recording"


def reels_visible_to(user: Asker) -> QuerySet[Reel]:
    """Return the reels this user ordered, newest first, but those that show what is in the bin."""
    own = Reel.objects.filter(owner_id=user.pk).exclude(moment__binned_at__isnull=False)
    own = own.exclude(video__binned_at__isnull=False)
    thrown = Photo.objects.filter(owner_id=user.pk, binned_at__isnull=False)
    shows_thrown = Reel.photos.through.objects.filter(photo__in=thrown)
    own = own.exclude(pk__in=shows_thrown.values("reel"))
    return own.order_by("-created_at", "-id")


def title_of(reel: Reel) -> str:
    """Return what a reel is called: an animation by those whom its moment shows now."""
    if reel.kind == Reel.Kind.FANCAM:
        return " & ".join(person.name for person in reel.people.all())[:MAX_NAME_LENGTH]
    people = reel.moment.people.all() if reel.moment is not None else ()
    return " & ".join(person.name for person in people)[:MAX_NAME_LENGTH] or reel.title


def page_of(reels: QuerySet[Reel], cursor: str) -> tuple[list[Reel], str]:
    """Return a page of reels with the titles under which it lists them; not to be saved.

    Returns:
        The reels, newest first, and the cursor of the next page; empty on the last.

    Raises:
        BadQueryError: The cursor is not one of ours.
    """
    found = reels.select_related("moment", "video").prefetch_related("moment__people", "people")
    listed, next_cursor = NewestFirst("created_at").page(found, cursor, REELS_OF_A_PAGE)
    for reel in listed:
        reel.title = title_of(reel)
    return listed, next_cursor


def best_of(moments: QuerySet[Moment], count: int) -> list[Moment]:
    """Return the best moments in order of time: the liked ones first, then by score."""
    liked_first = F("liked_at").asc(nulls_last=True)
    best = moments.order_by(liked_first, BY_SCORE, "-id").prefetch_related("people")[: 2 * count]
    by_photo: dict[UUID | None, Moment] = {}
    for moment in best:
        by_photo.setdefault(moment.photo_id, moment)  # Two stars may share one frame.
    return sorted(list(by_photo.values())[:count], key=lambda moment: moment.at)


def order_film(user: Asker, moments: Sequence[Moment], title: str, *, has_names: bool) -> Reel:
    """Order a film of moments.

    Raises:
        ReelRefusedError: There are none, or too many reels are in the making.
    """
    if not moments:
        raise ReelRefusedError(gettext("There is no moment to make a reel of. Choose others."))
    photos = [moment.photo_id for moment in moments if moment.photo_id]
    people = {one for moment in moments for one in moment.people.all()} if has_names else set()
    return _order(user, Reel(title=title, has_names=has_names), photos, sorted(people, key=str))


def order_loop(user: Asker, moment: Moment) -> Reel:
    """Order an animation of a moment's frames; one that is there already is made anew.

    Raises:
        ReelRefusedError: There is only one frame, or too many reels are in the making.
    """
    frames = moment.frames.filter(photo__state="ready")
    photos = list(frames.values_list("photo_id", flat=True).distinct())
    if len(photos) < LEAST_FRAMES:
        raise ReelRefusedError(
            gettext("This moment has too few frames to move; an animation takes %(count)s.")
            % {"count": LEAST_FRAMES}
        )
    with transaction.atomic():
        for old in reels_visible_to(user).filter(moment=moment, kind=Reel.Kind.LOOP):
            delete_reel(old)
        reel = Reel(kind=Reel.Kind.LOOP, moment=moment, title=LOOP_TITLE, has_names=False)
        return _order(user, reel, [photo for photo in photos if photo], [])


def order_fancams(
    user: Asker,
    video: Video,
    people: Sequence[Person],
    span: tuple[float, float],
    *,
    has_names: bool,
) -> list[Reel]:
    """Order a tall film of each of some stars from a part of a video.

    Raises:
        ReelRefusedError: The part is empty or too long, nobody is meant, nobody may be recognised,
            or too many reels are in the making.
    """
    start, stop = span[0], min(span[1], video.duration_seconds or span[1])
    if stop - start < 1:
        raise ReelRefusedError(gettext("Choose a part of at least one second within the video."))
    if stop - start > MOST_FANCAM_SECONDS:
        raise ReelRefusedError(
            gettext("A fancam is %(minutes)s minutes long at most. Choose a shorter part.")
            % {"minutes": MOST_FANCAM_SECONDS // 60}
        )
    if not has_consent(user.pk or 0):
        raise ReelRefusedError(
            gettext("Nobody can be followed without your consent to face recognition.")
        )
    if not people:
        raise ReelRefusedError(
            gettext("Choose a star. Stars are known here once somebody is named.")
        )
    check_waiting(reels_visible_to(user))
    values = {"kind": Reel.Kind.FANCAM, "title": FANCAM_TITLE, "video": video}
    with transaction.atomic():
        return [
            _save(
                user,
                Reel(**values, start_seconds=start, stop_seconds=stop, has_names=has_names),
                [],
                [person],
            )
            for person in people[:MOST_TOGETHER]
        ]


def _order(user: Asker, reel: Reel, photos: Sequence[UUID], people: Sequence[Person]) -> Reel:
    check_waiting(reels_visible_to(user))
    return _save(user, reel, photos, people)


def _save(user: Asker, reel: Reel, photos: Sequence[UUID], people: Sequence[Person]) -> Reel:
    reel.owner_id = user.pk or 0
    reel.photo_count, reel.person_count = len(photos), len(people)
    with transaction.atomic():
        reel.save()
        reel.photos.set(Photo.objects.filter(pk__in=photos))
        reel.people.set(people)
        jobs.enqueue(STAGE, reel.pk, reel.owner_id)
    return reel


def retry(reel: Reel) -> None:
    """Make a reel anew that could not be made; any other is left alone.

    Raises:
        ReelRefusedError: Too many reels are in the making.
    """
    owner_id = reel.owner_id
    check_waiting(Reel.objects.filter(owner_id=owner_id))
    failed = Reel.objects.filter(pk=reel.pk, state=Reel.State.FAILED)
    with transaction.atomic():
        if failed.update(state=Reel.State.WAITING, failure="", progress=0):
            jobs.enqueue(STAGE, reel.pk, owner_id)


def check_waiting(reels: QuerySet[Reel]) -> None:
    """Refuse another reel while many are in the making; raises ``ReelRefusedError``."""
    waiting = reels.filter(state=Reel.State.WAITING).count()
    if waiting >= MOST_WAITING:
        raise ReelRefusedError(
            gettext("%(waiting)s reels are in the making. Wait for one of them.")
            % {"waiting": waiting}
        )


def delete_reel(reel: Reel) -> None:
    """Delete a reel with its file, job and events; one that is being made is stopped.

    The file goes when the transaction commits, and once more by a job, in case of a crash.
    """
    reel_id, owner_id = reel.pk, reel.owner_id
    with transaction.atomic():
        jobs.cancel(reel_id)
        events.forget(owner_id, [reel_id])
        reel.delete()
        jobs.enqueue(ERASE_REEL, reel_id, owner_id)
        transaction.on_commit(partial(remove_files, reel_id))


def remove_files(reel_id: UUID) -> None:
    """Remove the file of a reel, whatever its kind; one that is gone already is no error."""
    for suffix in CONTENT_TYPES:
        orphans.erase(folder() / f"{reel_id}{suffix}")
    orphans.erase(recording_of(reel_id))


def delete_reels_of(moment_id: UUID) -> None:
    """Delete what was made of one moment, which goes."""
    for reel in Reel.objects.filter(moment_id=moment_id):
        delete_reel(reel)


def erase(claim: jobs.Claim) -> None:
    """Remove what is left of a deleted reel."""
    remove_files(claim.subject_id)


def forget_names(user_id: int) -> None:
    """Delete the reels of a user in which names are written."""
    for reel in Reel.objects.filter(owner_id=user_id, person_count__gt=0):
        delete_reel(reel)


def mark_failed(reel_id: UUID, reason: str) -> None:
    """Say on a reel why it could not be made."""
    Reel.objects.filter(pk=reel_id).update(state=Reel.State.FAILED, failure=reason[:300])


def sweep() -> int:
    """Remove reels that show something deleted; returns how many."""
    links = Reel.objects.annotate(
        photo_links=Count("photos", distinct=True), person_links=Count("people", distinct=True)
    )
    is_stale = Q(photo_links__lt=F("photo_count")) | Q(person_links__lt=F("person_count"))
    stale = list(links.filter(is_stale))
    for reel in stale:
        delete_reel(reel)
    return len(stale)
