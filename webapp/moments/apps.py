"""Django's entry to the moments app."""

from django.apps import AppConfig

from webapp.core import hooks

SETTLE_SECONDS = 5


def settle() -> None:
    """Make moments ready or lost whose best frame did not come in time."""
    from webapp.moments import arriving  # Models exist only once all apps are loaded.

    arriving.settle_overdue()


class MomentsConfig(AppConfig):
    """Moments, the videos they may come from, and each user's taste."""

    name = "webapp.moments"
    label = "moments"

    def ready(self) -> None:
        """Register what is done for cameras, for uploads, and from time to time."""
        from webapp.live.keeping import keep_with
        from webapp.moments.arriving import destination, settle_by_photo
        from webapp.moments.keeper import MomentKeeper
        from webapp.photos import destinations

        keep_with(MomentKeeper())
        destinations.resolve_with(destination)
        destinations.tell_when_readable(settle_by_photo)
        hooks.do_every(SETTLE_SECONDS, settle)
