"""``manage.py setup_link``: the one-time link of the owner, where ``manage.py up`` is not used."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.accounts import services


class Command(BaseCommand):
    """Make a link with which the owner account is created; an earlier one ends."""

    help = "Print the one-time link that creates the owner account (manage.py up does it for you)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the address of the site."""
        parser.add_argument(
            "--url", default=_site(), help="address of the site, as browsers see it (%(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        token = services.new_setup_token()
        if token is None:
            raise CommandError("This installation has an owner already; sign in as the owner.")
        self.stdout.write(f"{options['url'].rstrip('/')}/setup/{token}/")


def _site() -> str:
    """Return the first address that the settings know."""
    if settings.TRUSTED_ORIGINS:
        return str(settings.TRUSTED_ORIGINS[0])
    return f"{'https' if settings.HTTPS else 'http'}://localhost:{settings.PORT}"
