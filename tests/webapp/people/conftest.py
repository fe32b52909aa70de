"""Fixtures of the people tests."""

import pytest

from webapp.accounts.models import User
from webapp.accounts.services import give_consent


@pytest.fixture
def consenting_owner(owner: User) -> User:
    """The owner, who has agreed to face recognition."""
    give_consent(owner)
    return owner
