"""Django's entry to the folders app."""

from django.apps import AppConfig

from webapp.core.extension import hooks, stages

LOOK_SECONDS = 2
"""Between two questions which folders are due; each is looked through more rarely."""


def queue_looks() -> None:
    """Have the folders looked through that are due."""
    from webapp.folders import services  # Models exist only once all apps are loaded.

    services.queue_looks()


class FoldersConfig(AppConfig):
    """Folders of this machine whose pictures are imported as they come."""

    name = "webapp.folders"
    label = "folders"

    def ready(self) -> None:
        """Register the job that looks into a folder, and what asks for it."""
        stages.register(
            stages.Stage(
                name="look-into-folder",
                run="webapp.folders.looking.look",
                time_limit_seconds=120,
                rank=50,  # What has come is read before more is brought.
                on_failure="webapp.folders.services.note_failure",
            )
        )
        hooks.duties.register(hooks.Duty(LOOK_SECONDS, queue_looks))
