"""``manage.py import_photos``."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from tests.live import LiveEncore, wait_until
from webapp.accounts.models import User
from webapp.photos import bin
from webapp.photos.arrival import importing
from webapp.photos.arrival.watching import changes_of
from webapp.photos.models import Concert, Photo
from webapp.uploads import parts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photos, one of them in a folder of its own, a preview of the system and a text."""
    folder = tmp_path / "card"
    for number, name in enumerate(["first.jpg", "Seoul/second.png", ".thumbnails/small.jpg"]):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 30), (90 * number, 10, 20)).save(folder / name)
    (folder / "notes.txt").write_text("nothing to see")
    return folder


def run(folder: Path, **options: object) -> str:
    """Import, and return what was said."""
    said = StringIO()
    call_command("import_photos", folder, stdout=said, **options)
    return said.getvalue()


def stored() -> set[str]:
    """Return what the photos in the library are called."""
    return set(Photo.objects.values_list("display_name", flat=True))


def test_a_folder_comes_in_with_what_lies_in_its_folders(owner: User, folder: Path) -> None:
    said = run(folder)
    assert stored() == {"first.jpg", "second.png"}
    assert set(Photo.objects.values_list("owner_id", flat=True)) == {owner.pk}
    assert "2 pictures: 2 imported, 0 already there, 0 refused" in said
    assert ".thumbnails" in said
    assert (folder / "first.jpg").exists(), "it is copied, not moved"


def test_what_is_there_is_not_read_a_second_time(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder)
    monkeypatch.setattr(importing, "_blocks", None)
    assert "0 imported, 2 already there" in run(folder)
    assert Photo.objects.count() == 2


def test_a_cut_off_import_goes_on_where_it_stopped(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = iter([None, OSError(28, "No space left on device")])

    def check(_bytes: int) -> None:
        if trouble := next(room):
            raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(parts, "check_room", check)
        with pytest.raises(CommandError, match="start it again"):
            run(folder)
    assert len(stored()) == 1
    assert "1 imported, 1 already there" in run(folder)


def test_photos_join_a_concert_that_is_made_once_however_it_is_spelt(
    owner: User, folder: Path
) -> None:
    run(folder)
    run(folder, concert="ROSÉ in Seoul")
    (concert,) = Concert.objects.all()
    assert set(Photo.objects.values_list("concert_id", flat=True)) == {concert.pk}
    run(folder, concert="rosé in seoul")
    assert Concert.objects.count() == 1


def test_a_photo_in_the_bin_comes_back(owner: User, folder: Path) -> None:
    run(folder)
    first = Photo.objects.get(display_name="first.jpg")
    bin.throw(owner.pk, [first.pk])
    run(folder)
    first.refresh_from_db()
    assert first.binned_at is None


def test_a_dry_run_says_what_would_come_and_stores_nothing(owner: User, folder: Path) -> None:
    (folder / "broken.jpg").write_bytes(b"no photo")
    said = run(folder, dry_run=True, concert="Seoul")
    assert "3 pictures: 2 would be imported, 0 already there, 1 refused" in said
    assert not Photo.objects.exists()
    assert not Concert.objects.exists()


def test_what_cannot_be_taken_is_named_and_stops_no_other(owner: User, folder: Path) -> None:
    (folder / "empty.jpg").touch()
    (folder / "broken.jpg").write_bytes(b"no photo")
    said = run(folder)
    assert "refused empty.jpg: The file is empty." in said
    assert "refused broken.jpg: " in said
    assert stored() == {"first.jpg", "second.png"}


def test_a_file_that_is_still_written_is_left_for_the_next_time(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = folder / "first.jpg"

    def read_and_grow(path: Path) -> str:
        content = path.read_bytes()
        path.write_bytes(content + b"more")
        return "0" * 64 if path == first else "1" * 64

    with monkeypatch.context() as patch:
        patch.setattr(importing, "sha256_of", read_and_grow)
        # Its length is asked for before it is hashed, so it has grown when it is copied.
        assert f"refused first.jpg: {importing.STILL_WRITTEN}" in run(folder)
    assert not Photo.objects.exists()
    run(folder)
    assert stored() == {"first.jpg", "second.png"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"owner": "nobody"}, "no user 'nobody'", id="nobody of that name"),
        pytest.param({"watch": True, "dry_run": True}, "leave out --watch", id="both"),
        pytest.param({"concert": " "}, "--concert: This field is", id="a concert without a name"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    owner: User, folder: Path, options: dict[str, object], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        run(folder, **options)
    with pytest.raises(CommandError, match="there is no folder"):
        run(folder / "elsewhere")


def test_a_change_is_told_when_it_has_settled(folder: Path) -> None:
    stop, looks = threading.Event(), list[set[str]]()

    def look() -> None:
        for _ in changes_of(folder, stop):
            looks.append({path.name for path in folder.iterdir()})

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        wait_until(lambda: len(looks) == 1, 10, "it does not look at the start")
        shutil.copy(folder / "first.jpg", folder / "third.jpg")
        wait_until(lambda: len(looks) == 2, 20, "it does not look after a change")
    finally:
        stop.set()
        watcher.join()
    assert "third.jpg" not in looks[0]
    assert "third.jpg" in looks[1]


@pytest.fixture
def encore(tmp_path: Path) -> Iterator[LiveEncore]:
    """An installation that runs, with an owner."""
    encore = LiveEncore(tmp_path / "var")
    try:
        encore.start(seconds=120)
        encore.python(
            "from webapp.accounts.models import User\n"
            "User.objects.create_user('owner', password='lights go out', is_staff=True)\n"
        )
        yield encore
    finally:
        encore.clean_up()


@pytest.mark.timeout(240)
def test_a_watched_folder_is_imported_and_read_by_the_running_site(
    encore: LiveEncore, folder: Path
) -> None:
    def states() -> list[tuple[str]]:
        return encore.rows("SELECT state FROM photos_photo")

    command = [sys.executable, "manage.py", "import_photos", str(folder), "--watch"]
    with subprocess.Popen(command, env=encore.environment, stdout=subprocess.DEVNULL) as watcher:
        try:
            wait_until(lambda: states() == [("ready",)] * 2, 90, "two photos are not ready")
            Image.new("RGB", (40, 30), "white").save(folder / "third.jpg")
            wait_until(lambda: states() == [("ready",)] * 3, 90, "the third is not ready")
        finally:
            watcher.terminate()
