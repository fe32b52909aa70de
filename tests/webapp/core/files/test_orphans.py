"""Orphans: moved, not deleted; too many wait for a person; what a user deletes never rests."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.factories import age
from webapp.core.files import installation, media, orphans

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stones(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The rows of the only kind of file here, in a paired installation."""
    rows: list[UUID] = []
    monkeypatch.setattr(media, "_kinds", {})
    monkeypatch.setattr(orphans, "_said", {})
    media.register(media.Kind("stones", "stones/*.stone", rows=lambda: rows))
    installation.settle()
    return rows


def lay(one: UUID, content: bytes = b"x") -> Path:
    """Put an old file in the media folder."""
    path = media.root() / "stones" / f"{one}.stone"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    age(path)
    return path


def rested() -> list[Path]:
    return sorted(orphans.trash().glob("*/stones/*.stone"))


def test_an_orphan_is_moved_with_its_reason_and_what_has_a_row_stays(stones: list[UUID]) -> None:
    stones.append(uuid4())
    kept, lost = lay(stones[0]), lay(uuid4(), b"lost")

    assert orphans.sweep() == 1

    assert kept.exists()
    assert not lost.exists()
    (resting,) = rested()
    assert resting.read_bytes() == b"lost"
    note = json.loads(resting.with_name(f".{lost.name}.json").read_text())
    assert note["path"] == f"stones/{lost.name}"
    assert note["reason"] == orphans.NO_ROW
    assert note["at"].startswith(resting.parts[-3])
    assert orphans.resting() == 1


def test_a_file_without_a_row_may_be_on_its_way_for_an_hour() -> None:
    age(lay(uuid4()), hours=0.9)
    assert orphans.sweep() == 0


