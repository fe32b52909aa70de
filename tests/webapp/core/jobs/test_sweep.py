"""The sweep repairs lost messages, dead workers and jumping clocks."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.factories import make_job
from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.jobs import leases, wakeups
from webapp.core.jobs.sweep import LONGEST_PAUSE_SECONDS, Sweeper
from webapp.core.models import Job

pytestmark = pytest.mark.usefixtures("paint")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids for which a wake-up was sent."""
    ids: list[int] = []

    def send(_stage: str, job_id: int) -> bool:
        ids.append(job_id)
        return True

    monkeypatch.setattr(wakeups, "send", send)
    return ids


class Clock:
    """The wall clock and the steady clock, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = timezone.now()
        self.steady = 1000.0
        monkeypatch.setattr("django.utils.timezone.now", self.now)
        monkeypatch.setattr("webapp.core.jobs.sweep.time.monotonic", lambda: self.steady)

    def now(self) -> datetime:
        return self.wall

    def pass_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds

    def jump(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_lost_wakeup_is_sent_again(owner: User, sent: list[int], clock: Clock) -> None:
    sweeper = Sweeper()
    job = make_job(owner, "paint")
    assert sweeper.sweep() == 0
    clock.pass_by(jobs.FIRST_HINT_SECONDS)
    assert sweeper.sweep() == 1
    assert sent == [job.pk]


def test_wakeups_become_rarer(owner: User, sent: list[int], clock: Clock) -> None:
    sweeper = Sweeper()
    make_job(owner, "paint")
    for _ in range(360):
        clock.pass_by(60)
        sweeper.sweep()
    expected = 360 * 60 / LONGEST_PAUSE_SECONDS
    assert expected <= len(sent) <= expected + 10


@pytest.fixture
def queue(tmp_path: Path, settings: Any) -> Path:
    settings.QUEUE_DIR = tmp_path / "queue"
    settings.QUEUE_DIR.mkdir()
    return tmp_path / "queue"


def leave_unread(queue: Path, stage: str, count: int = 1) -> None:
    for _ in range(count):
        (queue / f"1_{uuid4().hex}_{stage}.default.msg").write_text("{}")


def test_none_is_sent_while_as_many_are_unread_as_jobs_wait(
    owner: User, sent: list[int], clock: Clock, queue: Path
) -> None:
    """Jobs that waited for minutes got several each: 795 more than were ever needed."""
    sweeper = Sweeper()
    waiting = [make_job(owner, stage) for stage in ("paint", "paint", "dry")]
    leave_unread(queue, "paint", 2)
    leave_unread(queue, "dry")
    for _ in range(600):
        clock.pass_by(1)
        sweeper.sweep()
    assert sent == []

    next(queue.glob("*_dry.*")).unlink()
    assert sweeper.sweep() == 1
    assert sent == [waiting[0].pk], "the message of a peer is as good, so the oldest is woken for"


def test_what_is_unread_goes_when_no_job_waits_for_it(
    owner: User, sent: list[int], clock: Clock, queue: Path
) -> None:
    leave_unread(queue, "paint", 3)
    leave_unread(queue, "gone")
    sweeper = Sweeper()
    done = make_job(owner, "dry")
    sweeper.sweep()
    assert len(list(queue.glob("*_paint.*"))) == 3, "they are worth a job of their peers"

    done.delete()
    sweeper.sweep()
    assert [path.name.partition(".")[0].rpartition("_")[2] for path in queue.iterdir()] == ["gone"]


def test_an_idle_site_is_swept_by_one_query(
    owner: User, queue: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sweeper = Sweeper()
    done = make_job(owner, "paint")
    Job.objects.filter(pk=done.pk).update(state=Job.State.DONE)
    leave_unread(queue, "paint", 800)
    sweeper.sweep()
    assert list(queue.iterdir()) == []
    with django_assert_num_queries(1):
        sweeper.sweep()


def test_a_wakeup_that_cannot_be_sent_is_tried_again(
    owner: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wakeups, "send", lambda *_: False)
    sweeper = Sweeper()
    job = make_job(owner, "paint")
    clock.pass_by(jobs.FIRST_HINT_SECONDS)
    assert sweeper.sweep() == 0
    job.refresh_from_db()
    assert clock.wall < job.hint_due_at < clock.wall + timedelta(minutes=1)


def test_a_broker_that_was_away_for_long_costs_no_job_its_short_pauses(
    owner: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    monkeypatch.setattr(wakeups, "send", lambda _stage, pk: bool(tried.append(pk)))
    sweeper = Sweeper()
    waiting = [make_job(owner, "paint") for _ in range(20)]
    tried.clear()
    for _ in range(300):
        clock.pass_by(1)
        sweeper.sweep()
    assert len(tried) <= 300  # One attempt a sweep, however many jobs wait.
    for job in waiting:
        job.refresh_from_db()
        assert job.hints == 0
        assert job.hint_due_at <= clock.wall + timedelta(seconds=jobs.FIRST_HINT_SECONDS)


def test_an_expired_lease_returns_the_job(owner: User, sent: list[int], clock: Clock) -> None:
    sweeper = Sweeper()
    job = make_job(owner, "paint")
    jobs.claim(job.pk)
    clock.pass_by(leases.LEASE_SECONDS - 1)
    sweeper.sweep()
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    clock.pass_by(2)
    sweeper.sweep()
    job.refresh_from_db()
    assert job.state == Job.State.PENDING


def test_a_job_that_ended_three_workers_is_set_aside_with_a_reason(
    owner: User, sent: list[int], clock: Clock
) -> None:
    sweeper = Sweeper()
    job = make_job(owner, "paint")
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.claim(job.pk) is not None
        clock.pass_by(leases.LEASE_SECONDS + 1)
        sweeper.sweep()
    job.refresh_from_db()
    assert job.state == Job.State.QUARANTINED
    assert "set aside" in job.error
    clock.pass_by(24 * 3600)
    sent.clear()
    assert sweeper.sweep() == 0


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_jump_of_the_clock_neither_frees_nor_holds_a_lease(
    owner: User, sent: list[int], clock: Clock, seconds: int
) -> None:
    sweeper = Sweeper()
    sweeper.sweep()
    job = make_job(owner, "paint")
    jobs.claim(job.pk)
    clock.jump(seconds)
    sweeper.sweep()
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    clock.pass_by(leases.LEASE_SECONDS + 1)
    sweeper.sweep()
    job.refresh_from_db()
    assert job.state == Job.State.PENDING


def test_a_jump_that_nobody_watched_does_not_hold_a_lease_for_ever(
    owner: User, sent: list[int], clock: Clock
) -> None:
    job = make_job(owner, "paint")
    jobs.claim(job.pk)
    clock.jump(-3600)
    sweeper = Sweeper()
    sweeper.sweep()
    clock.pass_by(leases.LEASE_SECONDS + 60)
    sweeper.sweep()
    job.refresh_from_db()
    assert job.state == Job.State.PENDING


def test_a_pending_job_is_not_forgotten_when_the_clock_goes_back(
    owner: User, sent: list[int], clock: Clock
) -> None:
    job = make_job(owner, "paint")
    clock.jump(-3600)
    Sweeper().sweep()
    clock.pass_by(1)
    Sweeper().sweep()
    assert sent == [job.pk]
