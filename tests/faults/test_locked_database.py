"""Uploads to the real web server while somebody else holds the database's write lock."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection, connections
from django.test import Client

from tests.server import Server
from tests.webapp.photos.conftest import picture
from webapp.accounts.models import User
from webapp.core.models import Job
from webapp.photos.models import Photo

pytestmark = pytest.mark.django_db(transaction=True)

UPLOADS = 8
TOKEN = "a" * 32


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def web(server: Server, owner: User) -> Iterator[httpx.Client]:
    """A browser in which the owner is signed in."""
    browser = Client()
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    cookies = {"sessionid": browser.cookies["sessionid"].value, "csrftoken": TOKEN}
    url = f"http://127.0.0.1:{server.port}"
    once = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(base_url=url, cookies=cookies, timeout=60, limits=once) as client:
        yield client


@contextmanager
def held_lock() -> Iterator[None]:
    """Hold the write lock, as another program that opened the same file could."""
    name = str(connection.settings_dict["NAME"])
    other = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def upload(web: httpx.Client, seed: int) -> httpx.Response:
    content = picture(seed=seed)
    headers = {
        "Content-Type": "application/offset+octet-stream",
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content)),
        "X-CSRFToken": TOKEN,
    }
    return web.post("/upload/tus/", content=content, headers=headers)


def upload_all(web: httpx.Client) -> list[httpx.Response]:
    with ThreadPoolExecutor(UPLOADS) as pool:
        return list(pool.map(lambda seed: upload(web, seed), range(UPLOADS)))


def test_uploads_succeed_although_the_database_is_locked_for_five_seconds(
    web: httpx.Client,
) -> None:
    answers: list[httpx.Response] = []
    with held_lock():
        started = time.monotonic()
        thread = threading.Thread(target=lambda: answers.extend(upload_all(web)))
        thread.start()
        time.sleep(5)
        assert not answers
    thread.join()
    assert time.monotonic() - started >= 5
    assert [answer.status_code for answer in answers] == [201] * UPLOADS
    assert Photo.objects.count() == UPLOADS
    assert Job.objects.filter(stage="ingest").count() == UPLOADS


def test_uploads_to_a_database_locked_for_too_long_say_when_to_come_back(
    web: httpx.Client, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server's threads open connections of their own, which take the patience from here.
    monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "timeout", 1)
    with held_lock():
        answers = upload_all(web)
    assert [answer.status_code for answer in answers] == [503] * UPLOADS
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert all("busy" in answer.json()["error"] for answer in answers)
    assert [path for path in (data_folder / "media").rglob("*") if path.is_file()] == []
    assert not Photo.objects.exists()
    assert [answer.status_code for answer in upload_all(web)] == [201] * UPLOADS
