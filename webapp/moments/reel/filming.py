"""Makes reels; imported by workers only, because it loads the encoders."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction

from webapp.core import events, jobs
from webapp.moments.models import Moment, MomentFrame, Reel
from webapp.moments.reel import services as reels
from webapp.photos.storage import files_of
from webapp.vision.films import making as films

LOOP_LEAST_MS, LOOP_MOST_MS = 120, 400
"""How long one frame of an animation is shown."""


def make_reel(claim: jobs.Claim) -> None:
    """Encode a reel and put it in its place."""
    reel = Reel.objects.filter(pk=claim.subject_id, owner_id=claim.owner_id).first()
    if reel is None:
        raise jobs.LostClaimError(f"reel {claim.subject_id} is gone")
    folder = reels.folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f".{reel.pk}.{uuid4().hex}.part"
    try:
        if reel.kind == Reel.Kind.LOOP:
            _encode_loop(reel, part)
        else:
            _encode_film(reel, part, _teller(claim))
        with jobs.finish(claim) as done:
            part.chmod(0o600)
            size = part.stat().st_size
            part.replace(reels.file_of(reel))
            Reel.objects.filter(pk=reel.pk).update(
                state=Reel.State.READY, progress=1.0, bytes=size, failure=""
            )
            done.event("reel_ready", {"reel": str(reel.pk)})
    except (films.CannotFilmError, FileNotFoundError) as error:
        raise jobs.BadInputError(_reason(error)) from error
    finally:
        part.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "One of the pictures is not there any more. Make the reel again."
    return str(error)


def _encode_film(reel: Reel, part: Path, tell: Callable[[float], None]) -> None:
    shown = Moment.objects.filter(owner_id=reel.owner_id, photo__in=reel.photos.all())
    by_photo: dict[UUID, films.Shot] = {}
    for moment in shown.order_by("at", "id").prefetch_related("people"):
        if moment.photo_id is not None:  # Two stars may share one frame.
            by_photo.setdefault(moment.photo_id, _shot(moment, moment.photo_id, reel))
    if not by_photo:
        raise jobs.BadInputError("None of these moments is there any more.")
    films.encode_film(part, list(by_photo.values()), tell)


def _shot(moment: Moment, photo_id: UUID, reel: Reel) -> films.Shot:
    path = files_of(photo_id).display
    centre = _centre(moment.frames.filter(is_picked=True).first())
    if not reel.has_names:
        return films.Shot(path, centre=centre)
    linked = set(reel.people.all())  # Who was named since the order would not be forgotten in time.
    name = " & ".join(person.name for person in moment.people.all() if person in linked)
    note = " · ".join(filter(None, (moment.emotion, f"{moment.at.astimezone(moment.zone):%H:%M}")))
    return films.Shot(path, name, note, centre)


def _centre(frame: MomentFrame | None) -> tuple[float, float]:
    if frame is None or len(frame.box) != 4:
        return 0.5, 0.4
    x1, y1, x2, y2 = frame.box
    return (x1 + x2) / 2, (y1 + y2) / 2


def _encode_loop(reel: Reel, part: Path) -> None:
    frames = MomentFrame.objects.filter(moment=reel.moment, photo__in=reel.photos.all())
    rows = list(frames.order_by("captured_at", "id").values_list("photo_id", "captured_at"))
    if len(rows) < 2:
        raise jobs.BadInputError("This moment has only one frame left, so nothing would move.")
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
            payload = {"reel": str(claim.subject_id), "progress": round(share, 3)}
            events.publish(claim.owner_id, "reel_progress", payload)

    return tell
