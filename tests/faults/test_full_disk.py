"""An installation on a small disk that fills up, and is used again once there is room."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.storm import Storm, picture
from tests.live import LiveEncore, wait_until

pytestmark = pytest.mark.timeout(180)

DISK_MEGABYTES = 300


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, in memory."""
    mount, folder = shutil.which("mount"), tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)]
    if mount is None or subprocess.run([mount, *options], capture_output=True).returncode:
        pytest.skip("only root may mount a small disk (tmpfs)")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607 - as mount above


@pytest.fixture
def client(encore: LiveEncore) -> Iterator[httpx.Client]:
    """A browser in which the owner is signed in."""
    signed_in = Storm(encore, seed=0).sign_in()
    yield signed_in
    signed_in.close()


@pytest.fixture
def encore(disk: Path) -> Iterator[LiveEncore]:
    running = LiveEncore(disk / "var")
    running.log = disk.parent / "log"
    try:
        running.start()
        yield running
    finally:
        running.clean_up()


def fill(disk: Path) -> Path:
    """Leave no byte free; return the file that takes the room."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1_000_000, 4096, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    assert shutil.disk_usage(disk).free == 0
    return ballast


def upload(client: httpx.Client, seed: int) -> httpx.Response:
    content = picture(seed)
    page = client.get("/account/").text
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    headers = {
        "Content-Type": "application/offset+octet-stream",
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content)),
        "X-CSRFToken": token,
    }
    return client.post("/upload/tus/", content=content, headers=headers)


def test_a_full_disk_is_said_plainly_and_nothing_has_to_be_restarted(
    encore: LiveEncore, client: httpx.Client, disk: Path
) -> None:
    wait_until(lambda: len(encore.children()) >= 5, 60, "the workers did not start")
    assert upload(client, 1).status_code == 201
    wait_until(lambda: encore.states("ingest") == {"done": 1}, 60, "the first photo")
    processes = {child.pid for child in encore.children()}

    ballast = fill(disk)
    answers = [upload(client, seed) for seed in (2, 3)]
    assert [answer.status_code for answer in answers] == [507, 507]
    assert all("disk is full" in answer.json()["error"] for answer in answers)
    assert list((encore.folder / "media").rglob("*.part")) == []
    assert encore.rows("SELECT COUNT(*) FROM photos_photo") == [(1,)]
    assert encore.answers()

    ballast.unlink()
    assert upload(client, 2).status_code == 201
    wait_until(lambda: encore.states("ingest") == {"done": 2}, 60, "the photo after the full disk")
    assert processes <= {child.pid for child in encore.children()}
    assert encore.rows("PRAGMA integrity_check") == [("ok",)]
