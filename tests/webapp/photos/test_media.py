"""The one way to the files of photos."""

import asyncio
import io
import tracemalloc
import uuid
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.urls import reverse
from PIL import Image

from tests.webapp.photos.conftest import Tus, picture
from webapp.core import jobs
from webapp.core.models import Job
from webapp.photos import storage
from webapp.photos.models import Photo
from webapp.photos.stages import ingest

pytestmark = pytest.mark.django_db(transaction=True)

GPS, EXIF_DETAILS = 0x8825, 0x8769
XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:Description exif:GPSLatitude=\"37,31N\""
    b"><script>alert(1)</script></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def body(answer: HttpResponse) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def read_in(photo_id: uuid.UUID) -> None:
    """Run the ingest of one photo and nothing else."""
    claim = jobs.claim(Job.objects.get(stage="ingest", subject_id=photo_id).pk)
    assert claim is not None
    ingest(claim)


def exif_with_place() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Maker", "Model", 6
    exif.get_ifd(EXIF_DETAILS)[0x9003] = "2024:05:06 07:08:09"
    exif.get_ifd(GPS).update({1: "N", 2: (37.0, 30.0, 59.25), 3: "E", 4: (127.0, 1.0, 2.5)})
    return exif


@pytest.fixture
def photo(tus: Tus) -> Photo:
    """A photo that was read in."""
    content = picture(size=(3000, 2000), exif=exif_with_place(), xmp=XMP)
    photo_id = uuid.UUID(tus.whole(content, 'na"me<b>\u00e9.jpg').json()["photo"])
    read_in(photo_id)
    return Photo.objects.get(pk=photo_id)


def url(photo: Photo, variant: str) -> str:
    return f"/photos/{photo.pk}/media/{variant}/"


@pytest.mark.parametrize(
    ("variant", "size"),
    [("thumb", (341, 512)), ("display", (1365, 2048)), ("full", (2000, 3000))],
)
def test_pictures_are_sent_upright_and_inline(
    as_owner: Client, photo: Photo, variant: str, size: tuple[int, int]
) -> None:
    answer = as_owner.get(url(photo, variant))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == "inline"
    assert Image.open(io.BytesIO(body(answer))).size == size


@pytest.mark.parametrize("variant", ["thumb", "display", "full"])
def test_nothing_shown_carries_metadata(as_owner: Client, photo: Photo, variant: str) -> None:
    content = body(as_owner.get(url(photo, variant)))

    decoded = Image.open(io.BytesIO(content))
    assert dict(decoded.getexif()) == {}
    assert set(decoded.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for trace in (b"Exif", b"xmp", b"GPS", b"Maker", b"script"):
        assert trace not in content


def test_the_original_keeps_no_place_but_all_its_pixels(as_owner: Client, photo: Photo) -> None:
    content = body(as_owner.get(url(photo, "original")))

    decoded = Image.open(io.BytesIO(content))
    assert dict(decoded.getexif().get_ifd(GPS)) == {}
    assert b"GPSLatitude" not in content
    assert decoded.getexif()[0x0110] == "Model"
    assert photo.taken_at is not None
    assert photo.taken_at.isoformat() == "2024-05-06T07:08:09+00:00"
    assert photo.camera == "Maker Model"
    clean = Image.open(io.BytesIO(picture(size=(3000, 2000))))
    assert decoded.tobytes() == clean.tobytes()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"state": "uploaded"}, id="not read in yet"),
        pytest.param({"state": "failed"}, id="set aside"),
        pytest.param({"picture_sha256": ""}, id="of an older version"),
        pytest.param({"picture_sha256": Photo.UNREADABLE}, id="could not be revised"),
    ],
)
def test_an_original_that_no_worker_has_cleaned_leaves_without_its_place(
    as_owner: Client, photo: Photo, changes: dict[str, str]
) -> None:
    content = picture(exif=exif_with_place(), xmp=XMP)
    storage.files_of(photo.pk).original.write_bytes(content)
    Photo.objects.filter(pk=photo.pk).update(**changes)

    answer = as_owner.get(url(photo, "original"))

    decoded = Image.open(io.BytesIO(body(answer)))
    assert dict(decoded.getexif().get_ifd(GPS)) == {}
    assert b"GPSLatitude" not in body(answer)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_an_original_that_nobody_understands_does_not_leave(as_owner: Client, photo: Photo) -> None:
    storage.files_of(photo.pk).original.write_bytes(b"somewhere in Seoul")
    Photo.objects.filter(pk=photo.pk).update(state="failed")

    assert as_owner.get(url(photo, "original")).status_code == 404


def test_the_original_leaves_only_as_attachment(as_owner: Client, photo: Photo) -> None:
    answer = as_owner.get(url(photo, "original"))

    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''na%22me")
    assert "\r" not in answer["Content-Disposition"]


