"""Uploads whose length is told only with their last bytes."""

import errno
from typing import Any

import pytest

from tests.webapp.photos.conftest import Tus, about, picture
from webapp.photos.models import Photo
from webapp.uploads import parts
from webapp.uploads.models import Upload

pytestmark = pytest.mark.django_db(transaction=True)


def _open(tus: Tus) -> str:
    """Announce a file that will grow; returns its address."""
    answer = tus.browser.post(
        "/upload/tus/",
        b"",
        content_type="text/plain",
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Defer-Length": "1",
            "Upload-Metadata": about(filename="grown.jpg"),
        },
    )
    assert answer.status_code == 201, answer.content
    assert answer["Upload-Defer-Length"] == "1"
    assert "Upload-Length" not in answer
    return str(answer["Location"])


def test_the_server_says_that_it_takes_uploads_of_unknown_length(tus: Tus) -> None:
    answer = tus.browser.options("/upload/tus/")
    assert "creation-defer-length" in answer["Tus-Extension"].split(",")


def test_a_file_grows_and_is_finished_by_its_length(tus: Tus) -> None:
    content = picture()
    url = _open(tus)
    first = tus.patch(url, content[:100], 0)
    assert (first.status_code, first["Upload-Offset"]) == (204, "100")
    asked = tus.head(url)
    assert (asked["Upload-Offset"], asked["Upload-Defer-Length"]) == ("100", "1")
    tus.patch(url, content[100:], 100)
    assert not Photo.objects.exists()
    whole = {"Upload-Length": str(len(content))}
    last = tus.patch(url, b"", len(content), **whole)
    assert last["Encore-Photo"] == str(Photo.objects.get().pk)
    again = tus.patch(url, b"", len(content), **whole)
    assert again["Encore-Photo"] == last["Encore-Photo"]


def test_the_length_may_come_with_the_last_bytes(tus: Tus) -> None:
    content = picture()
    url = _open(tus)
    last = tus.patch(url, content, 0, **{"Upload-Length": str(len(content))})
    assert last["Encore-Photo"] == str(Photo.objects.get().pk)


def test_a_length_that_is_told_early_is_held_to(tus: Tus) -> None:
    url = _open(tus)
    tus.patch(url, b"abc", 0, **{"Upload-Length": "5"})
    asked = tus.head(url)
    assert (asked["Upload-Offset"], asked["Upload-Length"]) == ("3", "5")
    assert "Upload-Defer-Length" not in asked
    assert tus.patch(url, b"defgh", 3).status_code == 413
    assert tus.head(url)["Upload-Offset"] == "3"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Upload-Length": "2"}, 400, id="a length shorter than what is there"),
        pytest.param({"Upload-Length": "many"}, 400, id="a length that is no number"),
    ],
)
def test_a_wrong_length_is_refused_and_the_bytes_stay(
    tus: Tus, headers: dict[str, str], status: int
) -> None:
    url = _open(tus)
    tus.patch(url, b"abc", 0)
    assert tus.patch(url, b"", 3, **headers).status_code == status
    assert tus.head(url)["Upload-Offset"] == "3"


@pytest.mark.parametrize("headers", [{"Upload-Defer-Length": "2"}, {"Upload-Length": "7"}])
def test_a_length_is_told_or_deferred(tus: Tus, headers: dict[str, str]) -> None:
    sent = {"Upload-Defer-Length": "1", "Tus-Resumable": "1.0.0", **headers}
    answer = tus.browser.post("/upload/tus/", b"", content_type="text/plain", headers=sent)
    assert answer.status_code == 400
    assert "stands in place of" in answer.json()["error"]


def test_a_growing_file_is_held_to_the_largest_size(tus: Tus, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    url = _open(tus)
    tus.patch(url, b"12345678", 0)
    refused = tus.patch(url, b"9abc", 8)
    assert refused.status_code == 413
    assert "the limit is" in refused.json()["error"]
    assert tus.head(url)["Upload-Offset"] == "8"


def test_a_full_disk_costs_a_growing_file_only_the_last_bytes(
    tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = _open(tus)
    tus.patch(url, b"abc", 0)
    write = parts.write_all

    def half(handle: int, block: bytes) -> None:
        write(handle, block[:1])
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(parts, "write_all", half)
    refused = tus.patch(url, b"def", 3)
    assert refused.status_code == 507
    assert refused.json()["error"]
    monkeypatch.setattr(parts, "write_all", write)
    assert tus.head(url)["Upload-Offset"] == "3"
    assert tus.patch(url, b"def", 3)["Upload-Offset"] == "6"


def test_a_growing_file_lives_on_while_it_grows(tus: Tus) -> None:
    url = _open(tus)
    before = Upload.objects.get().expires_at
    tus.patch(url, b"abc", 0)
    assert Upload.objects.get().expires_at > before
