"""Fixtures of the analysis tests: models whose answers the test decides, and consent."""

import pytest

from tests.webapp.analysis.cast import FakeModels
from webapp import vision
from webapp.accounts.models import User
from webapp.accounts.services import give_consent


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> FakeModels:
    """Models that answer what the test writes down."""
    fake = FakeModels()
    for name in (
        "find_faces",
        "classify_emotions",
        "make_portrait",
        "person_masks",
        "render_portrait",
    ):
        monkeypatch.setattr(vision, name, getattr(fake, name))
    monkeypatch.setattr(vision, "present_embedder", lambda: fake.embedder)
    return fake


@pytest.fixture
def consenting_owner(owner: User) -> User:
    """The owner, who has agreed to face recognition."""
    give_consent(owner)
    return owner
