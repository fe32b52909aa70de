"""Questions one after another, and why a face has its name."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import (
    EMBEDDER,
    embedding,
    make_face,
    make_person,
    make_photo,
    make_reference,
)
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace
from webapp.analysis.services import reject_person
from webapp.analysis.sorting.sureness import CLEARLY, Sureness
from webapp.people.models import Person

NEXT = "/people/guesses/next/"


def resembling(person: Person, similarity: float) -> DetectedFace:
    """Return an unnamed face that resembles somebody."""
    photo = make_photo(person.owner, with_files=False, face_count=1)
    candidates = [{"person": str(person.pk), "similarity": similarity}]
    return make_face(photo, 0, embedding(1), candidates=candidates)


def asked(client: Client, after: str = "") -> list[int]:
    """Return the faces that are asked about."""
    return [one["face"] for one in client.get(NEXT, {"after": after}).json()["guesses"]]


def test_the_likeliest_guess_is_asked_first_with_references_beside(
    owner: User, as_owner: Client
) -> None:
    lisa = make_person(owner, "Lisa", axis=1)
    maybe, likely = resembling(lisa, 0.3), resembling(lisa, 0.5)

    first, second = as_owner.get(NEXT).json()["guesses"]

    assert [first["face"], second["face"]] == [likely.pk, maybe.pk]
    assert first["person"]["name"] == "Lisa"
    assert len(first["references"]) == 1


def test_an_answered_question_is_not_asked_again(owner: User, as_owner: Client) -> None:
    lisa = make_person(owner, "Lisa", axis=1)
    named, rejected, left = (resembling(lisa, share) for share in (0.5, 0.4, 0.3))

    as_owner.post(reverse("analysis:face-name", args=[named.pk]), {"name": "Lisa"})
    reject_person(rejected, lisa)

    assert asked(as_owner) == [left.pk]


def test_questions_go_on_where_the_last_ones_ended(owner: User, as_owner: Client) -> None:
    lisa = make_person(owner, "Lisa")
    faces = [resembling(lisa, 0.5 - number / 100) for number in range(13)]

    first = as_owner.get(NEXT).json()
    rest = as_owner.get(NEXT, {"after": first["after"]}).json()

    ids = [one["face"] for one in first["guesses"] + rest["guesses"]]
    assert ids == [face.pk for face in faces]
    assert rest["after"] == ""


def test_a_stranger_is_asked_nothing(owner: User, as_stranger: Client) -> None:
    resembling(make_person(owner, "Lisa"), 0.4)

    assert asked(as_stranger) == []


@pytest.mark.parametrize("after", ["x", "0.5", "0.5~x", "~"])
def test_a_place_that_is_not_ours_is_refused(as_owner: Client, after: str) -> None:
    assert as_owner.get(NEXT, {"after": after}).status_code == 400


def test_why_a_name_was_given_shows_the_nearest_references(owner: User, as_owner: Client) -> None:
    lisa = make_person(owner, "Lisa", axis=2)
    near = make_reference(lisa, embedding(1, 5, 0.9))
    face = make_face(make_photo(owner), 0, embedding(1), person=lisa, named_by="auto")

    shown = as_owner.get(reverse("analysis:face-why", args=[face.pk])).context["nearest"]

    assert shown[0].reference == near.pk
    assert shown[0].similarity == pytest.approx(0.9, abs=0.02)


def test_words_follow_the_threshold_of_the_library(owner: User) -> None:
    words = Sureness({EMBEDDER: 0.4})

    said = [words.word(EMBEDDER, one) for one in (0.39, 0.41, 0.41 + CLEARLY, None)]

    assert said == ["maybe", "likely", "sure", "maybe"]
