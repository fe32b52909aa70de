"""Django's entry to the API."""

from django.apps import AppConfig

from webapp.analysis.apps import WORK_LIMIT_SECONDS
from webapp.core.extension.stages import Stage, register
from webapp.core.files import media


class ApiConfig(AppConfig):
    """Addresses for programs, and predictions."""

    name = "webapp.api"
    label = "api"

    def ready(self) -> None:
        """Register predictions: before all other work, as somebody waits for the answer."""
        from webapp.api.predictions.exchange import KIND, PREDICT

        media.register(KIND)
        register(
            Stage(
                name=PREDICT,
                run="webapp.api.predictions.answering.predict",
                queue="vision",
                time_limit_seconds=WORK_LIMIT_SECONDS,
                rank=-2,
            )
        )
