"""What becomes of a job by how its stage ends."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

from tests.factories import make_job
from tests.webapp.core import conftest as stubs
from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.extension import stages
from webapp.core.jobs import Claim, tasks
from webapp.core.models import Job


def hang(_claim: Claim) -> None:
    raise SoftTimeLimitExceeded


def vanish(claim: Claim) -> None:
    Job.objects.filter(pk=claim.job_id).delete()
    stubs.succeed(claim)


@pytest.mark.parametrize(
    ("function", "state"),
    [
        pytest.param(stubs.succeed, Job.State.DONE, id="finished"),
        pytest.param(stubs.do_nothing, Job.State.DONE, id="returned without results"),
        pytest.param(stubs.refuse, Job.State.FAILED, id="bad input"),
        pytest.param(stubs.crash, Job.State.PENDING, id="crashed and to be tried again"),
    ],
)
@pytest.mark.usefixtures("registry")
def test_the_end_of_a_stage_decides_the_state(
    owner: User, function: object, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    module, name = function.__module__, function.__qualname__  # type: ignore[attr-defined]
    stages.register(stages.Stage(name="stub", run=f"{module}.{name}"))
    job = make_job(owner, "stub")
    tasks.perform(job.pk)
    job.refresh_from_db()
    assert job.state == state


@pytest.mark.usefixtures("registry")
def test_a_stage_that_takes_too_long_is_tried_again_in_another_process(owner: User) -> None:
    stages.register(stages.Stage(name="stub", run=f"{__name__}.hang"))
    job = make_job(owner, "stub")
    with pytest.raises(SystemExit):
        tasks.perform(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.PENDING, tasks.TOOK_TOO_LONG)


@pytest.mark.usefixtures("registry")
def test_a_job_deleted_while_it_runs_is_no_error(
    owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    stages.register(stages.Stage(name="stub", run=f"{__name__}.vanish"))
    tasks.perform(make_job(owner, "stub").pk)
    assert "broke" not in caplog.text


@pytest.mark.usefixtures("registry", "db")
def test_a_message_for_a_job_that_is_gone_is_ignored() -> None:
    tasks.perform(123_456)


@pytest.mark.usefixtures("registry")
def test_a_doubled_message_does_the_job_once(owner: User) -> None:
    stages.register(stages.Stage(name="stub", run="tests.webapp.core.conftest.succeed"))
    job = make_job(owner, "stub")
    tasks.perform(job.pk)
    tasks.perform(job.pk)
    job.refresh_from_db()
    assert job.attempts == 1


def lose_the_database(_claim: Claim) -> None:
    raise OperationalError("database is locked")


@pytest.mark.usefixtures("registry")
def test_a_database_that_goes_away_costs_a_job_no_attempt(owner: User) -> None:
    stages.register(stages.Stage(name="stub", run=f"{__name__}.lose_the_database"))
    job = make_job(owner, "stub")
    for _ in range(2 * jobs.MAX_ATTEMPTS):
        tasks.perform(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.token) == (Job.State.PENDING, 0, None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("registry")
def test_a_worker_survives_a_database_that_is_away(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("database is locked")

    stages.register(stages.Stage(name="stub", run="tests.webapp.core.conftest.succeed"))
    job = make_job(owner, "stub")
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "claim_next", refuse)
        patch.setattr(jobs, "forfeit_worker", refuse)
        tasks.perform(job.pk)
        tasks.forfeit("It died.")
    tasks.perform(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
