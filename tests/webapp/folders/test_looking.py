"""What a look into a watched folder brings, and what it says of the rest."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.factories import age, make_user
from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.models import Job
from webapp.folders import looking, roots, services
from webapp.folders.models import SeenFile, WatchedFolder
from webapp.photos import bin
from webapp.photos.arrival import importing
from webapp.photos.models import Concert, Photo
from webapp.uploads import parts


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    """The one folder below which folders may be watched."""
    root = tmp_path / "allowed"
    root.mkdir()
    settings.IMPORT_ROOTS = [root]
    return root


@pytest.fixture
def card(root: Path) -> Path:
    """A folder with two photos that were finished long ago, a text and a preview."""
    card = root / "card"
    (card / "Seoul").mkdir(parents=True)
    picture(card / "first.jpg", 10)
    picture(card / "Seoul" / "second.jpg", 90)
    (card / "notes.txt").write_text("nothing to see")
    return card


@pytest.fixture
def watched(owner: User, card: Path) -> WatchedFolder:
    return services.watch(owner, str(card), None)


@pytest.fixture(autouse=True)
def everything_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take files at once that a test has just written; what is unfinished has a test of its own."""
    monkeypatch.setattr(looking, "SETTLED_SECONDS", -1.0)


def picture(path: Path, red: int) -> Path:
    Image.new("RGB", (40, 30), (red, 10, 20)).save(path)
    return path


def look(watched: WatchedFolder) -> WatchedFolder:
    """Look into a folder as a worker does; returns the row as it is then."""
    services.look_now(watched)
    run_looks()
    watched.refresh_from_db()
    return watched


def run_looks() -> int:
    """Do the looks that are open, and nothing of what follows them; returns how many there were."""
    done = 0
    while job := Job.objects.filter(stage="look-into-folder", state=Job.State.PENDING).first():
        claim = jobs.claim(job.pk)
        assert claim is not None
        with suppress(jobs.LostClaimError):
            looking.look(claim)
        done += 1
    return done


def states(watched: WatchedFolder) -> dict[str, str]:
    return dict(watched.files.values_list("shown_path", "state"))


def names() -> set[str]:
    return set(Photo.objects.values_list("display_name", flat=True))


def test_what_lies_in_a_folder_comes_into_its_owners_library(
    watched: WatchedFolder, card: Path
) -> None:
    look(watched)

    assert names() == {"first.jpg", "second.jpg"}
    assert set(Photo.objects.values_list("owner_id", flat=True)) == {watched.owner_id}
    assert states(watched) == {"first.jpg": "stored", "Seoul/second.jpg": "stored"}
    assert watched.passed == [["notes.txt", "not a JPEG, PNG, WebP or HEIC file"]]
    assert (watched.picture_count, watched.passed_count, watched.trouble) == (2, 1, "")
    assert watched.looked_at is not None
    assert (card / "first.jpg").exists(), "it is copied, not moved"


