"""Deleting, failing and sweeping."""

import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction

from tests import factories
from tests.webapp.photos.conftest import Tus, picture
from tests.webapp.vision.sandbox.children import KILLED, decoding_with
from webapp.accounts.models import User
from webapp.core import (
    events,
    jobs,
)
from webapp.core.files import durable, installation, orphans
from webapp.core.jobs import tasks
from webapp.core.models import Event, Job
from webapp.core.processes.upkeep import truncate_wal
from webapp.photos import services, storage
from webapp.photos.models import Photo
from webapp.uploads import parts, receiving
from webapp.uploads.models import Upload

pytestmark = pytest.mark.django_db(transaction=True)


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def photo(tus: Tus) -> Photo:
    """A photo that was read in."""
    photo_id = UUID(tus.whole(picture()).json()["photo"])
    tasks.perform(Job.objects.get(stage="ingest", subject_id=photo_id).pk)
    return Photo.objects.get(pk=photo_id)


def test_a_read_photo_is_ready_and_its_page_hears_of_it(photo: Photo) -> None:
    event = Event.objects.get(kind="photo_ready")

    assert (photo.state, photo.format, photo.width, photo.height) == ("ready", "JPEG", 96, 64)
    assert event.payload == {"photo": str(photo.pk), "thumb": True, "width": 96, "height": 64}
    assert set(Job.objects.values_list("stage", flat=True)) >= {"ingest", "recognise", "portrait"}


def test_reading_twice_leaves_the_same(photo: Photo) -> None:
    before = sorted(path.name for path in storage.files_of(photo.pk).folder.iterdir())
    job = jobs.enqueue("ingest", photo.pk, photo.owner_id)

    tasks.perform(job.pk)

    assert sorted(path.name for path in storage.files_of(photo.pk).folder.iterdir()) == before
    assert Photo.objects.get().state == "ready"


def test_a_photo_that_cannot_be_read_says_why_and_its_file_rests_in_the_trash(
    tus: Tus, data_folder: Path
) -> None:
    content = bytearray(picture("PNG"))
    content[60:-20] = bytes(len(content) - 80)
    photo_id = UUID(tus.whole(bytes(content)).json()["photo"])

    tasks.perform(Job.objects.get(stage="ingest").pk)

    photo = Photo.objects.get(pk=photo_id)
    assert photo.state == "failed"
    assert photo.failure == "The file is broken and cannot be read as PNG."
    assert Event.objects.get(kind="job_failed").payload["reason"] == photo.failure
    assert not storage.files_of(photo_id).folder.exists()
    (rested,) = orphans.trash().glob("*/photos/*/*/original")
    assert rested.read_bytes() == content

    services.delete_photo(photo)
    assert files_below(data_folder / "media") == []


def test_a_decoder_that_is_killed_is_tried_three_times_and_then_set_aside(
    tus: Tus, tmp_path: Path
) -> None:
    photo_id = UUID(tus.whole(picture()).json()["photo"])
    job = Job.objects.get(stage="ingest")

    with decoding_with(KILLED, tmp_path):
        for _ in range(5):
            tasks.perform(job.pk)

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("quarantined", 3)
    assert Photo.objects.get().state == "failed"
    assert storage.files_of(photo_id).original.exists()


HANGING = "import time; JOBS = {'decode': lambda folder: time.sleep(60)}"
BROKEN_DISK = """
import errno, inference.images.decoding as decoding
def _decode(*_):
    raise OSError(errno.EIO, "Input/output error")
decoding._decode = _decode
"""


@pytest.mark.parametrize(
    "child", [pytest.param(HANGING, id="hangs"), pytest.param(BROKEN_DISK, id="broken disk")]
)
def test_an_original_outlives_a_disk_that_is_slow_or_broken_for_a_while(
    tus: Tus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, child: str
) -> None:
    photo_id = UUID(tus.whole(picture()).json()["photo"])
    job = Job.objects.get(stage="ingest")
    with monkeypatch.context() as trouble, decoding_with(child, tmp_path):
        trouble.setattr("webapp.vision.sandbox.photos.TIME_LIMIT_SECONDS", 3)
        for _ in range(jobs.MAX_ATTEMPTS):
            tasks.perform(job.pk)

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("quarantined", 3)
    assert storage.files_of(photo_id).original.read_bytes() == picture()
    tasks.perform(jobs.enqueue("ingest", photo_id, job.owner_id).pk)
    assert Photo.objects.get().state == "ready"


def test_a_photo_that_needs_too_much_memory_is_set_aside_with_a_reason_and_its_original(
    tus: Tus, tmp_path: Path
) -> None:
    photo_id = UUID(tus.whole(picture(size=(6000, 5000))).json()["photo"])
    job = Job.objects.get(stage="ingest")

    with decoding_with("MEMORY_BYTES = 190_000_000", tmp_path):
        tasks.perform(job.pk)

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("quarantined", 1)
    assert "memory" in Photo.objects.get().failure
    assert storage.files_of(photo_id).original.exists()
    assert "memory" in Event.objects.get(kind="job_quarantined").payload["reason"]


