"""A concert of the owner with one photo, one named face and one moment."""

from dataclasses import dataclass

import pytest
from django.test import Client

from tests.factories import make_user
from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo
from webapp.access.models import Role
from webapp.access.services import share_with
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace
from webapp.people.models import Person
from webapp.photos.models import Concert, Photo


@dataclass(frozen=True, slots=True)
class Stage:
    """What is shared, and with whom."""

    concert: Concert
    photo: Photo
    face: DetectedFace
    lisa: Person
    fan: Client
    curator: Client


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def stage(owner: User) -> Stage:
    concert = Concert.objects.create(owner=owner, name="Seoul")
    photo = make_photo(owner, concert=concert, face_count=1)
    lisa = make_person(owner, "Lisa", axis=1)
    face = make_face(photo, 0, embedding(1), person=lisa, named_by="user")
    fan, curator = make_user("fan"), make_user("curator")
    share_with(concert, fan, Role.FAN)
    share_with(concert, curator, Role.CURATOR)
    return Stage(concert, photo, face, lisa, signed_in(fan), signed_in(curator))
