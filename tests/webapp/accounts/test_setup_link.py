"""The owner's link on installations that are not started by ``manage.py up``."""

import re
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def link(**options: str) -> str:
    out = StringIO()
    call_command("setup_link", stdout=out, **options)
    return out.getvalue().strip()


def test_the_link_opens_the_page_that_makes_the_owner(client: Client) -> None:
    found = re.fullmatch(
        r"https://photos\.example(/setup/\S+/)", link(url="https://photos.example")
    )

    assert found is not None
    assert b"password" in client.get(found[1]).content


def test_without_an_address_the_link_leads_to_the_trusted_one(settings: LazySettings) -> None:
    settings.TRUSTED_ORIGINS = ["https://stage.example"]

    assert link().startswith("https://stage.example/setup/")


def test_a_new_link_ends_the_one_before(client: Client) -> None:
    first = link(url="")
    link(url="")

    assert b"password" not in client.get(first).content


def test_there_is_no_link_once_there_is_an_owner() -> None:
    User.objects.create_user("owner", password="a long password", is_staff=True)

    with pytest.raises(CommandError, match="has an owner already"):
        link()
