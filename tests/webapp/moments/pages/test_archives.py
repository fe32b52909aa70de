"""The ZIP of a star's moments."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import AsyncClient, Client
from django.urls import reverse

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.evening import NOON
from webapp.accounts.models import User
from webapp.moments.pages import archives
from webapp.people.models import Person
from webapp.photos.models import Concert
from webapp.photos.storage import files_of


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert {info.compress_type for info in archive.infolist()} <= {zipfile.ZIP_STORED}
        return {name: archive.read(name) for name in archive.namelist()}


def fetch(client: Client, star: Person, **query: str) -> dict[str, bytes]:
    response = client.get(reverse("moments:archive", args=[star.pk]), query)
    assert response.headers["Content-Type"] == "application/zip"
    return unpacked(b"".join(response))  # type: ignore[arg-type]


@pytest.fixture
def lisa(owner: User) -> Person:
    return make_person(owner, "Lisa")


def test_it_holds_the_picked_frames_and_the_credits(
    owner: User, as_owner: Client, lisa: Person
) -> None:
    concert = Concert.objects.create(owner=owner, name="Born Pink", venue="Seoul")
    moment = make_moment(
        owner, at=NOON, emotion="happy", concert=concert, reason="eyes open, sharp"
    )
    moment.people.set([lisa])
    make_moment(owner).people.set([make_person(owner, "Rose")])

    found = fetch(as_owner, lisa)

    assert moment.photo_id is not None
    assert set(found) == {"Lisa 2026-05-01 12.00.00 happy.jpg", "credits.txt"}
    picture = files_of(moment.photo_id).full.read_bytes()
    assert found["Lisa 2026-05-01 12.00.00 happy.jpg"] == picture
    text = found["credits.txt"].decode()
    assert "Lisa · 01 May 2026, 12:00:00 · Born Pink · Seoul · eyes open, sharp" in text
    assert "made with Encore" in text
    assert "may be wrong" in text


def test_portraits_come_along_if_wanted(owner: User, as_owner: Client, lisa: Person) -> None:
    moment = make_moment(owner, at=NOON)
    moment.people.set([lisa])
    assert moment.photo_id is not None
    files_of(moment.photo_id).portrait.write_bytes(b"portrait")

    assert b"portrait" not in fetch(as_owner, lisa).values()
    assert fetch(as_owner, lisa, portraits="1")["Lisa 2026-05-01 12.00.00 portrait.jpg"] == (
        b"portrait"
    )


def test_liked_ones_alone(owner: User, as_owner: Client, lisa: Person) -> None:
    for liked_at in (NOON, None):
        make_moment(owner, at=NOON, liked_at=liked_at).people.set([lisa])

    assert len(fetch(as_owner, lisa)) == 3
    assert len(fetch(as_owner, lisa, liked="1")) == 2


def test_moments_of_the_same_second_get_numbers(
    owner: User, as_owner: Client, lisa: Person
) -> None:
    for _ in range(3):
        make_moment(owner, at=NOON).people.set([lisa])

    names = set(fetch(as_owner, lisa))

    assert "Lisa 2026-05-01 12.00.00.jpg" in names
    assert "Lisa 2026-05-01 12.00.00 2.jpg" in names
    assert "Lisa 2026-05-01 12.00.00 3.jpg" in names


def test_a_picture_deleted_meanwhile_is_neither_in_it_nor_credited(
    owner: User, as_owner: Client, lisa: Person
) -> None:
    moment = make_moment(owner, at=NOON)
    moment.people.set([lisa])
    assert moment.photo_id is not None
    files_of(moment.photo_id).full.unlink()

    found = fetch(as_owner, lisa)

    assert set(found) == {"credits.txt"}
    assert "12.00.00" not in found["credits.txt"].decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("../../etc/passwd", "etcpasswd"),
        ("..\\x", "x"),
        ("Rosé", "Rosé"),
        ("리사", "리사"),
        ("a\u202egpj", "agpj"),
        ("a\0b\nc", "abc"),
        ("<img onerror=x>", "img onerrorx"),
        ("  ...  ", "moment"),
        ("\U0001f496", "moment"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_name_in_the_archive_is_harmless(text: str, expected: str) -> None:
    assert archives.safe_name(text) == expected


def test_a_time_before_all_archives_is_no_error(owner: User, lisa: Person, tmp_path: Path) -> None:
    picture = tmp_path / "x"
    picture.write_bytes(b"x")
    entry = archives.Entry("x.jpg", picture, datetime(1969, 7, 20, tzinfo=UTC), "then")

    assert unpacked(b"".join(archives.stream(lisa, [entry])))["x.jpg"] == b"x"


def test_pieces_stay_small_however_large_the_pictures(
    owner: User, lisa: Person, tmp_path: Path
) -> None:
    picture = tmp_path / "large"
    picture.write_bytes(bytes(4 * archives.BLOCK_BYTES))
    entries = [archives.Entry(f"{number}.jpg", picture, NOON, "") for number in range(3)]

    pieces = [len(piece) for piece in archives.stream(lisa, entries)]

    assert sum(pieces) > 12 * archives.BLOCK_BYTES
    assert max(pieces) <= archives.BLOCK_BYTES + 1_000


def test_nothing_is_read_before_the_client_takes_it(
    owner: User, lisa: Person, tmp_path: Path
) -> None:
    second = archives.Entry("2.jpg", tmp_path / "second", NOON, "")
    picture = tmp_path / "first"
    picture.write_bytes(b"first")
    pieces: Iterator[bytes] = archives.stream(
        lisa, [archives.Entry("1.jpg", picture, NOON, ""), second]
    )
    first = next(pieces)
    second.path.write_bytes(b"second")

    assert set(unpacked(first + b"".join(pieces))) == {"1.jpg", "2.jpg", "credits.txt"}


@pytest.mark.django_db(transaction=True)
async def test_an_asynchronous_server_sends_it_as_well(owner: User, data_folder: Any) -> None:
    from asgiref.sync import sync_to_async

    lisa = await sync_to_async(make_person)(owner, "Lisa")
    client = AsyncClient()
    await client.aforce_login(owner, backend="django.contrib.auth.backends.ModelBackend")

    response = await client.get(reverse("moments:archive", args=[lisa.pk]))

    content = b"".join([piece async for piece in response])
    assert set(unpacked(content)) == {"credits.txt"}
