"""``manage.py import_people``."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.webapp.analysis.cast import EMBEDDER, embedding, make_face, make_photo, seen_face
from webapp import vision
from webapp.accounts.models import User
from webapp.accounts.services import give_consent, withdraw_consent
from webapp.core.models import Job
from webapp.people.models import Group, Person, Reference
from webapp.people.storage import references_folder


class FakeReader:
    """Stands for ``vision.read_reference``; a file's text decides what is in it."""

    def __init__(self) -> None:
        self.meanwhile: Any = None

    def __call__(self, path: Path, *, least_quality: float) -> vision.ReferencePicture:
        """Refuse what says so; the number in the text is the face."""
        text = path.read_text()
        if self.meanwhile is not None:
            self.meanwhile()
        if text.startswith("no face"):
            raise vision.RefusedReferenceError("There is no face in this picture.")
        if text.startswith("broken"):
            raise vision.UnreadablePhotoError("This is not a photo.")
        face = seen_face(0, embedding(int(text.split()[0])))
        return vision.ReferencePicture(face, EMBEDDER, b"crop")


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> FakeReader:
    """A reader of references whose answers the files decide."""
    fake = FakeReader()
    monkeypatch.setattr(vision, "read_reference", fake)
    return fake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two people of a group, one picture refused, one astray."""
    pictures = {
        "Blackpink/Lisa/1.jpg": "1 tight",
        "Blackpink/Lisa/2.jpg": "1 again",
        "Blackpink/Lisa/notes.txt": "nothing to see",
        "Blackpink/Rose/1.jpg": "2",
        "Blackpink/Rose/group.jpg": "no face",
        "Blackpink/Rose/half.jpg": "broken",
        "stray.jpg": "3",
    }
    for name, text in pictures.items():
        path = tmp_path / "people" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "people"


def import_people(folder: Path, *arguments: str) -> str:
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("import_people", str(folder), *arguments, stdout=out)
    return out.getvalue()


def test_a_folder_becomes_groups_people_and_references(
    reader: FakeReader, consenting_owner: User, folder: Path
) -> None:
    printed = import_people(folder)

    enrolled = Reference.objects.order_by("person__name").values_list(
        "person__group__name", "person__name"
    )
    assert list(enrolled) == [("Blackpink", "Lisa"), ("Blackpink", "Lisa"), ("Blackpink", "Rose")]
    assert len(list(references_folder(consenting_owner.pk).glob("*.jpg"))) == 3
    assert "6 pictures: 3 enrolled, 0 already known, 3 refused" in printed


def test_every_refusal_names_file_and_reason(
    reader: FakeReader, consenting_owner: User, folder: Path
) -> None:
    printed = import_people(folder)

    assert "refused Blackpink/Rose/group.jpg: There is no face in this picture." in printed
    assert "refused Blackpink/Rose/half.jpg: This is not a photo." in printed
    assert "refused stray.jpg: It does not lie in <group>/<person>/." in printed
    assert "Blackpink/Rose/notes.txt" not in printed
    assert "passed over 1 entry:\n  Blackpink/Lisa/notes.txt: not a JPEG" in printed


def test_what_systems_leave_becomes_nobody_and_linked_folders_are_somebody(
    reader: FakeReader, consenting_owner: User, tmp_path: Path
) -> None:
    names = (
        "people/BLACKPINK/Lisa/1.JPG", "people/BLACKPINK/Lisa/photo.jfif",
        "people/BLACKPINK/.AppleDouble/t.jpg", "people/BLACKPINK/@eaDir/S.jpg",
        "people/.thumbnails/Jisoo/1.jpg", "elsewhere/1.hif",
    )  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"1 {name}")
    (tmp_path / "people/BLACKPINK/Jisoo").symlink_to(tmp_path / "elsewhere")

    printed = import_people(tmp_path / "people")

    enrolled = Reference.objects.order_by("person__name").values_list("person__name", flat=True)
    assert list(enrolled) == ["Jisoo", "Lisa", "Lisa"]
    assert [group.name for group in Group.objects.all()] == ["BLACKPINK"]
    assert "passed over 3 entries:" in printed
    assert "BLACKPINK/@eaDir: made by the system, not by you" in printed


def test_a_second_import_enrols_nothing_twice(
    reader: FakeReader, consenting_owner: User, folder: Path
) -> None:
    import_people(folder)

    printed = import_people(folder)

    assert "0 enrolled, 3 already known, 3 refused" in printed
    assert Reference.objects.count() == 3


def test_folders_of_one_name_in_two_spellings_are_one_person(
    reader: FakeReader, consenting_owner: User, tmp_path: Path
) -> None:
    for name in ("BLACKPINK/ROSÉ", "blackpink/Rosé", "ＢＬＡＣＫＰＩＮＫ/ROSE\u0301"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "1.jpg").write_text("1")

    import_people(tmp_path)

    assert [(one.name, one.group and one.group.name) for one in Person.objects.all()] == [
        ("ROSÉ", "BLACKPINK")
    ]


def test_a_dry_run_says_the_same_and_stores_nothing(
    reader: FakeReader, consenting_owner: User, folder: Path
) -> None:
    printed = import_people(folder, "--dry-run")

    assert "3 would be enrolled, 0 already known, 3 refused" in printed
    assert not Person.objects.exists()
    assert not Group.objects.exists()
    assert not references_folder(consenting_owner.pk).exists()
    assert not Job.objects.exists()


def test_photos_are_matched_once_afterwards(
    reader: FakeReader, consenting_owner: User, folder: Path, run_jobs: Any
) -> None:
    face = make_face(make_photo(consenting_owner), 0, embedding(2))
    import_people(folder)

    assert run_jobs() == 3
    stages = set(Job.objects.values_list("stage", flat=True))
    assert stages == {"rematch", "name-moments", "sort-faces"}

    face.refresh_from_db()
    assert face.person is not None
    assert face.person.name == "Rose"


def test_without_consent_nothing_is_computed(reader: FakeReader, owner: User, folder: Path) -> None:
    with pytest.raises(CommandError, match="not agreed"):
        import_people(folder)


def test_consent_taken_back_meanwhile_stops_the_import(
    reader: FakeReader, consenting_owner: User, folder: Path
) -> None:
    reader.meanwhile = lambda: withdraw_consent(consenting_owner)

    with pytest.raises(CommandError, match="Stopped"):
        import_people(folder)

    assert not Reference.objects.exists()


def test_people_can_be_imported_for_somebody_else(
    reader: FakeReader, owner: User, member: User, folder: Path
) -> None:
    give_consent(member)

    import_people(folder, "--owner", "member")

    assert set(Person.objects.values_list("owner", flat=True)) == {member.pk}


def test_folder_names_are_text_not_markup(
    reader: FakeReader, consenting_owner: User, tmp_path: Path
) -> None:
    path = tmp_path / "[red]group" / "[bold]Lisa" / "[/]1.jpg"
    path.parent.mkdir(parents=True)
    path.write_text("no face")

    assert "refused [red]group/[bold]Lisa/[/]1.jpg" in import_people(tmp_path)


@pytest.mark.parametrize("arguments", [["--owner", "nobody"], []], ids=["unknown", "no owner"])
def test_somebody_must_own_the_people(db: None, folder: Path, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="there is no"):
        import_people(folder, *arguments)


def test_a_missing_folder_is_said(consenting_owner: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no folder"):
        import_people(tmp_path / "nowhere")


def test_an_import_that_is_stopped_still_looks_for_those_it_enrolled(
    reader: FakeReader, consenting_owner: User, folder: Path
) -> None:
    def stop_at_the_second() -> None:
        if Reference.objects.exists():
            Job.objects.all().delete()
            raise KeyboardInterrupt

    reader.meanwhile = stop_at_the_second
    with pytest.raises(KeyboardInterrupt):
        import_people(folder)

    assert Reference.objects.count() == 1
    assert Job.objects.get().stage == "rematch"
