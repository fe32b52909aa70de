"""Database and media folder: which belong together, and what happens to those that do not."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.factories import make_job
from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.extension import hooks
from webapp.core.extension.signals import Registry
from webapp.core.files import installation, media
from webapp.core.files.installation import Marker
from webapp.core.jobs import tasks
from webapp.core.models import Installation, Job
from webapp.core.processes.upkeep import Upkeep, site_duties

pytestmark = pytest.mark.django_db

ROWS = [uuid4() for _ in range(10)]


@pytest.fixture(autouse=True)
def stones(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The only kind of file here; what is in the list has a row."""
    rows: list[UUID] = []
    monkeypatch.setattr(media, "_kinds", {})
    media.register(media.Kind("stones", "stones/*.stone", rows=lambda: rows))
    return rows


def lay(*ids: UUID) -> None:
    """Put files of these ids in the media folder."""
    folder = media.root() / "stones"
    folder.mkdir(exist_ok=True)
    for one in ids:
        (folder / f"{one}.stone").write_bytes(b"x")


def test_an_empty_database_and_an_empty_folder_pair_themselves() -> None:
    assert installation.settle() == ""
    marker = installation.read_marker()
    row = Installation.objects.get()
    assert marker is not None
    assert (marker.mark, marker.turn) == (row.mark, row.turn)


@pytest.mark.parametrize(
    "turn",
    [
        pytest.param("1e999", id="endless"),
        pytest.param(str(2**70), id="more than a database can hold"),
        pytest.param("-1", id="negative"),
        pytest.param("[" * 100_000, id="bottomless"),
    ],
)
def test_a_turn_that_nobody_counted_is_no_mark_and_can_be_adopted_over(turn: str) -> None:
    assert installation.settle() == ""
    mark = Installation.objects.get().mark
    installation.marker_path().write_text(f'{{"installation": "{mark}", "turn": {turn}}}')
    assert installation.trouble() == installation.UNREADABLE

    call_command("adopt_media", "--yes")

    assert installation.trouble() == ""


def test_a_mark_that_cannot_be_written_leaves_no_litter() -> None:
    installation.marker_path().mkdir()
    with pytest.raises(OSError, match="directory"):
        installation.write_marker(Marker(uuid4(), 1))
    assert [path.name for path in media.root().glob(".*.part")] == []
    with pytest.raises(CommandError, match="The mark cannot be written"):
        call_command("adopt_media", "--yes")


@pytest.mark.parametrize(
    ("rows", "files", "trouble"),
    [
        pytest.param(10, 10, "", id="rows and files agree"),
        pytest.param(6, 10, "", id="most files have their row"),
        pytest.param(10, 6, "", id="most rows have their file"),
        pytest.param(0, 10, installation.NO_MARKER, id="an empty database beside full media"),
        pytest.param(10, 0, installation.NO_MARKER, id="empty media beside a full database"),
        pytest.param(5, 10, installation.NO_MARKER, id="half of the files are nobody's"),
        pytest.param(10, 5, installation.NO_MARKER, id="half of the rows lack their file"),
    ],
)
def test_an_installation_without_marks_is_paired_where_most_agrees(
    stones: list[UUID], rows: int, files: int, trouble: str
) -> None:
    stones += ROWS[:rows]
    lay(*ROWS[:files])
    assert installation.settle() == trouble
    assert installation.trouble() == trouble
    assert (installation.read_marker() is None) is bool(trouble)


def _forget_database() -> None:
    Installation.objects.all().delete()


def _another_database() -> None:
    Installation.objects.update(mark=uuid4())


def _older_database() -> None:
    Installation.objects.update(turn=0)


def _unmounted() -> None:
    installation.marker_path().unlink()


def _garbled() -> None:
    installation.marker_path().write_text("[1]")


@pytest.mark.parametrize(
    ("happening", "trouble"),
    [
        pytest.param(_forget_database, installation.NEW_DATABASE, id="new database"),
        pytest.param(_another_database, installation.OTHER_DATABASE, id="another database"),
        pytest.param(_older_database, installation.OLDER_DATABASE, id="restored database"),
        pytest.param(_unmounted, installation.NO_MARKER, id="folder not mounted"),
        pytest.param(_garbled, installation.UNREADABLE, id="marker garbled"),
    ],
)
def test_what_was_paired_is_not_paired_anew_without_a_person(
    stones: list[UUID], happening: Callable[[], None], trouble: str
) -> None:
    stones += ROWS
    lay(*ROWS)
    installation.settle()
    happening()
    assert installation.settle() == trouble
    call_command("adopt_media")
    assert installation.trouble() == trouble
    call_command("adopt_media", "--yes")
    assert installation.trouble() == ""


def test_adopting_says_first_what_is_kept_and_what_is_orphaned(
    stones: list[UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    stones += ROWS[:4]
    lay(*ROWS[3:])
    call_command("adopt_media")
    said = capsys.readouterr().out
    assert "stones: 1 kept, 6 orphaned, 3 rows without their file" in said
    assert "Nothing was changed" in said


def test_the_turn_of_the_folder_is_never_ahead_of_the_database() -> None:
    installation.settle()
    for _ in range(3):
        installation.finish_turn({})
    marker = installation.read_marker()
    assert marker is not None
    assert marker.turn == Installation.objects.get().turn == 4


@pytest.mark.usefixtures("paint")
def test_jobs_wait_while_the_folder_is_not_there(owner: User, stones: list[UUID]) -> None:
    stones += ROWS
    lay(*ROWS)
    installation.settle()
    marker = installation.marker_path()
    aside = marker.rename(marker.with_name("aside"))
    job = make_job(owner, "paint")

    tasks.perform(job.pk)
    assert Job.objects.get(pk=job.pk).state == "pending"

    aside.rename(marker)
    tasks.perform(job.pk)
    assert Job.objects.get(pk=job.pk).state == "done"


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(jobs.BadInputError("The file of this photo is missing."), id="is missed"),
        pytest.param(FileNotFoundError("no such file"), id="breaks"),
    ],
)
@pytest.mark.usefixtures("paint")
def test_a_job_does_not_fail_because_the_folder_went_away_under_it(
    owner: User, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    installation.settle()

    def lose(_claim: jobs.Claim) -> None:
        installation.marker_path().unlink()
        raise error

    monkeypatch.setattr("tests.webapp.core.conftest.succeed", lose)
    job = make_job(owner, "paint")
    tasks.perform(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == ("pending", 0, "")


def test_duties_that_judge_files_rest_while_the_folder_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    monkeypatch.setattr(hooks, "duties", Registry())
    hooks.duties.register(hooks.Duty(1, lambda: done.append("judging"), judges_media=True))
    hooks.duties.register(hooks.Duty(1, lambda: done.append("other")))
    care = Upkeep(site_duties())
    installation.settle()
    installation.write_marker(Marker(uuid4(), 1))
    care.turn(1000.0)
    assert done == ["other"]
    call_command("adopt_media", "--yes")
    care.turn(2000.0)
    assert done == ["other", "judging", "other"]


def test_the_health_page_says_what_is_wrong_and_what_to_do(
    as_owner: Client, stones: list[UUID], data_folder: Path
) -> None:
    stones += ROWS
    installation.settle()
    page = as_owner.get("/health/").content.decode()
    assert installation.NO_MARKER in page
    assert "manage.py adopt_media" in page