@pytest.mark.parametrize("variant", ["thumb", "original"])
def test_files_are_sent_so_that_no_browser_runs_them(
    as_owner: Client, photo: Photo, variant: str
) -> None:
    answer = as_owner.get(url(photo, variant))

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("variant", ["thumb", "display", "full", "original", "portrait"])
def test_a_stranger_gets_404(as_stranger: Client, photo: Photo, variant: str) -> None:
    assert as_stranger.get(url(photo, variant)).status_code == 404


def test_without_signing_in_nothing_is_sent(photo: Photo) -> None:
    assert Client().get(url(photo, "thumb")).status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "/photos/{id}/media/alpha/",
        "/photos/{id}/media/thumb.jpg/",
        "/photos/{id}/media/..%2foriginal/",
        "/photos/{id}/media/%2e%2e/",
        "/photos/{id}/media/../original/",
        "/photos/..%2f..%2fencore.sqlite3/media/thumb/",
        "/media/photos/{shelf}/{id}/thumb.jpg",
        "/static/../media/photos/{shelf}/{id}/thumb.jpg",
        "/photos/{id}/media/portrait/",
    ],
)
def test_guessing_a_path_leads_nowhere(as_owner: Client, photo: Photo, path: str) -> None:
    asked = path.format(id=photo.pk, shelf=photo.pk.hex[:2])

    assert as_owner.get(asked).status_code == 404


def test_a_link_in_the_media_folder_is_not_followed(
    as_owner: Client, photo: Photo, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    files = storage.files_of(photo.pk)
    files.thumb.unlink()
    files.thumb.symlink_to(secret)

    assert as_owner.get(url(photo, "thumb")).status_code == 404


def test_a_linked_folder_is_not_followed(as_owner: Client, photo: Photo, tmp_path: Path) -> None:
    folder = storage.files_of(photo.pk).folder
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")

    assert as_owner.get(url(photo, "thumb")).status_code == 404


def test_a_download_is_named_after_the_photo(as_owner: Client, photo: Photo) -> None:
    answer = as_owner.get(url(photo, "display") + "?download")

    assert answer["Content-Disposition"].startswith("attachment")
    assert "%20display.jpg" in answer["Content-Disposition"]


def test_a_large_file_is_streamed(
    as_owner: Client, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.core.web.sending._WHOLE_BYTES", 1_000)

    answer = as_owner.get(url(photo, "full"))

    assert answer.streaming
    content = body(answer)
    assert len(content) == int(answer["Content-Length"])
    assert content == storage.files_of(photo.pk).full.read_bytes()


def test_an_asynchronous_server_holds_a_little_of_a_large_file_at_a_time(
    as_owner: Client, photo: Photo
) -> None:
    original = storage.files_of(photo.pk).original
    original.write_bytes(bytes(10_000_000))
    client = AsyncClient()
    client.cookies = as_owner.cookies

    async def download() -> tuple[int, int]:
        answer = await client.get(url(photo, "original"))
        tracemalloc.start()
        size = 0
        async for block in answer.streaming_content:
            size += len(block)
        return size, tracemalloc.get_traced_memory()[1]

    try:
        size, peak = asyncio.run(download())
    finally:
        tracemalloc.stop()

    assert size == 10_000_000
    assert peak < 3_000_000


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_orientations_give_the_same_size_and_pixels(tus: Tus, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo_id = uuid.UUID(tus.whole(picture(size=(96, 64), exif=exif)).json()["photo"])
    read_in(photo_id)

    photo = Photo.objects.get()
    assert (photo.width, photo.height) == ((64, 96) if orientation > 4 else (96, 64))


@pytest.mark.parametrize(
    ("called", "variant", "name"),
    [
        pytest.param("x.jpg", "full", "x.jpg", id="its own ending"),
        pytest.param("x.HEIC", "full", "x.jpg", id="another content"),
        pytest.param("x.jpg", "portrait", "x portrait.jpg", id="the portrait"),
        pytest.param("IMG 21.05", "full", "IMG 21.05.jpg", id="a date is no ending"),
        pytest.param("x", "full", "x.jpg", id="no ending"),
        pytest.param("x.jfif", "original", "x.jpg", id="a rare ending"),
        pytest.param("x.png", "original", "x.jpg", id="an ending that lies"),
    ],
)
def test_a_download_is_named_by_its_content(
    as_owner: Client, photo: Photo, called: str, variant: str, name: str
) -> None:
    Photo.objects.update(display_name=called)
    files = storage.files_of(photo.pk)
    files.portrait.write_bytes(files.full.read_bytes())

    answer = as_owner.get(url(photo, variant), {"download": "1"})

    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'


def test_the_page_of_a_photo_leaves_the_name_to_the_file(as_owner: Client, photo: Photo) -> None:
    page = as_owner.get(reverse("analysis:photo", args=[photo.pk])).content.decode()

    assert f"{url(photo, 'full')}?download=1" in page
    assert ".jpg.jpg" not in page
