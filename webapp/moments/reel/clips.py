"""Clips: the seconds around one moment as a film with sound, trimmed by hand.

A clip of a video is cut out of that video. A camera's clip is cut out of a recording of a few
seconds that its page brought (``recordings``), which is kept as long as the clip is, so that the
clip can be trimmed again. Both go with their moment.
"""

from django.db import transaction
from django.utils.translation import gettext

from webapp.access.rights import Asker
from webapp.core import jobs
from webapp.moments.models import Moment, Reel
from webapp.moments.reel.services import (
    LOOP_TITLE,
    STAGE,
    ReelRefusedError,
    check_waiting,
    delete_reel,
    reels_visible_to,
)

AROUND_SECONDS = 3.0
"""Before and after the moment, until it is trimmed otherwise."""
LEAST_SECONDS, MOST_SECONDS = 1.0, 30.0
FURTHEST_SECONDS = 15.0
"""How far from its moment a clip may begin and end."""


def clip_of(moment: Moment) -> Reel | None:
    """Return the clip of a moment, if it has one."""
    clips = Reel.objects.filter(moment=moment, kind=Reel.Kind.CLIP)
    return clips.order_by("-created_at", "-id").first()


def may_be_cut(moment: Moment) -> bool:
    """Whether a clip of this moment can be ordered: there is a video to cut it from."""
    return moment.video is not None and moment.video.binned_at is None


def order_clip(user: Asker, moment: Moment) -> Reel:
    """Order the six seconds around a moment of a video; a clip that is there already is replaced.

    Raises:
        ReelRefusedError: It comes from no video, or too many reels are in the making.
    """
    if moment.video is None or not may_be_cut(moment):
        raise ReelRefusedError(
            gettext("There is no video to cut a clip from. A camera keeps clips while it films.")
        )
    check_waiting(reels_visible_to(user))
    with transaction.atomic():
        for old in Reel.objects.filter(moment=moment, kind=Reel.Kind.CLIP):
            delete_reel(old)
        clip = Reel(owner_id=moment.owner_id, moment=moment, video=moment.video)
        return begin(clip, moment.at_seconds, (AROUND_SECONDS, AROUND_SECONDS))


def begin(clip: Reel, peak: float, around: tuple[float, float]) -> Reel:
    """Store a clip that is to be cut around an instant of its source, and queue that."""
    clip.kind, clip.title, clip.has_names = Reel.Kind.CLIP, LOOP_TITLE, False
    clip.photo_count = 0
    clip.peak_seconds = peak
    clip.start_seconds, clip.stop_seconds = max(0.0, peak - around[0]), peak + around[1]
    with transaction.atomic():
        clip.save()
        jobs.enqueue(STAGE, clip.pk, clip.owner_id)
    return clip


def trim(clip: Reel, before: float, after: float) -> None:
    """Have a clip cut anew, from so long before its moment to so long after it.

    Args:
        clip: One that is ready or failed.
        before: Seconds; ``-before`` to ``after`` need not hold the moment itself.
        after: Seconds.

    Raises:
        ReelRefusedError: It would be too short, too long or too far away, or is being cut just now.
    """
    if not all(abs(one) <= FURTHEST_SECONDS for one in (before, after)):
        raise ReelRefusedError(
            gettext("A clip lies within %d seconds of its moment.") % FURTHEST_SECONDS
        )
    start = max(0.0, clip.peak_seconds - before)
    stop = clip.peak_seconds + after
    if not LEAST_SECONDS <= stop - start <= MOST_SECONDS:
        raise ReelRefusedError(
            gettext("A clip has %(least)d to %(most)d seconds.")
            % {"least": LEAST_SECONDS, "most": MOST_SECONDS}
        )
    cut = Reel.objects.filter(pk=clip.pk).exclude(state=Reel.State.WAITING)
    with transaction.atomic():
        waiting = {"state": Reel.State.WAITING, "failure": "", "progress": 0.0}
        if not cut.update(start_seconds=start, stop_seconds=stop, **waiting):
            raise ReelRefusedError(gettext("The clip is being cut. Wait until it is there."))
        jobs.enqueue(STAGE, clip.pk, clip.owner_id)
