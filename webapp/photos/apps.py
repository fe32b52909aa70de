"""Django's entry to the photos app."""

from django.apps import AppConfig

from webapp.core import hooks, stages

SWEEP_SECONDS = 600


def sweep() -> None:
    """Remove what uploads and workers that never ended have left behind."""
    from webapp.photos import services

    services.sweep_uploads()
    services.sweep_folders()
    services.sweep_pieces()


class PhotosConfig(AppConfig):
    """Concerts, photos and their files."""

    name = "webapp.photos"
    label = "photos"

    def ready(self) -> None:
        """Register what is done to a photo and to what is left of a deleted one."""
        stages.register(
            stages.Stage(
                name="ingest",
                run="webapp.photos.stages.ingest",
                time_limit_seconds=120,
                on_failure="webapp.photos.services.mark_failed",
            )
        )
        stages.register(
            stages.Stage(name="erase", run="webapp.photos.stages.erase", time_limit_seconds=90)
        )
        hooks.do_every(SWEEP_SECONDS, sweep)