Clock = Callable[[timedelta], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Put the clock forward, or back."""
    ahead = timedelta()

    def put(by: timedelta) -> None:
        nonlocal ahead
        ahead += by

    monkeypatch.setattr(orphans.timezone, "now", lambda: datetime.now(UTC) + ahead)
    return put


def rest(clock: Clock, days: int) -> Path:
    """Let an orphan rest for so many days, each with some sweeps."""
    orphans.retire(lay(uuid4()), "a test")
    (day,) = orphans.trash().iterdir()
    for _ in range(days):
        clock(timedelta(days=1))
        orphans.sweep()
        orphans.sweep()
    return day


@pytest.mark.parametrize(("days", "is_kept"), [(0, True), (7, True), (8, False)])
def test_the_trash_is_emptied_after_seven_whole_days(
    clock: Clock, days: int, *, is_kept: bool
) -> None:
    assert rest(clock, days).exists() is is_kept


def test_the_days_in_the_trash_can_be_set(clock: Clock, settings: Any) -> None:
    settings.TRASH_DAYS = 10
    assert rest(clock, 10).exists()
    clock(timedelta(days=1))
    orphans.sweep()
    assert orphans.resting() == 0


@pytest.mark.parametrize("jump", [timedelta(days=4000), timedelta(days=-4000)])
def test_a_clock_that_jumps_does_not_empty_the_trash(clock: Clock, jump: timedelta) -> None:
    day = rest(clock, 3)
    clock(jump)
    for _ in range(20):
        orphans.sweep()
    assert day.exists()
    clock(-jump)
    for _ in range(4):
        assert day.exists()
        clock(timedelta(days=1))
        orphans.sweep()
    assert not day.exists()


def test_what_came_to_the_trash_by_a_wrong_clock_goes_as_well(clock: Clock) -> None:
    clock(timedelta(days=4000))
    day = rest(clock, 0)
    clock(timedelta(days=-4000))
    for _ in range(8):
        assert day.exists()
        orphans.sweep()
        clock(timedelta(days=1))
    assert not day.exists()


def test_what_is_moved_on_a_day_that_comes_again_does_not_share_the_age_of_that_day(
    clock: Clock,
) -> None:
    rest(clock, 7)
    clock(timedelta(days=-7))
    late = lay(uuid4())
    orphans.retire(late, "a test")
    clock(timedelta(days=8))
    orphans.sweep()
    assert [path.name for path in rested()] == [late.name]


def test_what_has_its_row_again_is_put_back(stones: list[UUID]) -> None:
    lost = lay(uuid4(), b"lost")
    orphans.sweep()
    stones.append(UUID(lost.stem))
    orphans.sweep()
    assert lost.read_bytes() == b"lost"
    assert orphans.resting() == 0


@pytest.mark.parametrize(
    ("count", "total", "is_too_many"),
    [
        pytest.param(5, 5, False, id="a few of few"),
        pytest.param(6, 10, True, id="most of few"),
        pytest.param(6, 120, False, id="five in a hundred"),
        pytest.param(6, 119, True, id="more than five in a hundred"),
        pytest.param(49, 100_000, False, id="forty-nine of many"),
        pytest.param(50, 100_000, True, id="fifty at once"),
    ],
)
def test_too_many_orphans_are_no_accident(count: int, total: int, is_too_many: bool) -> None:
    assert orphans.too_many(count, total) is is_too_many


def test_too_many_orphans_stay_until_a_person_says_so(
    as_owner: Client, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = [lay(uuid4()) for _ in range(20)]
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert orphans.sweep() == 0
    assert all(path.exists() for path in lost)
    assert [record.message for record in caplog.records if "20 of 20 stones" in record.message] == [
        caplog.records[0].message
    ]
    assert "20 of 20 stones" in as_owner.get("/health/").content.decode()

    call_command("sweep_orphans")
    assert f"stones: stones/{lost[0].name}" in capsys.readouterr().out
    assert all(path.exists() for path in lost)

    call_command("sweep_orphans", "--yes")
    assert len(rested()) == 20
    assert "20 of 20 stones" not in as_owner.get("/health/").content.decode()


def test_where_one_kind_has_lost_too_much_the_few_of_another_stay_as_well() -> None:
    media.register(media.Kind("films", "films/*.film"))
    film = media.root() / "films" / f"{uuid4()}.film"
    film.parent.mkdir()
    film.write_bytes(b"x")
    age(film)
    for _ in range(20):
        lay(uuid4())

    assert orphans.sweep() == 0

    assert film.exists()
    assert orphans.waiting_for_approval() == {"stones": [20, 20], "films": [1, 1]}


def test_nothing_moves_and_no_trash_is_emptied_beside_another_database(
    caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    lost, day = lay(uuid4()), rest(clock, 7)
    lost.touch()
    clock(timedelta(days=1))
    installation.write_marker(installation.Marker(uuid4(), 1))
    with caplog.at_level(logging.WARNING):
        assert orphans.sweep() == 0
        assert orphans.sweep() == 0
    assert lost.exists()
    assert day.exists()
    (said,) = caplog.records
    assert installation.OTHER_DATABASE in said.message
    assert "manage.py adopt_media" in said.message
    with pytest.raises(CommandError, match="adopt_media"):
        call_command("sweep_orphans", "--yes")


def test_what_a_user_deletes_leaves_the_trash_as_well() -> None:
    lost = lay(uuid4(), b"s3cret")
    orphans.sweep()
    lay(UUID(lost.stem), b"s3cret again")

    assert orphans.erase(lost)

    assert [path for path in media.root().rglob("*") if lost.stem in path.name] == []


def test_a_path_that_is_orphaned_twice_on_a_day_rests_twice() -> None:
    one = uuid4()
    for content in (b"first", b"second"):
        lay(one, content)
        orphans.sweep()
    assert [path.read_bytes() for path in rested()] == [b"first", b"second"]


def test_a_forgotten_face_does_not_rest() -> None:
    media.register(
        media.Kind("stones", "stones/*.stone", is_forgotten=lambda path: path.name.startswith("f"))
    )
    lay(UUID("f" * 32))
    lay(UUID("a" * 32))
    assert orphans.sweep() == 2
    assert [path.name[0] for path in rested()] == ["a"]


def test_forgotten_faces_go_at_once_however_many_and_new_they_are() -> None:
    media.register(media.Kind("stones", "stones/*.stone", is_forgotten=lambda _path: True))
    for _ in range(60):
        lay(uuid4()).touch()
    assert orphans.sweep() == 60
    assert rested() == []


def test_half_written_files_go_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    media.register(media.Kind("stones", "stones/*.stone", is_unfinished=True))
    for _ in range(60):
        lay(uuid4())
    assert orphans.sweep() == 60
