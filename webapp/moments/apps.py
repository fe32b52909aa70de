"""Django's entry to the moments app."""

from collections.abc import Iterable
from uuid import UUID

from django.apps import AppConfig

from webapp.accounts.signals import faces_forgotten
from webapp.analysis.apps import WORK_LIMIT_SECONDS
from webapp.core.extension import hooks
from webapp.core.extension.stages import Stage, register
from webapp.core.files import media
from webapp.core.safekeeping import inventory

SETTLE_SECONDS = 5
KEEPING_SECONDS = 30
BIN_SECONDS = 600
REEL_LIMIT_SECONDS = 1800
"""A fancam of a whole song in 4K on a busy machine."""
REEL_SWEEP_SECONDS = 20
"""A picture that was deleted leaves the films within a minute."""
VIDEO_RANK = 3
"""After everything about photos, so that uploads are named between two slices of a video."""

STAGES = (
    Stage(
        name="empty-bin",
        run="webapp.moments.emptying.empty",
        time_limit_seconds=120,
        rank=50,
    ),
    Stage(
        name="taste",
        run="webapp.moments.learning.learn",
        queue="vision",
        time_limit_seconds=WORK_LIMIT_SECONDS,
        rank=1,
    ),
    Stage(
        name="burst",
        subject="photo",
        run="webapp.moments.capture.bursts.stack_burst",
        queue="vision",
        time_limit_seconds=WORK_LIMIT_SECONDS,
        rank=2,
        follows=("emotions",),
    ),
    Stage(
        name="score-frames",
        subject="moment",
        run="webapp.moments.capture.scoring.score_moment",
        queue="vision",
        time_limit_seconds=WORK_LIMIT_SECONDS,
        rank=2,
    ),
    Stage(
        name="burst-clocks",
        run="webapp.moments.capture.bursts.follow_clocks",
        follows=("clocks",),
    ),
    Stage(
        name="name-moments",
        run="webapp.moments.names.naming.name_moments",
        follows=("rematch",),
    ),
    Stage(
        name="reel",
        subject="reel",
        run="webapp.moments.reel.filming.make_reel",
        queue="vision",
        time_limit_seconds=REEL_LIMIT_SECONDS,
        is_awaited=True,
        on_failure="webapp.moments.reel.services.mark_failed",
    ),
    Stage(name="erase-reel", run="webapp.moments.reel.services.erase", time_limit_seconds=90),
    Stage(
        name="analyse-video",
        subject="video",
        run="webapp.moments.video.stages.analyse",
        queue="vision",
        time_limit_seconds=WORK_LIMIT_SECONDS,
        rank=VIDEO_RANK,
        on_failure="webapp.moments.video.services.mark_failed",
    ),
    Stage(name="erase-video", run="webapp.moments.video.stages.erase", time_limit_seconds=90),
)
"""What is done to moments, bursts, reels and videos."""


def settle() -> None:
    """Make moments ready or lost whose best frame did not come in time."""
    from webapp.moments.capture import arriving  # Models exist only once all apps are loaded.

    arriving.settle_overdue()


def tell_of_sessions() -> None:
    """Tell of live sessions that are over what was found in them."""
    from webapp.moments import endings

    endings.tell_of_sessions()


def keep_house() -> None:
    """Delete what has expired or belongs to nothing; end recordings that nobody continues."""
    from webapp.moments import upkeep
    from webapp.moments.video import recording

    recording.finish_left()
    upkeep.expire()
    upkeep.sweep()


def expire_bin() -> None:
    """Have deleted what has been in a bin for too long."""
    from webapp.moments import emptying

    emptying.expire()


def sweep_reels() -> None:
    """Remove reels that show something deleted."""
    from webapp.moments.reel import services as reels

    reels.sweep()


def favourites(user_id: int) -> Iterable[UUID]:
    """Return whom a user wants more of."""
    from webapp.moments.models import Taste

    links = Taste.favourites.through.objects.filter(taste__owner_id=user_id)
    return links.values_list("person_id", flat=True)


def forget_names(user_id: int) -> None:
    """Remove the reels in which names are written, and how named stars looked."""
    from webapp.moments.models import Moment
    from webapp.moments.reel import services as reels

    reels.forget_names(user_id)
    Moment.objects.filter(owner_id=user_id).exclude(look=b"").update(look=b"")


DUTIES = (
    hooks.Duty(BIN_SECONDS, expire_bin),
    hooks.Duty(SETTLE_SECONDS, settle, judges_media=True),
    hooks.Duty(SETTLE_SECONDS, tell_of_sessions),
    hooks.Duty(KEEPING_SECONDS, keep_house, judges_media=True),
    hooks.Duty(REEL_SWEEP_SECONDS, sweep_reels, judges_media=True),
)


class MomentsConfig(AppConfig):
    """Moments, the videos they may come from, and each user's taste."""

    name = "webapp.moments"
    label = "moments"

    def ready(self) -> None:
        """Register what is done for cameras, uploads, videos, reels, and from time to time."""
        from webapp.analysis.names.merging import mergers
        from webapp.analysis.sorting.decisions import taken_back
        from webapp.analysis.sorting.forgetting import keepers
        from webapp.analysis.subjects import favourite_finders
        from webapp.core.events import audiences
        from webapp.live.keeping import keep_with
        from webapp.moments.arranging import follow_concerts, follow_days
        from webapp.moments.audiences import OF_MOMENTS, OF_SESSIONS, OF_VIDEOS
        from webapp.moments.bin import follow_restored, follow_thrown
        from webapp.moments.capture.arriving import destination, settle_by_photo
        from webapp.moments.capture.keeper import MomentKeeper
        from webapp.moments.library import INVENTORIES, KINDS
        from webapp.moments.names.merging import MomentMerger, NamesKeeper
        from webapp.moments.reel.services import delete_reels_of
        from webapp.moments.services import follow_concert, going
        from webapp.moments.video.naming import take_back
        from webapp.photos import arranging, bin
        from webapp.photos.arrival import destinations

        audiences.register(OF_MOMENTS)
        audiences.register(OF_VIDEOS)
        audiences.register(OF_SESSIONS)
        keep_with(MomentKeeper())
        destinations.resolvers.register(destination)
        destinations.readable.connect(settle_by_photo)
        destinations.photo_joined.connect(follow_concert)
        bin.thrown.connect(follow_thrown)
        bin.restored.connect(follow_restored)
        going.connect(delete_reels_of)
        arranging.joined.connect(follow_concerts)
        arranging.parted_by_day.connect(follow_days)
        for duty in DUTIES:
            hooks.duties.register(duty)
        media.register(*KINDS)
        inventory.register(*INVENTORIES)
        faces_forgotten.connect(forget_names)
        taken_back.connect(take_back)
        mergers.register(MomentMerger())
        keepers.register(NamesKeeper())
        favourite_finders.register(favourites)
        for stage in STAGES:
            register(stage)
