"""The tus server, request by request."""

import hashlib
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.http import UnreadablePostError
from django.test import Client

from tests.webapp.photos.conftest import Tus, about, picture
from webapp.accounts.models import User
from webapp.core.models import Job
from webapp.photos import storage
from webapp.photos.models import Concert, Photo
from webapp.uploads import parts
from webapp.uploads import tus as protocol
from webapp.uploads.models import Upload

pytestmark = pytest.mark.django_db(transaction=True)


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_small_file_is_a_photo_after_one_request(tus: Tus, owner: User) -> None:
    content = picture()

    answer = tus.whole(content, "stage.jpg")

    photo = Photo.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {"photo": str(photo.pk), "duplicate": False}
    assert answer["Upload-Offset"] == str(len(content))
    assert (photo.owner, photo.display_name, photo.bytes) == (owner, "stage.jpg", len(content))
    assert Job.objects.get().stage == "ingest"


def test_the_stored_bytes_have_the_hash_of_the_row(tus: Tus) -> None:
    tus.whole(picture())

    photo = Photo.objects.get()
    stored = storage.files_of(photo.pk).original.read_bytes()
    assert hashlib.sha256(stored).hexdigest() == photo.sha256 == photo.stored_sha256


def test_bytes_are_on_the_disk_before_the_row_is(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, replace, create = os.fsync, Path.replace, Photo.objects.create

    def is_folder(handle: int) -> bool:
        return os.path.isdir(f"/proc/self/fd/{handle}")  # noqa: PTH112

    monkeypatch.setattr(
        os,
        "fsync",
        lambda handle: (steps.append("folder" if is_folder(handle) else "file"), fsync(handle))[1],
    )
    monkeypatch.setattr(
        Path, "replace", lambda self, target: (steps.append("rename"), replace(self, target))[1]
    )
    monkeypatch.setattr(
        Photo.objects, "create", lambda **fields: (steps.append("row"), create(**fields))[1]
    )

    tus.whole(picture())

    assert steps[:3] == ["file", "rename", "folder"]
    assert steps[-1] == "row"


def test_files_and_folders_are_private(tus: Tus, data_folder: Path) -> None:
    tus.whole(picture())

    modes = {path.stat().st_mode & 0o777 for path in files_below(data_folder / "media")}
    folders = {
        path.stat().st_mode & 0o777 for path in (data_folder / "media").rglob("*") if path.is_dir()
    }
    assert modes == {0o600}
    assert folders == {0o700}


def test_a_file_may_come_in_pieces(tus: Tus) -> None:
    content = picture(size=(400, 300))
    url = tus.announce(len(content), **{"Upload-Metadata": about(filename="x.jpg")})["Location"]

    first = tus.patch(url, content[:1000], 0)
    last = tus.patch(url, content[1000:], 1000)

    photo = Photo.objects.get()
    assert (first.status_code, first["Upload-Offset"]) == (204, "1000")
    assert "Encore-Photo" not in first
    assert (last.status_code, last["Upload-Offset"]) == (204, str(len(content)))
    assert last["Encore-Photo"] == str(photo.pk)
    assert storage.files_of(photo.pk).original.read_bytes() == content


def test_after_a_dropped_connection_the_upload_goes_on_where_it_stopped(
    tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = picture(size=(400, 300))
    url = tus.announce(len(content))["Location"]

    def drops(*_: object) -> Any:
        yield content[:700]
        raise UnreadablePostError("connection lost")

    with monkeypatch.context() as broken:
        broken.setattr("webapp.uploads.views._blocks", drops)
        assert tus.patch(url, content, 0).status_code == 400

    there = int(tus.head(url)["Upload-Offset"])
    assert there == 700
    tus.patch(url, content[there:], there)
    assert Photo.objects.get().sha256 == hashlib.sha256(content).hexdigest()


def test_the_length_of_the_file_is_the_truth_about_the_offset(tus: Tus) -> None:
    content = picture(size=(400, 300))
    url = tus.announce(len(content))["Location"]
    tus.patch(url, content[:1000], 0)
    part = parts.part_of(Upload.objects.get().pk)
    os.truncate(part, 600)  # As after a power cut.

    assert tus.head(url)["Upload-Offset"] == "600"


def test_a_finished_upload_still_answers_for_a_client_that_missed_it(tus: Tus) -> None:
    content = picture()
    url = tus.announce(len(content))["Location"]
    tus.patch(url, content, 0)

    again = tus.head(url)

    assert again["Upload-Offset"] == str(len(content))
    assert again["Encore-Photo"] == str(Photo.objects.get().pk)
    assert tus.patch(url, b"", len(content))["Encore-Photo"] == str(Photo.objects.get().pk)
    assert Photo.objects.count() == 1


def test_a_server_that_stopped_between_rename_and_commit_finishes_later(tus: Tus) -> None:
    content = picture()
    url = tus.announce(len(content))["Location"]
    upload_id = Upload.objects.get().pk
    part = parts.part_of(upload_id)
    part.parent.mkdir(mode=0o700, exist_ok=True)
    part.write_bytes(content)
    storage.adopt(part, upload_id)

    there = int(tus.head(url)["Upload-Offset"])
    tus.patch(url, b"", there)

    assert there == len(content)
    assert Photo.objects.get().pk == upload_id


def test_a_client_that_asks_again_while_its_upload_is_finished_loses_nothing(
    tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = picture()
    url = tus.announce(len(content))["Location"]
    adopt, answers = storage.adopt, list[int]()

    def adopt_while_the_client_asks(part: Path, photo_id: UUID) -> None:
        adopt(part, photo_id)
        if not answers:
            answers.append(0)
            answers[0] = tus.patch(url, b"", len(content)).status_code

    monkeypatch.setattr(storage, "adopt", adopt_while_the_client_asks)
    finished = tus.patch(url, content, 0)

    assert (finished.status_code, answers) == (204, [423])
    assert storage.files_of(Photo.objects.get().pk).original.read_bytes() == content
    assert finished["Encore-Duplicate"] == "false"


@pytest.mark.parametrize("in_pieces", [False, True])
def test_the_same_content_is_recognised_whatever_its_name(tus: Tus, in_pieces: bool) -> None:
    content = picture()
    first = tus.whole(content, "a.jpg").json()["photo"]

    if in_pieces:
        url = tus.announce(len(content), **{"Upload-Metadata": about(filename="b.jpg")})["Location"]
        answer = tus.patch(url, content, 0)
    else:
        answer = tus.whole(content, "b.jpg")

    assert answer["Encore-Duplicate"] == "true"
    assert answer["Encore-Photo"] == first
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_photo_without_a_concert_joins_the_one_it_is_uploaded_again_for(
    tus: Tus, owner: User, in_pieces: bool
) -> None:
    content = picture()
    tus.whole(content)
    concert = Concert.objects.create(owner=owner, name="Encore night")

    if in_pieces:
        said = about(filename="a.jpg", concert=str(concert.pk))
        url = tus.announce(len(content), **{"Upload-Metadata": said})["Location"]
        answer = tus.patch(url, content, 0)
    else:
        answer = tus.whole(content, concert=str(concert.pk))
        assert answer.json()["message"] == "Already here; added to the concert."

    assert (answer["Encore-Duplicate"], answer["Encore-Joined"]) == ("true", "true")
    assert Photo.objects.get().concert == concert


def test_a_photo_stays_with_its_concert_when_it_comes_again(tus: Tus, owner: User) -> None:
    first, other = (Concert.objects.create(owner=owner, name=name) for name in ("A", "B"))
    tus.whole(picture(), concert=str(first.pk))

    for again in (tus.whole(picture(), concert=str(other.pk)), tus.whole(picture())):
        assert again["Encore-Duplicate"] == "true"
        assert "Encore-Joined" not in again
    assert Photo.objects.get().concert == first


def test_the_frame_of_a_moment_joins_no_concert(tus: Tus, owner: User) -> None:
    tus.whole(picture())
    Photo.objects.update(shelf=Photo.Shelf.ALTERNATE)
    concert = Concert.objects.create(owner=owner, name="Encore night")

    assert "Encore-Joined" not in tus.whole(picture(), concert=str(concert.pk))
    assert Photo.objects.get().concert is None


def test_two_users_may_have_the_same_photo(tus: Tus, as_member: Client) -> None:
    tus.whole(picture())

    assert Tus(as_member).whole(picture()).json()["duplicate"] is False
    assert Photo.objects.count() == 2


def test_content_that_failed_before_is_tried_anew(tus: Tus) -> None:
    tus.whole(picture())
    Photo.objects.update(state=Photo.State.FAILED, failure="was set aside")

    answer = tus.whole(picture())

    assert answer.json()["duplicate"] is False
    assert Photo.objects.get().state == Photo.State.UPLOADED


def test_a_photo_that_was_set_aside_leaves_no_file_when_its_content_comes_again(tus: Tus) -> None:
    first = UUID(tus.whole(picture()).json()["photo"])
    Photo.objects.update(state=Photo.State.FAILED)  # Set aside: its original is kept for a retry.

    tus.whole(picture())

    assert Photo.objects.get().pk != first
    assert not storage.files_of(first).folder.exists()


def test_a_photo_joins_the_named_concert(tus: Tus, owner: User) -> None:
    concert = Concert.objects.create(owner=owner, name="Encore night")

    tus.whole(picture(), concert=str(concert.pk))

    assert Photo.objects.get().concert == concert


@pytest.mark.parametrize("concert_id", ["3", "6f1c0e4e-0000-4000-8000-000000000000", "<b>"])
def test_a_concert_that_is_not_there_is_refused(tus: Tus, concert_id: str) -> None:
    assert tus.whole(picture(), concert=concert_id).status_code == 400


def test_nobody_uploads_into_the_concert_of_another(tus: Tus, member: User) -> None:
    concert = Concert.objects.create(owner=member, name="Theirs")

    assert tus.whole(picture(), concert=str(concert.pk)).status_code == 400
    assert not Photo.objects.exists()


def test_a_cancelled_upload_leaves_nothing(tus: Tus, data_folder: Path) -> None:
    url = tus.announce(5_000)["Location"]
    tus.patch(url, bytes(100), 0)

    assert tus.delete(url).status_code == 204
    assert tus.head(url).status_code == 404
    assert files_below(data_folder / "media") == []


def test_another_user_finds_no_upload_there(tus: Tus, as_stranger: Client) -> None:
    url = tus.announce(5_000)["Location"]
    stranger = Tus(as_stranger)

    assert stranger.head(url).status_code == 404
    assert stranger.patch(url, b"x", 0).status_code == 404
    assert stranger.delete(url).status_code == 404


def test_an_expired_upload_is_gone(tus: Tus) -> None:
    url = tus.announce(5_000)["Location"]
    Upload.objects.update(expires_at="2020-01-01T00:00:00Z")

    assert tus.head(url).status_code == 404


NAMES = [
    pytest.param("../../etc/passwd.jpg", "passwd.jpg", id="path"),
    pytest.param("..\\..\\boot.jpg", "boot.jpg", id="Windows path"),
    pytest.param("a\x00b\r\nc.jpg", "abc.jpg", id="control characters"),
    pytest.param("photo\u202egpj.exe", "photogpj.exe", id="turned reading direction"),
    pytest.param("", "photo", id="nothing"),
    pytest.param("...///", "...", id="dots and slashes"),
    pytest.param("x" * 300 + ".jpeg", "x" * 115 + ".jpeg", id="300 characters"),
    pytest.param(
        "<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg", id="markup"
    ),
    pytest.param("콘서트 🎤.jpg", "콘서트 🎤.jpg", id="Korean and emoji"),
    pytest.param("%2e%2e%2fx", "%2e%2e%2fx", id="encoded"),
    pytest.param("CON.jpg", "CON.jpg", id="Windows device"),
    pytest.param(".htaccess", ".htaccess", id="dot file"),
    pytest.param("\ud800.jpg", "\ufffd\ufffd\ufffd.jpg", id="half a surrogate"),
]


@pytest.mark.parametrize(("name", "shown"), NAMES)
def test_a_name_is_made_harmless_and_never_becomes_a_path(
    tus: Tus, data_folder: Path, name: str, shown: str
) -> None:
    answer = tus.whole(picture(), name)

    photo = Photo.objects.get()
    assert answer.status_code == 201
    assert photo.display_name == shown
    stored = [
        path.relative_to(data_folder / "media") for path in files_below(data_folder / "media")
    ]
    assert stored == [Path("photos", photo.pk.hex[:2], str(photo.pk), "original")]


def test_every_answer_speaks_the_protocol(tus: Tus) -> None:
    assert tus.announce(10)["Tus-Resumable"] == protocol.VERSION
    assert tus.announce(0)["Tus-Resumable"] == protocol.VERSION
