"""Django's entry to the push app."""

from django.apps import AppConfig

from webapp.core.extension import hooks, stages

LOOK_SECONDS = 10


def queue_due() -> None:
    """Have devices told what did not work before."""
    from webapp.push import services  # Models exist only once all apps are loaded.

    services.queue_due()


class PushConfig(AppConfig):
    """Devices of users that are told what was found, also while no page is open."""

    name = "webapp.push"
    label = "push"

    def ready(self) -> None:
        """Register the job that sends, what asks for it, and what it follows."""
        from django.contrib.auth.signals import user_logged_out

        from webapp.moments.endings import something_found
        from webapp.push.services import follow_found
        from webapp.push.views import forget_at_sign_out

        something_found.connect(follow_found)
        user_logged_out.connect(forget_at_sign_out)
        stages.register(
            stages.Stage(
                name="tell-device",
                run="webapp.push.services.tell",
                time_limit_seconds=300,  # Beside webhooks, whose work is alike.
            )
        )
        hooks.duties.register(hooks.Duty(LOOK_SECONDS, queue_due))
