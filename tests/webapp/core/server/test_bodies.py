"""Request bodies on a real server: streamed, capped and timed."""

import asyncio
import hashlib
import socket
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from django.test import Client

from tests.server import Server
from tests.webapp.photos.conftest import picture
from webapp.accounts.keys import make_key
from webapp.accounts.models import User
from webapp.core.server import bodies
from webapp.photos.models import Photo
from webapp.uploads import parts
from webapp.uploads.models import Upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    settings.ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def signed_in(owner: User) -> str:
    """Headers of a signed-in browser with its token."""
    browser = Client()
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    token = "a" * 32
    session = browser.cookies["sessionid"].value
    return f"Cookie: sessionid={session}; csrftoken={token}\nX-CSRFToken: {token}"


def request(server: Server, signed_in: str, method: str, path: str, *headers: str) -> str:
    lines = (
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        signed_in,
        "Tus-Resumable: 1.0.0",
        *headers,
    )
    return "\n".join(lines)


BYTES = "Content-Type: application/offset+octet-stream"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def test_an_upload_in_one_request_arrives_whole(server: Server, signed_in: str) -> None:
    content = picture(size=(900, 700), quality=95)
    head = request(
        server,
        signed_in,
        "POST",
        "/upload/tus/",
        BYTES,
        f"Upload-Length: {len(content)}",
        f"Content-Length: {len(content)}",
    )

    assert status(server.send(head, [content])) == 201
    assert Photo.objects.get().sha256 == hashlib.sha256(content).hexdigest()


def test_a_photo_that_comes_to_the_api_as_a_form_is_read_as_it_comes(
    server: Server, owner: User
) -> None:
    token = make_key(owner, "script", ["upload"], None).token
    content = picture(size=(900, 700), quality=95)
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    form = part + content + b"\r\n--b--\r\n"
    head = request(
        server,
        f"Authorization: Bearer {token}",
        "POST",
        "/api/v1/photos",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {len(form)}",
    )

    assert status(server.send(head, [form])) == 201
    assert Photo.objects.get().sha256 == hashlib.sha256(content).hexdigest()


def test_what_arrived_before_the_connection_dropped_is_kept(
    server: Server, signed_in: str, owner: User
) -> None:
    upload = Upload.objects.create(
        owner=owner,
        kind="photo",
        length=500_000,
        filename="x",
        expires_at="2999-01-01T00:00:00Z",
    )
    head = request(
        server,
        signed_in,
        "PATCH",
        f"/upload/tus/{upload.pk}/",
        BYTES,
        "Upload-Offset: 0",
        "Content-Length: 500000",
    )
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        wire.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + bytes(200_000))
        _until(
            lambda: (
                parts.part_of(upload.pk).exists()
                and parts.part_of(upload.pk).stat().st_size == 200_000
            )
        )

    ask = request(server, signed_in, "HEAD", f"/upload/tus/{upload.pk}/")
    assert b"upload-offset: 200000" in server.send(ask).lower()
    rest = request(
        server,
        signed_in,
        "PATCH",
        f"/upload/tus/{upload.pk}/",
        BYTES,
        "Upload-Offset: 200000",
        "Content-Length: 1000",
    )
    _until(lambda: status(server.send(rest, [bytes(1000)])) == 204)
    assert parts.part_of(upload.pk).stat().st_size == 201_000


@pytest.mark.parametrize("path", ["/upload/tus/", "/concerts/new/", "/login/"])
def test_two_gigabytes_without_a_length_are_refused_without_keeping_them(
    server: Server, signed_in: str, path: str
) -> None:
    head = request(
        server,
        signed_in,
        "POST",
        path,
        BYTES,
        "Upload-Length: 50000000",
        "Transfer-Encoding: chunked",
    )
    block = b"10000\r\n" + bytes(65_536) + b"\r\n"
    before = psutil.Process().memory_info().rss

    answer = server.send(head, (block for _ in range(32_768)))

    assert psutil.Process().memory_info().rss - before < 30_000_000
    assert status(answer) in {0, 413}  # The server may hang up before the client reads.
    assert not Photo.objects.exists()
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        pytest.param(
            "/upload/tus/", ("Content-Length: 2000000000",), 413, id="2 GB announced for an upload"
        ),
        pytest.param("/login/", ("Content-Length: 3000000",), 413, id="3 MB announced for a form"),
        pytest.param(
            "/concerts/new/",
            ("Content-Type: multipart/form-data", "Content-Length: 9"),
            400,
            id="multipart without a boundary",
        ),
    ],
)
def test_a_body_that_cannot_be_right_is_refused(
    server: Server, signed_in: str, path: str, headers: tuple[str, ...], expected: int
) -> None:
    head = request(server, signed_in, "POST", path, *headers)

    assert status(server.send(head, [b"123456789"])) == expected


def test_ten_thousand_fields_are_refused(server: Server, signed_in: str) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    content = part * 10_000 + b"--b--\r\n"
    head = request(
        server,
        signed_in,
        "POST",
        "/concerts/new/",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {len(content)}",
    )

    assert status(server.send(head, [content])) in {400, 413}


@pytest.mark.parametrize("path", ["/upload/tus/", "/login/"])
def test_a_client_that_falls_silent_is_let_go(
    server: Server, signed_in: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.3)
    head = request(
        server, signed_in, "POST", path, BYTES, "Upload-Length: 5000", "Content-Length: 5000"
    )

    assert status(server.send(head, [b"x"], wait_seconds=10)) == 408


def test_a_byte_now_and_then_is_too_slow(
    server: Server, signed_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "GRACE_SECONDS", 0.3)
    head = request(
        server,
        signed_in,
        "POST",
        "/upload/tus/",
        BYTES,
        "Upload-Length: 5000",
        "Content-Length: 5000",
    )

    def drip() -> Iterator[bytes]:
        for _ in range(20):
            time.sleep(0.1)
            yield b"x"

    assert status(server.send(head, drip(), wait_seconds=10)) == 408


async def test_a_page_without_a_body_is_not_kept_waiting() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"abc", "more_body": False}

    body = bodies.Body(receive, limit=3)

    assert await asyncio.wait_for(body.next_block(), 1) == b"abc"
    assert await asyncio.wait_for(body.next_block(), 1) == b""


async def test_a_byte_over_the_cap_ends_the_body() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"abcd", "more_body": True}

    with pytest.raises(bodies.BodyTooLargeError):
        await bodies.Body(receive, limit=3).next_block()


def _until(condition: Any, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")