def test_the_decoder_has_no_django_and_no_models() -> None:
    code = (
        "import sys, runpy; sys.argv=['x','/nonexistent'];\n"
        "runpy.run_path('webapp/vision/sandbox/photo_child.py', run_name='child')\n"
        "heavy = {'django', 'torch', 'cv2', 'celery', 'webapp'}\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & heavy))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"


def test_a_deleted_photo_leaves_no_row_job_event_or_file(
    photo: Photo, data_folder: Path, owner: User
) -> None:
    photo_id = photo.pk

    services.delete_photo(photo)

    assert not Photo.objects.exists()
    assert list(Job.objects.values_list("stage", flat=True)) == ["erase"]
    assert not Event.objects.exists()
    assert files_below(data_folder / "media") == []
    assert not storage.files_of(photo_id).folder.exists()


def test_what_a_worker_wrote_during_the_deletion_goes_as_well(photo: Photo) -> None:
    folder = storage.files_of(photo.pk).folder
    services.delete_photo(photo)
    folder.mkdir(parents=True)
    (folder / "alpha.png").write_bytes(b"late")

    tasks.perform(Job.objects.get(stage="erase").pk)

    assert not folder.exists()
    assert Job.objects.get(stage="erase").state == "done"


def test_a_worker_cannot_write_into_a_deleted_photo(photo: Photo) -> None:
    files = storage.files_of(photo.pk)
    services.delete_photo(photo)

    with pytest.raises(FileNotFoundError):
        durable.write_synced(files.alpha, b"late")
    assert not files.folder.exists()


def test_a_running_ingest_of_a_deleted_photo_writes_nothing(tus: Tus) -> None:
    tus.whole(picture())
    claim = jobs.claim(Job.objects.get(stage="ingest").pk)
    assert claim is not None
    services.delete_photo(Photo.objects.get())

    with pytest.raises(jobs.LostClaimError), jobs.finish(claim):
        pass
    assert not Photo.objects.exists()


def test_bytes_of_deleted_rows_are_neither_in_the_database_nor_in_its_log(photo: Photo) -> None:
    secret = "s3cret-camera-" + "x" * 40
    Photo.objects.update(camera=secret)
    services.delete_photo(Photo.objects.get())

    assert truncate_wal()

    database = Path(connection.settings_dict["NAME"])
    for path in (database, Path(f"{database}-wal")):
        assert not path.exists() or secret.encode() not in path.read_bytes()


def test_an_expired_upload_is_swept_with_its_bytes(tus: Tus, data_folder: Path) -> None:
    for _ in range(2):
        tus.patch(tus.announce(5_000)["Location"], bytes(100), 0)
    keep = Upload.objects.order_by("created_at").last()
    assert keep is not None
    Upload.objects.exclude(pk=keep.pk).update(expires_at="2020-01-01T00:00:00Z")

    for part in parts.part_of(keep.pk).parent.iterdir():
        factories.age(part, hours=25)

    assert receiving.forget_expired() == 1
    assert orphans.sweep() == 1
    assert list(parts.part_of(keep.pk).parent.iterdir()) == [parts.part_of(keep.pk)]


def test_the_part_of_a_request_that_died_is_swept_after_a_day(data_folder: Path) -> None:
    part = parts.part_of(uuid4())
    part.parent.mkdir()
    part.write_bytes(b"x")
    assert orphans.sweep() == 0

    factories.age(part, hours=25)

    assert orphans.sweep() == 1
    assert not part.exists()


def test_a_folder_without_a_row_is_swept_and_one_with_a_row_is_not(photo: Photo) -> None:
    lost = storage.files_of(uuid4()).folder
    lost.mkdir(parents=True)
    (lost / "original").write_bytes(b"x")

    installation.adopt()
    assert orphans.sweep() == 0  # It is young and may be on its way.
    factories.age(lost)
    assert orphans.sweep() == 1
    assert not lost.exists()
    assert storage.files_of(photo.pk).original.exists()


def test_a_picture_that_a_killed_process_left_half_written_is_swept(photo: Photo) -> None:
    half = storage.files_of(photo.pk).folder / ".portrait.jpg.0123abcd.part"
    half.write_bytes(b"half")

    assert orphans.sweep() == 0  # Somebody may be writing it.
    factories.age(half)
    assert orphans.sweep() == 1
    assert not half.exists()
    assert storage.files_of(photo.pk).full.exists()


def test_uploads_wait_for_a_database_that_is_busy_for_a_while(tus: Tus) -> None:
    database = connection.settings_dict["NAME"]
    held = threading.Event()

    def hold() -> None:
        blocker = sqlite3.connect(database, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        held.set()
        time.sleep(2)
        blocker.execute("ROLLBACK")
        blocker.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    answer = tus.whole(picture())
    thread.join()

    assert answer.status_code == 201


def test_a_database_that_stays_locked_answers_503_and_its_file_rests_in_the_trash(
    tus: Tus, data_folder: Path
) -> None:
    blocker = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 200")
    try:
        answer = tus.whole(picture())
    finally:
        blocker.execute("ROLLBACK")
        blocker.close()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 20000")

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert files_below(data_folder / "media") == []
    assert tus.whole(picture()).status_code == 201


def test_other_users_events_stay_when_a_photo_goes(photo: Photo, member: User) -> None:
    with transaction.atomic():
        events.publish(member.pk, "photo_ready", {"photo": str(uuid4())})

    services.delete_photo(photo)

    assert Event.objects.count() == 1
