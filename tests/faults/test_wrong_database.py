"""A database and media that do not belong together: nothing is removed and nothing called lost."""

import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import age
from tests.live import REPOSITORY, LiveEncore, wait_until
from tests.services import Postgres

pytestmark = pytest.mark.timeout(240)

WATCH_SECONDS = 4
"""How long a sweeper goes on after its first turn, in which every duty is due."""
PHOTOS = 60
FILL = f"""
from uuid import uuid4
from django.conf import settings
from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.files import installation
from webapp.moments.models import Reel, Video
from webapp.moments.reel import services as reels
from webapp.moments.video import storage as video_storage
from webapp.people.models import Person, Reference
from webapp.people.storage import write_crop
from webapp.photos.models import Photo
from webapp.photos.storage import files_of
from webapp.uploads.parts import part_of
print(installation.settle())
owner = User.objects.create_user(username="owner", password="x")
about = dict(owner=owner, bytes=1, stored_sha256="")
for number in range({PHOTOS}):
    photo = Photo.objects.create(sha256=str(number), display_name="a.jpg", state="ready", **about)
    files = files_of(photo.pk)
    files.folder.mkdir(parents=True)
    for path in (files.original, files.full, files.thumb):
        path.write_bytes(str(path).encode())
photo = Photo.objects.create(sha256="x", display_name="a.jpg", **about)
files_of(photo.pk).folder.mkdir(parents=True)
files_of(photo.pk).original.write_bytes(b"x")
jobs.enqueue("ingest", photo.pk, owner.pk)
video = Video.objects.create(owner=owner, display_name="a.mp4", sha256="v", bytes=1)
path = video_storage.file_of(video.pk)
path.parent.mkdir(parents=True)
path.write_bytes(b"video")
jobs.enqueue("analyse-video", video.pk, owner.pk)
reel = Reel.objects.create(owner=owner, title="a", photo_count=0, state="ready")
reels.folder().mkdir()
reels.file_of(reel).write_bytes(b"reel")
person = Person.objects.create(owner=owner, name="Rose")
reference = Reference.objects.create(
    owner=owner, person=person, embedding=b"x", embedder="e", quality=1
)
write_crop(owner.pk, reference.pk, b"crop")
part_of(uuid4()).parent.mkdir()
part_of(uuid4()).write_bytes(b"part")
"""
HEALTH = """
from webapp.core.web.library_health import library_section
print(library_section())
"""
STATES = """
from webapp.moments.models import Moment, Video
from webapp.photos.models import Photo
print(Photo.objects.filter(state="failed").count(), Video.objects.filter(state="failed").count())
"""
PERFORM = """
from webapp.core.jobs import tasks
from webapp.core.models import Job
for pk in list(Job.objects.values_list("pk", flat=True)):
    tasks.perform(pk)
print(sorted(Job.objects.values_list("state", "attempts")))
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    server.rows("CREATE DATABASE empty", database="postgres")
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveEncore]:
    """An installation with a library, whose processes do not run."""
    extra = {}
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        server.rows("DROP SCHEMA public CASCADE")
        server.rows("CREATE SCHEMA public")
        extra["ENCORE_DATABASE_URL"] = server.url
    encore = LiveEncore(tmp_path / "full", settings="webapp.settings", **extra)
    manage(encore, "migrate")
    encore.python(FILL)
    yield encore
    encore.clean_up()


@pytest.fixture
def empty(full: LiveEncore, tmp_path: Path, request: pytest.FixtureRequest) -> LiveEncore:
    """Another installation, without rows, on the same kind of database, with the same media."""
    extra = {}
    if "ENCORE_DATABASE_URL" in full.environment:
        server = request.getfixturevalue("postgres")
        server.rows("DROP SCHEMA public CASCADE", database="empty")
        server.rows("CREATE SCHEMA public", database="empty")
        extra["ENCORE_DATABASE_URL"] = server.url.rpartition("/")[0] + "/empty"
    encore = LiveEncore(tmp_path / "empty", settings="webapp.settings", **extra)
    manage(encore, "migrate")
    shutil.rmtree(encore.folder / "media")
    shutil.copytree(full.folder / "media", encore.folder / "media")
    grow_old(encore.folder / "media")
    return encore


def manage(encore: LiveEncore, *arguments: str) -> str:
    """Run a command of an installation and return what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPOSITORY,
        env=encore.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def grow_old(media: Path) -> None:
    """Let everything look as if it had been written long ago."""
    for path in (*media.rglob("*"), media):
        age(path, hours=30)


def content_of(media: Path) -> dict[str, str]:
    """Return the hash of every file by its path, without the marker."""
    return {
        str(path.relative_to(media)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(media.rglob("*"))
        if path.is_file() and path.name != "installation.json"
    }


def sweep_for_a_while(encore: LiveEncore) -> str:
    """Run ``manage.py sweep`` past its first turn and return its log."""
    with encore.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "sweep"],
            cwd=REPOSITORY,
            env=encore.environment,
            stdout=log,
            stderr=log,
        )
    try:
        beats = "from webapp.core.models import Heartbeat; print(Heartbeat.objects.count())"
        wait_until(lambda: encore.python(beats) != "0", 60, "the sweeper does not run")
        time.sleep(WATCH_SECONDS)
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait()
    return encore.log.read_text()


@pytest.mark.parametrize("is_marked", [True, False], ids=["marked", "of an earlier version"])
def test_an_empty_database_beside_full_media_removes_nothing(
    empty: LiveEncore, *, is_marked: bool
) -> None:
    media = empty.folder / "media"
    if not is_marked:
        (media / "installation.json").unlink()
    before = content_of(media)
    assert len(before) == 3 * PHOTOS + 5

    log = sweep_for_a_while(empty)

    assert content_of(media) == before
    assert log.count("Files are left alone") == 1
    assert "manage.py adopt_media" in log
    health = empty.python(HEALTH)
    assert "error" in health
    assert "manage.py adopt_media" in health
    report = manage(empty, "adopt_media")
    assert f"photos: 0 kept, {PHOTOS + 1} orphaned" in report

    manage(empty, "adopt_media", "--yes")
    log = sweep_for_a_while(empty)
    assert f"{PHOTOS + 1} of {PHOTOS + 1} photos" in log
    photos = {path for path in before if path.startswith("photos/")}
    assert photos <= set(content_of(media))


def test_empty_media_beside_a_full_database_call_nothing_lost(full: LiveEncore) -> None:
    media = full.folder / "media"
    aside = media.rename(full.folder / "unmounted")
    media.mkdir(mode=0o700)

    log = sweep_for_a_while(full)
    waiting = full.python(PERFORM)

    assert "Files are left alone" in log
    assert waiting == "[('pending', 0), ('pending', 0)]"
    assert full.python(STATES) == "0 0"
    assert content_of(media) == {}
    assert "not mounted" in full.python(HEALTH)

    media.rmdir()
    aside.rename(media)
    before = content_of(media)
    grow_old(media)
    sweep_for_a_while(full)
    kept = content_of(media)
    assert {path for path in before if not path.startswith("incoming")} <= set(kept)
    assert "belongs to this database" in full.python(HEALTH)
