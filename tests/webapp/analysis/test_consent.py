"""Consent taken back on the account page: for the future only, or for what is known as well."""

import pytest
from django.test import Client

from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.accounts.queries import has_consent
from webapp.analysis.models import DetectedFace
from webapp.people.models import Person, Reference

PAGE, ADDRESS = "/account/", "/account/consent/"


@pytest.fixture
def face(consenting_owner: User) -> DetectedFace:
    """A named face of the owner."""
    lisa = make_person(consenting_owner, "Lisa", axis=1)
    return make_face(make_photo(consenting_owner), 0, embedding(1), person=lisa, named_by="user")


def test_the_page_says_what_happens_and_offers_both(face: DetectedFace, as_owner: Client) -> None:
    content = as_owner.get(PAGE).content.decode()
    assert 'name="existing" value="keep"' in content
    assert 'name="existing" value="erase"' in content
    assert "every person, reference and embedding you have goes for good" in content


def test_what_is_known_may_be_kept(face: DetectedFace, as_owner: Client) -> None:
    answer = as_owner.post(ADDRESS, {"existing": "keep"}, follow=True)
    face.refresh_from_db()
    assert not has_consent(face.photo.owner_id)
    assert (face.person is not None, face.embedding) == (True, embedding(1))
    assert Reference.objects.count() == 1
    assert b"what was known stays" in answer.content


def test_what_is_known_may_go_with_the_consent(face: DetectedFace, as_owner: Client) -> None:
    answer = as_owner.post(ADDRESS, {"existing": "erase"}, follow=True)
    face.refresh_from_db()
    assert not has_consent(face.photo.owner_id)
    assert (face.person, face.embedding) == (None, None)
    assert not Person.objects.exists()
    assert not Reference.objects.exists()
    assert b"were deleted" in answer.content


@pytest.mark.parametrize("form", [{}, {"existing": "everything"}])
def test_nothing_is_deleted_by_a_form_that_does_not_say_so(
    face: DetectedFace, as_owner: Client, form: dict[str, str]
) -> None:
    as_owner.post(ADDRESS, form)
    face.refresh_from_db()
    assert face.embedding is not None
    assert not has_consent(face.photo.owner_id)


def test_faces_of_others_stay(face: DetectedFace, as_stranger: Client) -> None:
    as_stranger.post(ADDRESS, {"existing": "erase"})
    face.refresh_from_db()
    assert face.embedding is not None
    assert has_consent(face.photo.owner_id)
