"""An installation on a small disk that fills up, and is used again once there is room."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.e2e.clips import make_film
from tests.faults.browser import sign_in, upload
from tests.faults.moments import make_moments, said
from tests.faults.storm import picture
from tests.live import LiveEncore, wait_until

pytestmark = pytest.mark.timeout(180)

DISK_MEGABYTES = 300


class SmallDisk:
    """A file system of its own, in memory; only root can make one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        options = ["-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)]
        subprocess.run(["mount", *options], check=True, capture_output=True)  # noqa: S607

    def fill(self) -> None:
        """Leave no byte free."""
        with (self.folder / "ballast").open("wb", buffering=0) as file:
            for size in (1_000_000, 4096, 1):
                with suppress(OSError):
                    while file.write(b"\0" * size):
                        pass
        assert shutil.disk_usage(self.folder).free == 0

    def free(self) -> None:
        (self.folder / "ballast").unlink()

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)  # noqa: S607


class PretendedDisk:
    """Fails where upload bytes are written; for accounts that cannot mount anything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def fill(self) -> None:
        (self.folder / "var" / "full").touch()

    def free(self) -> None:
        (self.folder / "var" / "full").unlink()

    def close(self) -> None:
        """Nothing is left to undo."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk | PretendedDisk]:
    """A disk of our own to fill; where it cannot be mounted, one that pretends."""
    disk: SmallDisk | PretendedDisk
    try:
        disk = SmallDisk(tmp_path / "small")
    except (OSError, subprocess.CalledProcessError):
        disk = PretendedDisk(tmp_path / "pretended")
    yield disk
    disk.close()


@pytest.fixture
def client(encore: LiveEncore) -> Iterator[httpx.Client]:
    """A browser in which the owner is signed in."""
    signed_in = sign_in(encore)
    yield signed_in
    signed_in.close()


@pytest.fixture
def encore(disk: SmallDisk | PretendedDisk, tmp_path: Path) -> Iterator[LiveEncore]:
    running = LiveEncore(disk.folder / "var")
    running.log = tmp_path / "log"
    try:
        running.start()
        yield running
    finally:
        running.clean_up()


def test_a_full_disk_is_said_plainly_and_nothing_has_to_be_restarted(
    encore: LiveEncore, client: httpx.Client, disk: SmallDisk | PretendedDisk
) -> None:
    wait_until(lambda: len(encore.children()) >= 5, 60, "the workers did not start")
    assert upload(client, picture(1)).status_code == 201
    wait_until(lambda: encore.states("ingest") == {"done": 1}, 60, "the first photo")
    processes = {child.pid for child in encore.children()}

    disk.fill()
    answers = [upload(client, picture(seed)) for seed in (2, 3)]
    assert [answer.status_code for answer in answers] == [507, 507]
    assert all("disk is full" in answer.json()["error"] for answer in answers)
    assert list((encore.folder / "media").rglob("*.part")) == []
    assert encore.rows("SELECT COUNT(*) FROM photos_photo") == [(1,)]
    assert encore.answers()

    disk.free()
    assert upload(client, picture(2)).status_code == 201
    wait_until(lambda: encore.states("ingest") == {"done": 2}, 60, "the photo after the full disk")
    assert processes <= {child.pid for child in encore.children()}
    assert encore.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_moment_and_a_video_wait_for_room_on_the_disk(
    encore: LiveEncore,
    client: httpx.Client,
    disk: SmallDisk | PretendedDisk,
    tmp_path: Path,
) -> None:
    wait_until(lambda: len(encore.children()) >= 5, 60, "the workers did not start")
    (moment,) = make_moments(encore, 1, 2)
    film = make_film(tmp_path / "film.mp4", rounds=1).read_bytes()

    def bring() -> list[int]:
        """Send both frames of the moment, and the video."""
        frames = [
            upload(client, picture(n), about=said(filename="a.jpg", moment=moment, frame=str(n)))
            for n in (0, 1)
        ]
        video = upload(client, film, "/upload/tus/videos/", said(filename="film.mp4"))
        return [answer.status_code for answer in (*frames, video)]

    disk.fill()
    assert bring() == [507, 507, 507]
    assert encore.rows("SELECT state FROM moments_moment") == [("wanted",)]
    assert encore.rows("SELECT COUNT(*) FROM moments_video") == [(0,)]
    assert list((encore.folder / "media").rglob("*.part")) == []
    assert encore.answers()

    disk.free()
    assert bring() == [201, 201, 201]
    is_ready = [("ready",)]
    wait_until(
        lambda: encore.rows("SELECT state FROM moments_moment WHERE video_id IS NULL") == is_ready,
        60,
        "the moment after the full disk",
    )
    assert encore.rows("SELECT COUNT(*) FROM moments_video") == [(1,)]
    assert encore.rows("PRAGMA integrity_check") == [("ok",)]
