"""A backup made while photos are uploaded and deleted restores to a library that is whole."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.faults.browser import sign_in, upload
from tests.faults.storm import picture
from tests.live import REPOSITORY, LiveEncore, wait_until
from tests.services import Postgres

pytestmark = [
    pytest.mark.timeout(280),
    pytest.mark.slow,
    # Connections to a killed server end without a proper close.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FIRST = 10
DELETE_OLDEST = """
from webapp.analysis.erasure import delete_photo
from webapp.photos.models import Photo
import time
for photo in Photo.objects.order_by("created_at")[:6]:
    delete_photo(photo)
    time.sleep(0.1)
"""
COUNT = "from webapp.photos.models import Photo; print(Photo.objects.count())"
WAITS_FOR_A_TABLE = "SELECT 1 FROM pg_locks WHERE mode = 'ShareLock' AND NOT granted"
TROUBLE = "from webapp.core.files import installation; print(repr(installation.trouble()))"


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest) -> Iterator[list[dict[str, str]]]:
    """The settings of two databases, one to back up and one to restore into."""
    if request.param == "sqlite":
        yield [{}, {}]
        return
    server = Postgres()
    server.rows("CREATE DATABASE restored", database="postgres")
    other = server.url.rpartition("/")[0] + "/restored"
    yield [{"ENCORE_DATABASE_URL": url} for url in (server.url, other)]
    server.stop()


def manage(encore: LiveEncore, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPOSITORY,
        env=encore.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


@contextmanager
def busy(encore: LiveEncore, client: httpx.Client) -> Iterator[None]:
    """Photos come in and others are deleted meanwhile."""
    stop = threading.Event()

    def go_on_uploading() -> None:
        number = 1000
        while not stop.is_set():
            upload(client, picture(number))
            number += 1

    uploading = threading.Thread(target=go_on_uploading)
    deleting = threading.Thread(target=encore.python, args=[DELETE_OLDEST])
    uploading.start()
    deleting.start()
    try:
        yield
    finally:
        stop.set()
        uploading.join()
        deleting.join()


def test_a_backup_under_load_restores_to_a_whole_library(
    tmp_path: Path, urls: list[dict[str, str]]
) -> None:
    encore = LiveEncore(tmp_path / "var", settings="webapp.settings", **urls[0])
    restored = LiveEncore(tmp_path / "restored", settings="webapp.settings", **urls[1])
    backup = tmp_path / "backup"
    try:
        encore.start()
        with closing(sign_in(encore)) as client:
            for number in range(FIRST):
                assert upload(client, picture(number)).status_code == 201
            with busy(encore, client):
                code, said = manage(encore, "backup", str(backup))
    finally:
        encore.clean_up()
    assert code == 0, said
    assert list((encore.folder / "media").glob(".backup-*")) == []

    code, said = manage(restored, "restore", str(backup))
    assert code == 0, said
    code, said = manage(restored, "check_library")
    assert (code, said.strip().splitlines()[-1]) == (0, "Every file is there and whole."), said
    assert restored.python(TROUBLE) == "''"
    assert int(restored.python(COUNT)) >= FIRST - 6
    for key in ("secret-key", "push-key"):
        assert (restored.folder / key).read_text() == (encore.folder / key).read_text()

    code, said = manage(restored, "restore", str(backup))
    assert code != 0
    assert "is not empty" in said
    code, said = manage(encore, "backup", str(backup))
    assert code != 0
    assert "is not empty" in said


def test_a_backup_before_the_first_start_is_restored(
    tmp_path: Path, urls: list[dict[str, str]]
) -> None:
    encore = LiveEncore(tmp_path / "var", settings="webapp.settings", **urls[0])
    restored = LiveEncore(tmp_path / "restored", settings="webapp.settings", **urls[1])
    assert manage(encore, "migrate")[0] == 0

    code, said = manage(encore, "backup", str(tmp_path / "backup"))
    assert code == 0, said
    code, said = manage(restored, "restore", str(tmp_path / "backup"))
    assert code == 0, said
    assert restored.python(TROUBLE) == "''"


def test_a_backup_ends_no_writer_that_goes_from_table_to_table(tmp_path: Path) -> None:
    server = Postgres()
    try:
        encore = LiveEncore(
            tmp_path / "var", settings="webapp.settings", ENCORE_DATABASE_URL=server.url
        )
        assert manage(encore, "migrate")[0] == 0
        with psycopg.connect(server.url) as writer, ThreadPoolExecutor(1) as pool:
            writer.execute("UPDATE photos_concert SET name = name")
            backup = pool.submit(manage, encore, "backup", str(tmp_path / "backup"))
            wait_until(lambda: server.rows(WAITS_FOR_A_TABLE), 60, "the backup locks nothing")
            writer.execute("UPDATE core_job SET stage = stage")
            writer.commit()
            code, said = backup.result()
    finally:
        server.stop()
    assert code == 0, said


def test_a_backup_that_was_changed_is_not_restored(tmp_path: Path) -> None:
    encore = LiveEncore(tmp_path / "var", settings="webapp.settings")
    restored = LiveEncore(tmp_path / "restored", settings="webapp.settings")
    assert manage(encore, "migrate")[0] == 0
    settle = "from webapp.core.files import installation; print(installation.settle())"
    assert encore.python(settle) == ""
    assert manage(encore, "backup", str(tmp_path / "backup"))[0] == 0
    key = tmp_path / "backup" / "secret-key"
    key.write_text(key.read_text()[::-1])

    code, said = manage(restored, "restore", str(tmp_path / "backup"))

    assert code != 0
    assert "1 files of the backup are not as written, as secret-key" in said
    assert list((restored.folder / "media").iterdir()) == []


def test_a_missing_pg_dump_is_named(tmp_path: Path) -> None:
    server = Postgres()
    try:
        encore = LiveEncore(
            tmp_path / "var", settings="webapp.settings", ENCORE_DATABASE_URL=server.url
        )
        assert manage(encore, "migrate")[0] == 0
        encore.environment["PATH"] = "/nonexistent"
        code, said = manage(encore, "backup", str(tmp_path / "backup"))
    finally:
        server.stop()
    assert code != 0
    assert "pg_dump is not installed" in said
