"""Django's entry to the webhooks app."""

from django.apps import AppConfig

from webapp.core.extension import hooks, stages

LOOK_SECONDS = 5
PRUNE_SECONDS = 3600


def look_around() -> None:
    """Note what webhooks are to be told, and have sent what is due."""
    from webapp.webhooks import noticing, services  # Models exist only once all apps are loaded.

    noticing.look_around()
    services.queue_due()


def prune() -> None:
    """Forget what was told long ago."""
    from webapp.webhooks import services

    services.prune()


class WebhooksConfig(AppConfig):
    """Addresses elsewhere that are told when something is ready."""

    name = "webapp.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        """Register the job that sends, and what asks for it."""
        stages.register(
            stages.Stage(
                name="tell-webhook",
                run="webapp.webhooks.services.tell",
                time_limit_seconds=300,  # Not beside ingest, which need not wait for others.
            )
        )
        hooks.duties.register(hooks.Duty(LOOK_SECONDS, look_around))
        hooks.duties.register(hooks.Duty(PRUNE_SECONDS, prune))
