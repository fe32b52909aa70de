"""The tus server, request by request."""

import base64
import errno
import hashlib
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.http import UnreadablePostError
from django.test import Client

from tests.webapp.photos.conftest import ENDPOINT, Tus, about, picture
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
