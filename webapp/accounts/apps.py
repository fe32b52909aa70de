"""Django's entry to the accounts app."""

from django.apps import AppConfig

from webapp.core.extension import hooks


class AccountsConfig(AppConfig):
    """Users, set-up, sessions and consent."""

    name = "webapp.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Print the set-up link when Encore starts without an owner."""
        hooks.greeters.register(_setup_lines)


def _setup_lines(url: str) -> list[str]:
    from webapp.accounts import services  # Models exist only once all apps are loaded.

    token = services.new_setup_token()
    if token is None:
        return []
    return [
        "",
        "There is no owner yet. Open this link once to create the account:",
        f"  {url}/setup/{token}/",
        "",
    ]
