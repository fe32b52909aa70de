"""Makes reels; imported by workers only, because it loads the encoders."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext

from webapp.core import events, jobs
from webapp.live.queries import roster_of
from webapp.moments.models import Moment, MomentFrame, Reel
from webapp.moments.pages.showing import faces_of, for_cards
from webapp.moments.reel import services as reels
from webapp.moments.video import storage as video_storage
from webapp.photos.storage import files_of
from webapp.vision import UnavailableError
from webapp.vision.films import fancams
from webapp.vision.films import making as films
from webapp.vision.sandbox.videos import UnreadableVideoError, cut_clip

LOOP_LEAST_MS, LOOP_MOST_MS = 120, 400
"""How long one frame of an animation is shown."""
_CANNOT_FOLLOW = (UnreadableVideoError, UnavailableError)


def make_reel(claim: jobs.Claim) -> None:
    """Encode a reel and put it in its place."""
    reel = Reel.objects.filter(pk=claim.subject_id, owner_id=claim.owner_id).first()
    if reel is None:
        raise jobs.LostClaimError(f"reel {claim.subject_id} is gone")
    folder = reels.folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f".{reel.pk}.{uuid4().hex}.part"
    moving = part.with_name(f"{part.stem}.moving.part")
    try:
        if reel.kind == Reel.Kind.LOOP:
            _encode_loop(reel, part)
        elif reel.kind == Reel.Kind.FANCAM:
            _cut_fancam(reel, part, _teller(claim))
        elif reel.kind == Reel.Kind.CLIP:
            span = (reel.start_seconds, reel.stop_seconds)
            cut_clip(_source_of(reel), part, moving, span, _teller(claim))
        else:
            _encode_film(reel, part, _teller(claim))
        with jobs.finish(claim) as done:
            size = _put(part, reels.file_of(reel))
            if reel.kind == Reel.Kind.CLIP:
                size += _put(moving, reels.animation_of(reel))
                size += 0 if reel.video_id else reels.recording_of(reel.pk).stat().st_size
            Reel.objects.filter(pk=reel.pk).update(
                state=Reel.State.READY, progress=1.0, bytes=size, failure=""
            )
            done.event("reel_ready", {})
    except (films.CannotFilmError, FileNotFoundError, *_CANNOT_FOLLOW) as error:
        raise jobs.BadInputError(_reason(error)) from error
    finally:
        part.unlink(missing_ok=True)
        moving.unlink(missing_ok=True)


def _put(part: Path, place: Path) -> int:
    """Move a finished file to its place; returns its size."""
    part.chmod(0o600)
    size = part.stat().st_size
    part.replace(place)
    return size


def _source_of(clip: Reel) -> Path:
    """Return the file of which a clip is cut."""
    if clip.video_id is not None:
        return video_storage.file_of(clip.video_id)
    return reels.recording_of(clip.pk)


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return gettext(
            "One of its pictures, or its video, is not there any more. Make the reel again."
        )
    return str(error)


def _cut_fancam(reel: Reel, part: Path, tell: Callable[[float], None]) -> None:
    person, video = reel.people.first(), reel.video
    if person is None or video is None:
        raise jobs.BadInputError(
            gettext("The star or the video of this fancam is not there any more.")
        )
    order = fancams.FancamOrder(
        span=(reel.start_seconds, reel.stop_seconds),
        person=person.pk,
        caption=person.name if reel.has_names else "",
    )
    roster = roster_of(reel.owner_id)
    fancams.make_fancam(video_storage.file_of(video.pk), part, order, roster, tell)


def _encode_film(reel: Reel, part: Path, tell: Callable[[float], None]) -> None:
    pictures = reel.photos.filter(binned_at=None)
    shown = Moment.objects.filter(owner_id=reel.owner_id, binned_at=None, photo__in=pictures)
    by_photo: dict[UUID, films.Shot] = {}
    for moment in for_cards(shown.order_by("at", "id")):
        if moment.photo_id is not None:  # Two stars may share one frame.
            by_photo.setdefault(moment.photo_id, _shot(moment, moment.photo_id, reel))
    if not by_photo:
        raise jobs.BadInputError(gettext("None of these moments is there any more."))
    films.encode_film(part, list(by_photo.values()), tell)


def _shot(moment: Moment, photo_id: UUID, reel: Reel) -> films.Shot:
    path = files_of(photo_id).display
    face = faces_of([moment]).get(moment.pk, ())
    if not reel.has_names:
        return films.Shot(path, face=face)
    linked = set(reel.people.all())  # Who was named since the order would not be forgotten in time.
    name = " & ".join(person.name for person in moment.people.all() if person in linked)
    note = " · ".join(filter(None, (moment.emotion, f"{moment.at.astimezone(moment.zone):%H:%M}")))
    return films.Shot(path, name, note, face)


def _encode_loop(reel: Reel, part: Path) -> None:
    frames = MomentFrame.objects.filter(moment=reel.moment, photo__in=reel.photos.all())
    rows = list(frames.order_by("captured_at", "id").values_list("photo_id", "captured_at"))
    if len(rows) < reels.LEAST_FRAMES:
        raise jobs.BadInputError(gettext("This moment has too few frames left to move."))
    times = [at for _, at in rows]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    shown = [round(min(max(gap, LOOP_LEAST_MS), LOOP_MOST_MS)) for gap in [*gaps, LOOP_MOST_MS]]
    pictures = [files_of(photo_id).display for photo_id, _ in rows if photo_id]
    films.encode_loop(part, pictures, shown)


def _teller(claim: jobs.Claim) -> Callable[[float], None]:
    """Return what tells the owner's pages how far a film is, and stops one that was deleted."""

    def tell(share: float) -> None:
        if not jobs.holds(claim):
            raise jobs.LostClaimError(f"reel {claim.subject_id} was deleted meanwhile")
        with transaction.atomic():
            Reel.objects.filter(pk=claim.subject_id).update(progress=share)
            about = events.Subject("reel", claim.subject_id)
            told = {"progress": round(share, 3)}
            events.publish(claim.owner_id, "reel_progress", told, about=about)

    return tell
