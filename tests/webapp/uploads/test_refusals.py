"""What the tus server refuses, with which sentence, and that nothing is left of it."""

import base64
import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.webapp.photos.conftest import ENDPOINT, Tus, picture
from webapp.accounts.models import User
from webapp.photos.models import Photo
from webapp.uploads import parts
from webapp.uploads.models import Upload

pytestmark = pytest.mark.django_db(transaction=True)


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


REFUSALS = [
    pytest.param({"Tus-Resumable": "0.2.2"}, 412, id="another version"),
    pytest.param({"Upload-Length": "60000001"}, 413, id="a byte over the limit"),
    pytest.param({"Upload-Length": "0"}, 400, id="empty"),
    pytest.param({"Upload-Length": "-1"}, 400, id="negative"),
    pytest.param({"Upload-Length": "1e3"}, 400, id="no number"),
    pytest.param({"Upload-Length": "9" * 40}, 400, id="forty digits"),
    pytest.param({"Upload-Metadata": "filename %%%"}, 400, id="metadata that is no Base64"),
    pytest.param({"Upload-Metadata": "x" * 5_000}, 400, id="metadata of 5 kB"),
]


@pytest.mark.parametrize(("headers", "status"), REFUSALS)
def test_a_wrong_announcement_is_refused_with_a_sentence(
    tus: Tus, headers: dict[str, str], status: int
) -> None:
    answer = tus.announce(5, **headers)

    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("offset", "headers", "status"),
    [
        pytest.param(7, {}, 409, id="another offset"),
        pytest.param(0, {"Content-Type": "image/jpeg"}, 415, id="another content type"),
        pytest.param(0, {"Upload-Checksum": "md5 AAAA"}, 400, id="unknown checksum"),
        pytest.param(0, {"Upload-Checksum": "sha1 %%"}, 400, id="checksum that is no Base64"),
        pytest.param(0, {"Upload-Checksum": "sha1 AAAA"}, 460, id="wrong checksum"),
        pytest.param(0, {"Tus-Resumable": "2.0.0"}, 412, id="another version"),
    ],
)
def test_a_wrong_piece_is_refused_and_leaves_the_upload_as_it_was(
    tus: Tus, offset: int, headers: dict[str, str], status: int
) -> None:
    url = tus.announce(100)["Location"]

    assert tus.patch(url, b"piece", offset, **headers).status_code == status
    assert tus.head(url)["Upload-Offset"] == "0"


def test_a_piece_with_its_checksum_is_taken(tus: Tus) -> None:
    url = tus.announce(100)["Location"]
    digest = base64.b64encode(hashlib.sha256(b"piece").digest()).decode()

    answer = tus.patch(url, b"piece", 0, **{"Upload-Checksum": f"sha256 {digest}"})

    assert (answer.status_code, answer["Upload-Offset"]) == (204, "5")


def test_more_bytes_than_announced_are_refused(tus: Tus) -> None:
    url = tus.announce(100)["Location"]

    assert tus.patch(url, bytes(101), 0).status_code == 413
    assert tus.head(url)["Upload-Offset"] == "0"


def test_two_requests_cannot_write_to_one_upload(tus: Tus) -> None:
    url = tus.announce(100)["Location"]

    with parts.open_part(parts.part_of(Upload.objects.get().pk)):
        answer = tus.patch(url, b"piece", 0)

    assert (answer.status_code, answer["Retry-After"]) == (423, "1")


def test_the_server_says_what_it_can(tus: Tus) -> None:
    answer = tus.browser.options(ENDPOINT)

    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert answer["Tus-Max-Size"] == "60000000"
    assert "creation-with-upload" in answer["Tus-Extension"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"GIF89a" + bytes(100), id="GIF"),
        pytest.param(b"<svg onload='alert(1)'/>", id="SVG"),
        pytest.param(b"%PDF-1.4 " + picture(), id="PDF with a photo inside"),
        pytest.param(picture("PNG")[:60], id="cut off PNG"),
    ],
)
@pytest.mark.parametrize("in_pieces", [False, True])
def test_what_is_no_photo_is_refused_at_once_and_leaves_nothing(
    tus: Tus, data_folder: Path, content: bytes, in_pieces: bool
) -> None:
    if in_pieces:
        answer = tus.patch(tus.announce(len(content))["Location"], content, 0)
    else:
        answer = tus.whole(content)

    assert answer.status_code == 422
    assert answer.json()["error"].endswith(".")
    assert files_below(data_folder / "media") == []
    assert not Upload.objects.exists()
    assert not Photo.objects.exists()


@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_full_disk_answers_507_and_works_again_when_there_is_room(
    tus: Tus, data_folder: Path, monkeypatch: pytest.MonkeyPatch, in_pieces: bool
) -> None:
    content = picture()

    def full(handle: int, block: bytes) -> None:
        os.write(handle, block[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    def attempt() -> Any:
        if in_pieces:
            return tus.patch(tus.announce(len(content))["Location"], content, 0)
        return tus.whole(content)

    with monkeypatch.context() as disk:
        disk.setattr(parts, "write_all", full)
        answer = attempt()

    assert answer.status_code == 507
    assert "disk is full" in answer.json()["error"]
    assert files_below(data_folder / "media") == []
    assert not Photo.objects.exists()
    assert attempt().status_code in {201, 204}
    assert Photo.objects.count() == 1


def test_a_disk_with_only_its_reserve_left_is_full(
    tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "RESERVED_BYTES", 2**60)

    assert tus.announce(1_000).status_code == 507


def test_the_rate_limit_names_itself_and_says_when_to_come_back(tus: Tus, settings: Any) -> None:
    settings.UPLOADS_PER_MINUTE = 3
    answers = [tus.announce(10) for _ in range(8)]

    assert 429 in [answer.status_code for answer in answers]
    assert answers[0].status_code == 201
    assert int(answers[-1]["Retry-After"]) > 0


def test_too_many_unfinished_uploads_are_refused(tus: Tus, settings: Any) -> None:
    settings.UPLOAD_MAX_UNFINISHED = 2

    assert [tus.announce(10).status_code for _ in range(3)] == [201, 201, 429]


def test_a_user_has_a_share_and_a_full_one_is_answered_as_a_full_disk(
    tus: Tus, settings: Any
) -> None:
    settings.UPLOAD_MAX_STORED_BYTES = 1_000

    answer = tus.announce(1_001)

    assert answer.status_code == 507
    assert "Delete some" in answer.json()["error"]


def test_an_upload_needs_the_csrf_token(owner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    client = Tus(browser)
    upload = Upload.objects.create(
        owner=owner, length=9, filename="x", expires_at="2999-01-01T00:00:00Z"
    )

    assert client.whole(picture()).status_code == 403
    assert client.patch(f"{ENDPOINT}{upload.pk}/", b"x", 0).status_code == 403
    assert client.delete(f"{ENDPOINT}{upload.pk}/").status_code == 403
    assert Upload.objects.get() == upload


def test_nobody_uploads_without_signing_in(db: None) -> None:
    answer = Tus(Client()).whole(picture())

    assert answer.status_code in {302, 401, 403}
    assert not Photo.objects.exists()
