"""The scoring of frames that came with a moment and that its camera's engine had not seen.

Those are frames between two that were seen, and what was captured by hand. The best of all frames
becomes the picture then, unless the user has decided: pressed the button, liked, or picked another.
"""

from uuid import UUID

from webapp.core import jobs
from webapp.moments.models import Moment, MomentFrame
from webapp.moments.queries import taste_of
from webapp.moments.ranking import best_first, score_with
from webapp.moments.services import pick_frame
from webapp.people.queries import locked_gallery_state
from webapp.photos.models import Photo
from webapp.photos.storage import files_of
from webapp.vision.chosen import ChosenFrame
from webapp.vision.models.alternates import FrameFile, score_frames
from webapp.vision.values import UnavailableError, UnreadablePhotoError

STAGE = "score-frames"
CLEARLY_BETTER = 0.02
"""Scores nearer to each other say little about which picture is better."""


def queue_scoring(moment: Moment) -> None:
    """Have frames scored that have come; call it inside the transaction that shows one."""
    if moment.state != Moment.State.READY or moment.session_id is None:
        return
    if moment.frames.filter(score=None, photo__state=Photo.State.READY).exists():
        jobs.enqueue(STAGE, moment.pk, moment.owner_id)


def score_moment(claim: jobs.Claim) -> None:
    """Score the frames of a moment that have come without a score, and rank all of them."""
    moment = Moment.objects.filter(pk=claim.subject_id, owner_id=claim.owner_id).first()
    if moment is None:
        raise jobs.LostClaimError(f"moment {claim.subject_id} is gone")
    frames = moment.frames.filter(photo__state=Photo.State.READY)
    try:
        files = [_file(frame, frame.photo_id) for frame in frames if frame.photo_id is not None]
        found = score_frames(files, taste_of(claim.owner_id).weights)
    except (UnavailableError, UnreadablePhotoError) as error:
        raise jobs.BadInputError(str(error)) from error
    except FileNotFoundError as error:
        raise jobs.LostClaimError(f"a frame of moment {moment.pk} was deleted") from error
    with jobs.finish(claim) as done:
        locked_gallery_state(claim.owner_id)  # First, like whoever picks a frame.
        moment.refresh_from_db(from_queryset=Moment.objects.select_for_update())
        for one in found:
            _write(moment, one)
        _rank(moment)
        done.event("moment_scored", {"photo": str(moment.photo_id)})


def _file(frame: MomentFrame, photo_id: UUID) -> FrameFile:
    x1, y1, x2, y2 = frame.box if len(frame.box) == 4 else (0.0, 0.0, 0.0, 0.0)
    return FrameFile(
        number=frame.number,
        path=files_of(photo_id).display,
        captured_at=frame.captured_at,
        box=(x1, y1, x2, y2) if frame.box else None,
        score=frame.score,
    )


def _write(moment: Moment, found: ChosenFrame) -> None:
    moment.frames.filter(number=found.number, score=None).update(
        score=found.score,
        terms=dict(found.terms),
        reason=found.reason[:200],
        box=list(found.box or ()),
    )


def _rank(moment: Moment) -> None:
    """Let the best frame be the picture, and the moment have the score of its picture."""
    picked = moment.frames.filter(is_picked=True).first()
    if picked is None or picked.score is None:
        return
    best = best_first(moment).filter(photo__state=Photo.State.READY).first()
    is_open = moment.kind != Moment.Kind.MANUAL and moment.judged_at is None
    if is_open and best is not None and (best.score or 0.0) - picked.score > CLEARLY_BETTER:
        pick_frame(moment, best)
        return
    moment.score, moment.reason = score_with(moment, picked), picked.reason
    moment.save(update_fields=["score", "reason"])
