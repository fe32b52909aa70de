"""A star, and a video in which she may be found."""

import pytest

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.video_cast import make_video
from webapp.accounts.models import User
from webapp.accounts.services import give_consent
from webapp.moments.models import Video
from webapp.people.models import Person


@pytest.fixture
def star(owner: User) -> Person:
    give_consent(owner)
    return make_person(owner, "Mina")


@pytest.fixture
def video(owner: User, data_folder: object) -> Video:
    return make_video(owner, seconds=65)
