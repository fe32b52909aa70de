"""Fetching optional weights, from a server on this machine."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from inference import weights
from inference.recognition.choice import LOADERS
from webapp import settings as product
from webapp.vision.engine.process import engine_command
from webapp.vision.models import downloads, loading

CONTENT = bytes(range(256)) * 4_000
NAME = "facenet-vggface2"


class Server(HTTPServer):
    """Sends ``content``; stops after ``most`` bytes, and notes which ranges were asked for."""

    content, most, resumes, redirect_to = CONTENT, len(CONTENT), True, ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.ranges: list[str | None] = []


class Answer(BaseHTTPRequestHandler):
    """One answer of the server."""

    server: Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        if self.server.redirect_to:
            self.send_response(302)
            self.send_header("Location", self.server.redirect_to)
            self.end_headers()
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        start = start if self.server.resumes else 0
        whole = len(self.server.content)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        self.send_header("Content-Length", str(whole - start))
        self.end_headers()
        self.wfile.write(self.server.content[start : start + self.server.most])

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The empty folder of weights."""
    settings.WEIGHTS_DIR = tmp_path / "weights"
    settings.WEIGHTS_DIR.mkdir()
    return Path(settings.WEIGHTS_DIR)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Server]:
    """A server with the registered file, to which plain http is allowed."""
    found = Server()
    threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
    record = replace(
        weights.record(NAME),
        filename="toy.pt",
        bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        url=f"http://127.0.0.1:{found.server_port}/toy.pt",
    )
    monkeypatch.setattr(weights, "records", lambda: {NAME: record})
    monkeypatch.setattr(downloads, "SCHEMES", {"https", "http"})
    yield found
    found.shutdown()
    found.server_close()


def fetch() -> str:
    out = StringIO()
    call_command("download_weights", NAME, stdout=out)
    return out.getvalue()


def test_the_file_comes_is_checked_and_is_not_fetched_twice(server: Server, folder: Path) -> None:
    assert str(folder / "toy.pt") in fetch()
    fetch()

    assert weights.locate(weights.record(NAME), folder).read_bytes() == CONTENT
    assert server.ranges == [None]
    assert [path.name for path in folder.iterdir()] == ["toy.pt"]


@pytest.mark.parametrize("resumes", [True, False])
def test_a_broken_download_goes_on_where_it_stopped(
    server: Server, folder: Path, resumes: bool
) -> None:
    server.most, server.resumes = 300_000, resumes
    with pytest.raises(CommandError, match="goes on where it stopped"):
        fetch()
    server.most = len(CONTENT)

    fetch()

    assert server.ranges == [None, "bytes=300000-"]
    assert (folder / "toy.pt").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(CONTENT[::-1], "not the registered file", id="another file"),
        pytest.param(CONTENT + b"more", "sends more than", id="a longer file"),
    ],
)
def test_another_file_is_refused_and_not_kept(
    server: Server, folder: Path, content: bytes, reason: str
) -> None:
    server.content, server.most = content, len(content)

    with pytest.raises(CommandError, match=reason):
        fetch()

    assert not (folder / "toy.pt").exists()
    assert sum(path.stat().st_size for path in folder.iterdir()) == 0


def test_without_a_network_the_command_says_so(server: Server) -> None:
    server.shutdown()
    server.server_close()

    with pytest.raises(CommandError, match=r"127.0.0.1 cannot be reached"):
        fetch()


def test_nothing_comes_over_plain_http(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "SCHEMES", {"https"})

    with pytest.raises(CommandError, match="not https"):
        fetch()
    assert server.ranges == []


def test_a_redirect_to_an_unsafe_address_is_not_followed(server: Server) -> None:
    server.redirect_to = "ftp://127.0.0.1/toy.pt"

    with pytest.raises(CommandError, match="not https"):
        fetch()


def test_a_name_that_is_no_download_is_refused(server: Server) -> None:
    with pytest.raises(CommandError, match=r"'portrait-unet' is none of .*facenet-vggface2"):
        call_command("download_weights", "portrait-unet")


@pytest.fixture
def pair(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two files with terms be of use only together."""
    toy = weights.record(NAME)
    terms = "Pictures of famous people taught it."
    both = {
        name: replace(toy, name=name, filename=f"{name}/toy.pt", terms=terms)
        for name in ("first", "second")
    }
    monkeypatch.setattr(weights, "records", lambda: both)
    monkeypatch.setattr(weights, "BUNDLES", {"pair": ("first", "second")})


@pytest.mark.usefixtures("pair")
def test_nothing_with_terms_is_fetched_before_somebody_accepts_them(
    server: Server, folder: Path
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("download_weights", "pair")

    words = str(refused.value)
    assert "Pictures of famous people taught it." in words
    assert f"{len(CONTENT):,} bytes, MIT" in words
    assert "127.0.0.1" in words
    assert "--accept" in words
    assert server.ranges == []
    assert not list(folder.iterdir())


@pytest.mark.usefixtures("pair")
def test_files_that_belong_together_come_together(folder: Path) -> None:
    call_command("download_weights", "pair", "--accept", stdout=StringIO())

    assert [(folder / name / "toy.pt").read_bytes() == CONTENT for name in ("first", "second")] == [
        True,
        True,
    ]
    assert downloads.downloadable() == ["pair"]


def test_the_download_of_the_two_networks_is_offered_with_its_terms() -> None:
    assert "stars" in downloads.downloadable()
    assert "MS-Celeb-1M" in downloads.terms_of("stars")


def test_the_settings_know_every_embedder() -> None:
    assert ("", *LOADERS) == product.EMBEDDERS


def test_the_embedder_of_the_settings_is_the_one_that_loads(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []

    def load_embedder(_directory: Path, name: str | None) -> Any:
        asked.append(name)
        return type("Fake", (), {"name": name})

    monkeypatch.setattr("inference.pipeline.load_embedder", load_embedder)
    settings.EMBEDDER = NAME
    loading.unload()
    try:
        assert loading.face_pipeline().embedder_name == NAME
    finally:
        loading.unload()
    assert asked == [NAME]


def test_live_faces_are_embedded_by_the_same_embedder(settings: Any) -> None:
    assert "--embedder" not in engine_command(None)
    settings.EMBEDDER = NAME

    command = engine_command(None)

    assert command[command.index("--embedder") + 1] == NAME
