"""Photos through the API: added by the rules of the upload page, listed, deleted."""

import hashlib
import os
from typing import Any
from uuid import uuid5

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo
from tests.webapp.photos.conftest import picture
from webapp.accounts.models import User
from webapp.api import receiving as api_receiving
from webapp.api.receiving import _KEYS, ONCE
from webapp.core.models import Job
from webapp.photos.arrival.intake import PHOTOS
from webapp.photos.models import Concert, Photo
from webapp.photos.storage import files_of
from webapp.uploads import parts, receiving
from webapp.uploads.intake import Ticket


def _send(program: Client, content: bytes, key: str = "", **fields: str) -> HttpResponse:
    file = SimpleUploadedFile("stage/evil.jpg", content, "image/jpeg")
    headers = {"Idempotency-Key": key} if key else {}
    return program.post("/api/v1/photos", {"file": file, **fields}, headers=headers)


def test_a_photo_is_stored_and_waits_to_be_read(owner: User, program: Client) -> None:
    concert = Concert.objects.create(owner=owner, name="Seoul")

    answer = _send(program, picture(), concert=str(concert.pk))

    assert answer.status_code == 201
    photo = Photo.objects.get()
    assert answer.json() == {"photo": str(photo.pk), "is_duplicate": False, "has_joined": False}
    assert (photo.owner, photo.concert, photo.display_name) == (owner, concert, "evil.jpg")
    assert files_of(photo.pk).original.read_bytes() == picture()
    assert Job.objects.filter(stage="ingest", subject_id=photo.pk).exists()


def test_the_same_picture_is_one_photo(program: Client) -> None:
    first, second = _send(program, picture()), _send(program, picture())
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["is_duplicate"]
    assert second.json()["photo"] == first.json()["photo"]


def test_a_key_makes_sending_again_harmless(program: Client) -> None:
    first = _send(program, picture(), key="abc")
    again = _send(program, picture(), key="abc")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert Photo.objects.count() == 1


@pytest.mark.parametrize(("seed", "status"), [(0, 201), (1, 422)], ids=["same", "another file"])
def test_of_two_requests_at_the_same_moment_one_claims_the_key(
    seed: int, status: int, program: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced = api_receiving._announced

    def too_early(*whose: Any) -> Any:
        """Let another request come and go between the look at the key and its claim."""
        monkeypatch.setattr(api_receiving, "_announced", announced)
        assert _send(program, picture(), key="abc").status_code == 201
        return announced(*whose).none()

    monkeypatch.setattr(api_receiving, "_announced", too_early)

    late = _send(program, picture(seed=seed), key="abc")

    assert late.status_code == status
    assert Photo.objects.count() == 1
    if status == 201:
        assert late.json()["photo"] == str(Photo.objects.get().pk)


def test_a_second_request_does_not_take_the_bytes_of_the_first_away(
    owner: User, program: Client
) -> None:
    upload_id = uuid5(_KEYS, f"{owner.pk} abc")
    about = {ONCE: hashlib.sha256(picture()).hexdigest()}
    receiving.begin(PHOTOS, Ticket(owner, "evil.jpg", about=about), len(picture()), upload_id)
    with parts.open_part(parts.part_of(upload_id)) as handle:
        os.write(handle, b"half")

        second = _send(program, picture(), key="abc")

        assert second.status_code == 423
        assert second.headers["Retry-After"] == "1"
        assert parts.part_of(upload_id).read_bytes() == b"half"
    assert _send(program, picture(), key="abc").status_code == 201


def test_a_key_belongs_to_one_file(program: Client) -> None:
    _send(program, picture(), key="abc")
    refused = _send(program, picture(seed=1), key="abc")
    assert refused.status_code == 422
    assert "Idempotency-Key" in refused.json()["detail"]
    assert Photo.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(b"", 400, id="empty"),
        pytest.param(b"<html>", 422, id="no photo"),
    ],
)
@pytest.mark.parametrize("key", ["", "abc"])
def test_what_is_no_photo_is_refused_and_leaves_nothing(
    program: Client, content: bytes, status: int, key: str, data_folder: Any
) -> None:
    answer = _send(program, content, key=key)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Photo.objects.exists()
    assert [path for path in data_folder.rglob("*.part") if path.is_file()] == []


def test_a_photo_cannot_go_into_the_concert_of_somebody_else(
    program: Client, stranger: User
) -> None:
    theirs = Concert.objects.create(owner=stranger, name="Seoul")
    assert _send(program, picture(), concert=str(theirs.pk)).status_code == 404
    assert not Photo.objects.exists()


def test_a_photo_is_told_with_everybody_on_it(owner: User, program: Client) -> None:
    photo = make_photo(owner)
    lisa = make_person(owner, "Lisa", axis=1)
    face = make_face(photo, 0, embedding(1), person=lisa, named_by="auto")

    told = program.get(f"/api/v1/photos/{photo.pk}").json()

    assert [(one["id"], one["person"]["name"]) for one in told["faces"]] == [(face.pk, "Lisa")]
    assert "embedding" not in str(told)
    assert program.get(told["files"]["thumb"]).headers["Content-Type"] == "image/jpeg"
    found = program.get("/api/v1/photos", {"person": str(lisa.pk)}).json()["items"]
    assert [one["id"] for one in found] == [str(photo.pk)]


@pytest.mark.parametrize(("query", "rests"), [("", True), ("?for_ever=true", False)])
def test_a_deleted_photo_rests_in_the_bin_or_is_gone(
    owner: User, program: Client, query: str, rests: bool
) -> None:
    photo = make_photo(owner)
    assert program.delete(f"/api/v1/photos/{photo.pk}{query}").status_code == 204
    assert Photo.objects.exclude(binned_at=None).exists() == rests
    assert Photo.objects.exists() == rests
    assert program.get(f"/api/v1/photos/{photo.pk}").status_code == 404


def test_photos_are_searched_by_the_words_of_the_search_box(owner: User, program: Client) -> None:
    photo, other = make_photo(owner), make_photo(owner)
    lisa = make_person(owner, "Lisa", axis=1)
    make_face(photo, 0, embedding(1), person=lisa, named_by="auto")

    found = program.get("/api/v1/photos", {"q": "lisa"}).json()["items"]
    rest = program.get("/api/v1/photos", {"q": "-lisa"}).json()["items"]

    assert [one["id"] for one in found] == [str(photo.pk)]
    assert [one["id"] for one in rest] == [str(other.pk)]
    assert program.get("/api/v1/photos", {"q": "faces:many"}).status_code == 400
