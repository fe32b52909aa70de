"""Django's entry to the access app."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Roles in concerts of others."""

    name = "webapp.access"
    label = "access"

    def ready(self) -> None:
        """Hear of accounts that are locked out."""
        from webapp.access.services import close_invitations_known_to
        from webapp.accounts.signals import locked_out

        locked_out.connect(close_invitations_known_to)