def test_nothing_is_read_a_second_time(
    watched: WatchedFolder, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(watched)
    picture(card / "third.jpg", 200)
    read = []
    hashed = importing.sha256_of
    monkeypatch.setattr(
        importing, "sha256_of", lambda path: (read.append(path.name), hashed(path))[1]
    )

    look(watched)

    assert read == ["third.jpg"]
    assert Photo.objects.count() == 3


def test_a_photo_that_was_thrown_away_stays_away(watched: WatchedFolder) -> None:
    look(watched)
    first = Photo.objects.get(display_name="first.jpg")
    bin.throw(watched.owner_id, [first.pk])

    look(watched)

    first.refresh_from_db()
    assert first.binned_at is not None


def test_a_copy_of_what_is_there_is_no_second_photo(watched: WatchedFolder, card: Path) -> None:
    look(watched)
    shutil.copy(card / "first.jpg", card / "copy.jpg")

    look(watched)

    assert Photo.objects.count() == 2
    assert states(watched)["copy.jpg"] == "known"


def test_photos_join_the_concert_of_their_folder(owner: User, card: Path) -> None:
    concert = Concert.objects.create(owner=owner, name="Seoul")

    look(services.watch(owner, str(card), concert))

    assert set(Photo.objects.values_list("concert_id", flat=True)) == {concert.pk}


def test_a_look_leaves_the_rest_for_the_next_after_a_while(
    watched: WatchedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    take = importing.PhotoImporter.take

    def slowly(self: importing.PhotoImporter, path: Path) -> importing.ImportedPhoto:
        taken.append(path.name)
        monkeypatch.setattr(looking.time, "monotonic", lambda: 1e9 * len(taken))
        return take(self, path)

    monkeypatch.setattr(importing.PhotoImporter, "take", slowly)

    services.look_now(watched)
    looks = run_looks()

    assert (looks, len(taken), Photo.objects.count()) == (2, 2, 2)
    watched.refresh_from_db()
    assert not watched.is_behind


def test_a_file_that_is_still_written_waits(
    watched: WatchedFolder, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SETTLED_SECONDS", 60.0)
    look(watched)
    assert states(watched)["first.jpg"] == "waiting"
    assert not Photo.objects.exists()
    (card / "first.jpg").write_bytes((card / "first.jpg").read_bytes() + b"more")

    look(watched)

    assert names() == {"second.jpg"}, "it did not change between two looks"
    assert states(watched)["first.jpg"] == "waiting"


def test_what_cannot_be_taken_is_named_and_forgotten_when_it_is_gone(
    watched: WatchedFolder, card: Path
) -> None:
    (card / "broken.jpg").write_bytes(b"no photo")
    look(watched)
    (refused,) = watched.files.filter(state="refused")
    assert (refused.shown_path, bool(refused.reason)) == ("broken.jpg", True)

    (card / "broken.jpg").unlink()
    look(watched)

    assert "broken.jpg" not in states(watched)
    assert len(states(watched)) == 2


def test_a_folder_that_vanishes_says_so_and_goes_on_when_it_is_back(
    watched: WatchedFolder, card: Path
) -> None:
    look(watched)
    card.rename(card.with_name("elsewhere"))

    look(watched)
    assert watched.trouble == roots.NOT_THERE
    assert watched.files.count() == 2, "what was seen is remembered"

    picture(card.with_name("elsewhere") / "third.jpg", 200)
    card.with_name("elsewhere").rename(card)
    look(watched)

    assert watched.trouble == ""
    assert names() == {"first.jpg", "second.jpg", "third.jpg"}


def test_a_full_library_stops_the_look_and_is_told(
    watched: WatchedFolder, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOAD_MAX_STORED_BYTES = 10
    look(watched)
    assert "Your photos fill their" in watched.trouble
    assert states(watched) == {}, "none of them is to blame"

    settings.UPLOAD_MAX_STORED_BYTES = 10**9
    with monkeypatch.context() as patch:
        patch.setattr(parts, "check_room", _no_space)
        assert look(watched).trouble == looking.LIBRARY_FULL

    assert look(watched).trouble == ""
    assert Photo.objects.count() == 2


def _no_space(_bytes: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_paused_folder_is_left_alone_until_it_goes_on(watched: WatchedFolder) -> None:
    services.set_paused(watched, is_paused=True)
    run_looks()
    services.queue_looks()
    run_looks()
    assert not Photo.objects.exists()

    services.set_paused(watched, is_paused=False)
    run_looks()

    assert Photo.objects.count() == 2


def pause(watched: WatchedFolder) -> None:
    services.set_paused(watched, is_paused=True)


@pytest.mark.parametrize("stop", [services.forget, pause])
def test_a_look_ends_when_its_folder_is_paused_or_removed_meanwhile(
    watched: WatchedFolder, stop: Callable[[WatchedFolder], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    take = importing.PhotoImporter.take

    def stopped(self: importing.PhotoImporter, path: Path) -> importing.ImportedPhoto:
        stop(watched)
        return take(self, path)

    monkeypatch.setattr(importing.PhotoImporter, "take", stopped)

    run_looks()

    assert Photo.objects.count() == 1


def test_folders_are_looked_through_when_they_are_due_and_once_at_a_time(
    watched: WatchedFolder,
) -> None:
    look(watched)
    services.queue_looks()
    assert run_looks() == 0, "it has just been looked through"

    WatchedFolder.objects.update(next_look_at=watched.created_at)
    services.queue_looks()
    first = Job.objects.get(stage="look-into-folder")
    services.queue_looks()

    assert Job.objects.get(stage="look-into-folder").updated_at == first.updated_at
    assert run_looks() == 1


def test_who_no_longer_runs_the_installation_imports_nothing(watched: WatchedFolder) -> None:
    User.objects.update(is_staff=False)

    assert look(watched).trouble == looking.NOT_OWNER
    assert not Photo.objects.exists()


def test_links_are_followed_inside_of_the_roots_only(
    watched: WatchedFolder, card: Path, root: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    picture(secret / "diary.jpg", 120)
    picture(root / "beside.jpg", 160)
    (card / "out").symlink_to(secret)
    (card / "out.jpg").symlink_to(secret / "diary.jpg")
    (card / "up").symlink_to(Path("..") / ".." / "secret")
    (card / "beside.jpg").symlink_to(root / "beside.jpg")

    look(watched)

    assert names() == {"first.jpg", "second.jpg", "beside.jpg"}
    out = {path for path, reason in watched.passed if "leads out" in reason}
    assert out == {"out", "out.jpg", "up"}


def test_a_file_that_becomes_a_link_after_it_was_found_is_not_followed(
    watched: WatchedFolder, card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = picture(tmp_path / "diary.jpg", 120)
    found = looking.folders.look_through

    def swapped(*arguments: Any) -> Any:
        contents = found(*arguments)
        (card / "first.jpg").unlink()
        (card / "first.jpg").symlink_to(secret)
        return contents

    monkeypatch.setattr(looking.folders, "look_through", swapped)

    look(watched)

    assert names() == {"second.jpg"}


def test_a_folder_that_becomes_a_link_to_elsewhere_is_not_read(
    watched: WatchedFolder, card: Path, tmp_path: Path
) -> None:
    shutil.rmtree(card)
    elsewhere = tmp_path / "secret"
    elsewhere.mkdir()
    picture(elsewhere / "diary.jpg", 120)
    card.symlink_to(elsewhere)

    assert look(watched).trouble == roots.OUTSIDE
    assert not Photo.objects.exists()


def test_a_name_that_no_page_can_write_is_taken_all_the_same(
    watched: WatchedFolder, card: Path
) -> None:
    shutil.copy(card / "first.jpg", os.fsencode(card) + b"/caf\xe9.jpg")

    look(watched)

    assert set(states(watched)) == {"first.jpg", "Seoul/second.jpg", "caf�.jpg"}
    assert Photo.objects.count() == 2


def test_a_folder_whose_look_breaks_is_left_alone_for_a_while(
    watched: WatchedFolder,
) -> None:
    services.note_failure(watched.pk, "This took too long.")
    services.queue_looks()
    Job.objects.all().delete()
    services.queue_looks()

    watched.refresh_from_db()
    assert watched.trouble == "This took too long."
    assert not Job.objects.exists()


def test_what_two_owners_watch_comes_to_each_of_them(card: Path, watched: WatchedFolder) -> None:
    other = services.watch(make_user("second", is_staff=True), str(card), None)

    look(watched)
    look(other)

    assert Photo.objects.filter(owner_id=other.owner_id).count() == 2
    assert SeenFile.objects.filter(folder=other, state="stored").count() == 2


def test_old_files_are_taken_at_the_first_look(
    watched: WatchedFolder, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SETTLED_SECONDS", 60.0)
    monkeypatch.setattr(looking.time, "time", lambda: card.stat().st_ctime + 61)
    for path in card.rglob("*.jpg"):
        age(path)

    look(watched)

    assert Photo.objects.count() == 2


def test_a_folder_that_goes_as_a_look_ends_is_noted_as_it_was(
    watched: WatchedFolder, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_into = looking.look_into

    def unplugged(folder: WatchedFolder) -> looking.Look:
        found = look_into(folder)
        shutil.rmtree(card)
        return found

    monkeypatch.setattr(looking, "look_into", unplugged)

    look(watched)

    assert (watched.picture_count, watched.trouble) == (2, "")
    assert watched.passed == [["notes.txt", watched.passed[0][1]]]
