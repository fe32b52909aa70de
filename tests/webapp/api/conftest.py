"""Programs that show keys."""

from collections.abc import Callable, Sequence

import pytest
from django.test import Client

from webapp.accounts.keys import SCOPES, make_key
from webapp.accounts.models import User

Program = Callable[..., Client]


def with_key(user: User, scopes: Sequence[str] = tuple(SCOPES)) -> Client:
    """A program that shows a key of a user, and to which forgery is checked as to browsers."""
    token = make_key(user, "test", list(scopes), None).token
    return Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def program(owner: User) -> Client:
    """A program of the owner that may do everything."""
    return with_key(owner)
