"""Which files of a folder are meant."""

import os
import unicodedata
import zipfile
from pathlib import Path

import pytest

from tests.webapp.photos.conftest import picture
from webapp.photos.arrival import folders
from webapp.photos.arrival.folders import MACHINE_MADE, NO_FILE, NO_PHOTO, SEEN


def put(folder: Path, *names: str, content: bytes | None = None) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture() if content is None else content)


def found(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return the pictures, and what was passed over with the reason."""
    contents = folders.look_through(folder)
    return (
        [path.relative_to(folder).as_posix() for path in contents.pictures],
        {one.path.relative_to(folder).as_posix(): one.reason for one in contents.passed},
    )


@pytest.mark.parametrize(
    "name",
    [
        ".thumbnails", "@eaDir", "@EADIR", ".AppleDouble", "__MACOSX", "#recycle", "#Recycle",
        "System Volume Information", "$RECYCLE.BIN", ".Trash-1000",
    ],
)  # fmt: skip
def test_what_a_system_made_is_passed_over_however_deep_it_lies(tmp_path: Path, name: str) -> None:
    put(tmp_path, "a/b.jpg", f"a/{name}/c.jpg/d.jpg", f"{name}/e.jpg")

    pictures, passed = found(tmp_path)

    assert pictures == ["a/b.jpg"]
    assert passed == {f"a/{name}": MACHINE_MADE, name: MACHINE_MADE}


def test_a_hidden_folder_that_was_chosen_is_looked_through(tmp_path: Path) -> None:
    put(tmp_path, ".mine/a.jpg")

    assert found(tmp_path / ".mine") == (["a.jpg"], {})


def test_every_ending_of_a_photo_counts(tmp_path: Path) -> None:
    names = [f"a{suffix.upper()}" for suffix in folders.PICTURE_SUFFIXES]
    put(tmp_path, *names)

    assert found(tmp_path) == (sorted(names), {})


def test_without_an_ending_the_content_decides(tmp_path: Path) -> None:
    put(tmp_path, "IMG_0001")
    put(tmp_path, "README", content=b"Read me.")
    put(tmp_path, "empty", content=b"")

    assert found(tmp_path) == (["IMG_0001"], {"README": NO_PHOTO, "empty": NO_PHOTO})


def test_other_files_and_halves_of_files_are_named(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "._a.jpg", "a.gif", "Thumbs.db", "a.jpg.txt")

    pictures, passed = found(tmp_path)

    assert pictures == ["a.jpg"]
    assert passed == {
        "._a.jpg": MACHINE_MADE,
        "Thumbs.db": MACHINE_MADE,
        "a.gif": NO_PHOTO,
        "a.jpg.txt": NO_PHOTO,
    }


def test_linked_folders_are_followed_once_and_circles_end(tmp_path: Path) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    put(elsewhere, "a.jpg")
    put(folder, "z/b.jpg")
    (folder / "away").symlink_to(elsewhere)
    (folder / "b-again").symlink_to(folder / "z")
    (folder / "z" / "up").symlink_to(folder)

    pictures, passed = found(folder)

    assert pictures == ["away/a.jpg", "z/b.jpg"]
    assert passed == {"b-again": SEEN, "z/up": SEEN}


def test_links_to_nowhere_and_what_is_no_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    put(tmp_path, "folder.jpg/a.jpg")

    pictures, passed = found(tmp_path)

    assert pictures == ["folder.jpg/a.jpg"]
    assert passed == {"gone.jpg": NO_FILE, "pipe.jpg": NO_FILE}


def test_decomposed_names_and_names_that_are_no_text_are_found(tmp_path: Path) -> None:
    put(tmp_path, unicodedata.normalize("NFD", "리사.jpg"))
    (tmp_path / os.fsdecode(b"\xff.jpg")).write_bytes(picture())

    pictures = folders.look_through(tmp_path).pictures

    names = [folders.shown(Path(path.name)) for path in pictures]
    assert [unicodedata.normalize("NFC", name) for name in names] == ["리사.jpg", "\ufffd.jpg"]


def test_of_the_folder_of_a_phone_and_a_disk_only_the_photo_is_meant(
    shared_data: Path, tmp_path: Path
) -> None:
    zipfile.ZipFile(shared_data / "cases" / "hidden_folders.zip").extractall(tmp_path)

    pictures, passed = found(tmp_path)

    assert pictures == ["DCIM/Camera/IMG_0.JPG"]
    assert sorted(passed) == [
        "DCIM/.Trash-1000", "DCIM/.thumbnails", "DCIM/@eaDir", "DCIM/Camera/.DS_Store",
        "DCIM/Camera/._IMG_0.JPG",
    ]  # fmt: skip
