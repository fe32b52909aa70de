"""The health page: a word for anybody, everything for the owner; and the answers to machines."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from tests.factories import make_job
from webapp.accounts.models import User
from webapp.core.jobs import wakeups
from webapp.core.models import Heartbeat, IntegrityCheck, Job
from webapp.core.processes import heartbeats
from webapp.core.safekeeping import integrity
from webapp.core.web import health, readiness

ALL_WELL = {"database": "ok", "broker": "ok", "disk": "ok"}


def test_only_ok_is_said_to_a_stranger(client: Client, db: None) -> None:
    assert client.get("/health/").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("trouble", "words"),
    [("", "Encore works"), ("Redis does not answer", "Something needs a look")],
)
def test_a_member_reads_in_words_whether_all_works_and_no_details(
    as_member: Client, monkeypatch: pytest.MonkeyPatch, trouble: str, words: str
) -> None:
    monkeypatch.setattr(wakeups, "trouble", lambda: trouble)
    response = as_member.get("/health/")
    content = response.content.decode()
    assert response.headers["Content-Type"].startswith("text/html")
    assert words in content
    assert "Redis" not in content
    assert "mtcnn" not in content


def test_a_model_without_a_known_hash_is_listed_without_one() -> None:
    rows = dict(health.models().rows)
    assert "sha256" in rows["mtcnn-pnet"]
    assert "sha256" not in rows["facenet-vggface2"]


def test_a_process_that_lives_says_so_without_a_database(client: Client) -> None:
    assert client.get("/health/live/").json() == {"status": "ok"}


@pytest.mark.usefixtures("db")
def test_a_process_that_can_serve_is_ready(client: Client) -> None:
    assert client.get("/health/ready/").json() == {"status": "ok", "checks": ALL_WELL}


@pytest.mark.usefixtures("db")
def test_without_redis_visitors_are_still_sent(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wakeups, "trouble", lambda: "Redis does not answer (ConnectionError)")
    response = client.get("/health/ready/")
    assert response.status_code == 200
    assert response.json() == {"status": "degraded", "checks": ALL_WELL | {"broker": "error"}}


class _AwayDatabase:
    def cursor(self) -> None:
        raise OperationalError("connection refused: 10.0.0.7")


def _break_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "connection", _AwayDatabase())


def _fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "FREE_SPACE_ERROR_BYTES", 10**18)


def _take_the_folder_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", settings.MEDIA_ROOT / "gone")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("breaks", "name"),
    [
        (_break_the_database, "database"),
        (_fill_the_disk, "disk"),
        (_take_the_folder_away, "disk"),
    ],
)
def test_a_process_that_cannot_serve_is_not_ready(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    breaks: Callable[[pytest.MonkeyPatch], None],
    name: str,
) -> None:
    breaks(monkeypatch)
    response = client.get("/health/ready/")
    assert response.status_code == 503
    assert response.json() == {"status": "error", "checks": ALL_WELL | {name: "error"}}


def test_the_owner_sees_every_section(as_owner: Client) -> None:
    content = as_owner.get("/health/").content.decode()
    for title in ("Processes", "Queue", "Wake-ups", "Models", "Database", "Disk", "Versions"):
        assert title in content
    assert "mtcnn" in content


@pytest.mark.usefixtures("db")
def test_a_process_that_fell_silent_is_pointed_out() -> None:
    heartbeats.beat("worker-vision", {})
    assert health.processes().status == "ok"
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    section = health.processes()
    assert section.status == "warn"
    assert "silent for 300 s" in dict(section.rows)["worker-vision"]


@pytest.mark.usefixtures("paint")
def test_the_age_of_the_queue_is_shown(owner: User) -> None:
    make_job(owner, "paint")
    assert health.queue().status == "ok"
    Job.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    section = health.queue()
    assert section.status == "warn"
    assert dict(section.rows)["Oldest waiting"].startswith("3600")


@pytest.mark.usefixtures("db")
def test_the_database_is_as_the_upkeep_found_it() -> None:
    assert dict(health.database().rows)["Integrity"] == "not looked at yet"
    integrity.check()
    section = health.database()
    assert (section.status, dict(section.rows)["Integrity"][:3]) == ("ok", "ok,")
    IntegrityCheck.objects.update(answer="row 7 missing from index photo_grid")
    section = health.database()
    assert section.status == "error"
    assert "photo_grid" in dict(section.rows)["Integrity"]


def test_versions_are_known() -> None:
    assert "not installed" not in dict(health.versions().rows).values()


@pytest.mark.usefixtures("db")
def test_a_process_not_heard_of_for_a_day_is_forgotten() -> None:
    heartbeats.beat("old", {})
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(days=2))
    heartbeats.beat("new", {})
    assert [beat.name for beat in Heartbeat.objects.all()] == ["new"]
