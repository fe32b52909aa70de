"""``manage.py set_email``: by which e-mail address a provider's person gets an account."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from webapp.accounts.models import User
from webapp.accounts.queries import NoSuchUserError, called


class Command(BaseCommand):
    """Write down the address of one account."""

    help = (
        "Say which e-mail address belongs to an account. Whoever first signs in by the provider "
        "with this address, verified there, gets the account from then on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare account and address."""
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("address", metavar="ADDRESS")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it down, unless somebody else has it."""
        address = options["address"].strip().lower()
        try:
            user = called(options["name"])
            validate_email(address)
        except NoSuchUserError as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(f"{address!r} is no e-mail address") from error
        if User.objects.filter(email__iexact=address).exclude(pk=user.pk).exists():
            raise CommandError("another account has this address")
        user.email = address
        user.save(update_fields=["email"])
        self.stdout.write(f"{user.get_username()} has the address {address} now.")
