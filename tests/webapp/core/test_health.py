"""The health page: a word for anybody, everything for the owner."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_job
from webapp.accounts.models import User
from webapp.core import health, heartbeats
from webapp.core.models import Heartbeat, Job


@pytest.mark.parametrize("who", ["client", "as_member"])
def test_only_ok_is_said_to_others(who: str, request: pytest.FixtureRequest, db: None) -> None:
    response = request.getfixturevalue(who).get("/health/")
    assert response.json() == {"status": "ok"}


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
def test_a_sound_database_says_ok() -> None:
    assert dict(health.database().rows)["Integrity"] == "ok"


def test_versions_are_known() -> None:
    assert "not installed" not in dict(health.versions().rows).values()


@pytest.mark.usefixtures("db")
def test_a_process_not_heard_of_for_a_day_is_forgotten() -> None:
    heartbeats.beat("old", {})
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(days=2))
    heartbeats.beat("new", {})
    assert [beat.name for beat in Heartbeat.objects.all()] == ["new"]
