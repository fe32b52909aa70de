"""The cast and the rules of every test."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.strictness import (  # noqa: F401 - hooks that pytest finds here
    pytest_make_collect_report,
    pytest_runtest_makereport,
)
from webapp.accounts.models import User
from webapp.vision.models import choice

REPOSITORY = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.", "::1", "localhost", "::ffff:127.")


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """Refuse every connection that leaves this machine, for the whole run."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guard(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not str(address[0]).startswith(
            LOOPBACK
        ):
            raise AssertionError(f"Encore opened a connection to {address[0]}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        guard(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        guard(self, address)
        return connect_ex(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, settings: Any) -> Path:
    """Give each test its own empty media and scratch folders."""
    folder = tmp_path / "data"
    for name, setting in (("media", "MEDIA_ROOT"), ("tmp", "SCRATCH_DIR")):
        (folder / name).mkdir(parents=True, mode=0o700)
        setattr(settings, setting, folder / name)
    settings.FILE_UPLOAD_TEMP_DIR = str(folder / "tmp")
    return folder


@pytest.fixture(autouse=True)
def built_in_recogniser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no owner have chosen a recogniser, so that tests without a database can load models."""
    monkeypatch.setattr(choice, "_readers", [])


@pytest.fixture
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no minute end within a test that counts what happens in one."""
    middle = time.time() // 60 * 60 + 30
    monkeypatch.setattr(time, "time", lambda: middle)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The evaluation data: ``ENCORE_TEST_DATA``, or ``shared/data`` beside the repository.

    Tests that need it are skipped by name where it is absent.
    """
    folder = Path(os.environ.get("ENCORE_TEST_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no evaluation data in {folder} (set ENCORE_TEST_DATA)")
    return folder


@pytest.fixture
def owner(db: None) -> User:
    """The owner of the installation, and of the photos in most tests."""
    return factories.make_user("owner", is_staff=True)


@pytest.fixture
def member(db: None) -> User:
    """Somebody the owner added; has photos of their own and sees no others."""
    return factories.make_user("member")


@pytest.fixture
def stranger(db: None) -> User:
    """A signed-in user to whom nothing in the test belongs."""
    return factories.make_user("stranger")


@pytest.fixture
def as_owner(owner: User) -> Client:
    """A browser in which the owner is signed in."""
    return _signed_in(owner)


@pytest.fixture
def as_member(member: User) -> Client:
    """A browser in which the member is signed in."""
    return _signed_in(member)


@pytest.fixture
def as_stranger(stranger: User) -> Client:
    """A browser in which the stranger is signed in."""
    return _signed_in(stranger)


@pytest.fixture
def run_jobs(db: None) -> Callable[[], int]:
    """Do every pending job in this process, follow-ups included; returns how many there were."""
    return factories.run_pending_jobs


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
