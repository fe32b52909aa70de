"""Django's entry to the analysis app."""

from django.apps import AppConfig

from webapp.core.stages import Stage, register


class AnalysisConfig(AppConfig):
    """Faces, names, emotions and portraits."""

    name = "webapp.analysis"
    label = "analysis"

    def ready(self) -> None:
        """Register what is done to a photo after it was read, and to a gallery that changed."""
        run = "webapp.analysis.stages"
        register(
            Stage(
                name="recognise",
                run=f"{run}.recognise",
                queue="vision",
                time_limit_seconds=180,
                follows=("ingest",),
            )
        )
        register(
            Stage(
                name="emotions",
                run=f"{run}.emotions",
                queue="vision",
                time_limit_seconds=120,
                follows=("recognise",),
            )
        )
        register(
            Stage(
                name="portrait",
                run=f"{run}.portrait",
                queue="vision",
                time_limit_seconds=180,
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
