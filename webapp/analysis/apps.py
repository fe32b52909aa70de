"""Django's entry to the analysis app."""

from django.apps import AppConfig

from webapp.core import hooks
from webapp.core.stages import Stage, register

PHOTO_LIMIT_SECONDS = 180
"""The same for all that is done to a photo, so that names and emotions may overtake portraits."""


class AnalysisConfig(AppConfig):
    """Faces, names, emotions and portraits."""

    name = "webapp.analysis"
    label = "analysis"

    def ready(self) -> None:
        """Register what is done to a photo after it was read, and to a gallery that changed."""
        hooks.forget_faces_with(_forget_faces)
        run = "webapp.analysis.stages"
        register(
            Stage(
                name="recognise",
                run=f"{run}.recognise",
                queue="vision",
                time_limit_seconds=PHOTO_LIMIT_SECONDS,
                follows=("ingest",),
            )
        )
        register(
            Stage(
                name="emotions",
                run=f"{run}.emotions",
                queue="vision",
                time_limit_seconds=PHOTO_LIMIT_SECONDS,
                rank=1,
                follows=("recognise",),
            )
        )
        register(
            Stage(
                name="portrait",
                run=f"{run}.portrait",
                queue="vision",
                time_limit_seconds=PHOTO_LIMIT_SECONDS,
                rank=2,
                follows=("ingest",),
            )
        )
        register(Stage(name="rematch", run=f"{run}.rematch", time_limit_seconds=600))
        register(Stage(name="catch-up", run=f"{run}.catch_up", time_limit_seconds=600))
        register(
            Stage(
                name="references",
                run=f"{run}.references",
                queue="vision",
                time_limit_seconds=1800,
            )
        )


def _forget_faces(user_id: int) -> None:
    from webapp.accounts.models import User  # Models exist only once all apps are loaded.
    from webapp.analysis.erasure import forget_all_faces

    forget_all_faces(User.objects.get(pk=user_id))
