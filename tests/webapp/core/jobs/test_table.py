"""The job table as a state machine."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from tests.factories import make_job
from tests.webapp.core.conftest import remembered
from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.jobs import wakeups
from webapp.core.models import Event, Job

pytestmark = pytest.mark.usefixtures("paint")


@pytest.fixture
def claimed(owner: User) -> jobs.Claim:
    claim = jobs.claim(make_job(owner, "paint").pk)
    assert claim is not None
    return claim


def _state(claim: jobs.Claim) -> str:
    return Job.objects.get(pk=claim.job_id).state


def _expire(claim: jobs.Claim) -> None:
    Job.objects.filter(pk=claim.job_id).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )


def _publish_then_break(done: jobs.Finish) -> None:
    done.event("painted", {})
    raise KeyError


def test_asking_twice_leaves_one_pending_job(owner: User) -> None:
    subject = uuid4()
    first = make_job(owner, "paint", subject)
    second = make_job(owner, "paint", subject)
    assert first.pk == second.pk
    assert Job.objects.get().state == Job.State.PENDING


def test_an_unknown_stage_cannot_be_asked_for(owner: User) -> None:
    with pytest.raises(KeyError):
        make_job(owner, "unheard of")


def test_the_wakeup_waits_for_the_commit(
    owner: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(wakeups, "send", lambda _stage, pk: sent.append(pk))
    with django_capture_on_commit_callbacks(execute=True):
        job = make_job(owner, "paint")
        assert sent == []
    assert sent == [job.pk]


def test_a_claim_is_given_once(owner: User) -> None:
    job = make_job(owner, "paint")
    assert jobs.claim(job.pk) is not None
    assert jobs.claim(job.pk) is None


def test_a_claim_whose_lease_ended_can_be_taken_over(claimed: jobs.Claim) -> None:
    _expire(claimed)
    second = jobs.claim(claimed.job_id)
    assert second is not None
    assert second.attempt == 2
    assert second.token != claimed.token


def test_there_is_no_fourth_attempt(owner: User) -> None:
    job = make_job(owner, "paint")
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        claim = jobs.claim(job.pk)
        assert claim is not None
        assert claim.attempt == attempt
        _expire(claim)
    assert jobs.claim(job.pk) is None


def test_a_deleted_job_cannot_be_claimed(owner: User) -> None:
    job = make_job(owner, "paint")
    jobs.cancel(job.subject_id)
    assert jobs.claim(job.pk) is None


def test_finishing_marks_the_job_and_queues_what_follows(claimed: jobs.Claim) -> None:
    with jobs.finish(claimed) as done:
        done.event("painted", {"colour": "red"})
    assert _state(claimed) == Job.State.DONE
    follower = Job.objects.get(stage="dry")
    assert (follower.subject_id, follower.state) == (claimed.subject_id, Job.State.PENDING)
    event = Event.objects.get()
    assert event.payload == {"picture": str(claimed.subject_id), "colour": "red"}
    assert event.subject_id == claimed.subject_id


def test_who_lost_the_claim_cannot_finish(claimed: jobs.Claim) -> None:
    _expire(claimed)
    assert jobs.claim(claimed.job_id) is not None
    with pytest.raises(jobs.LostClaimError), jobs.finish(claimed) as done:
        done.event("painted", {})
    assert not Event.objects.exists()
    assert _state(claimed) == Job.State.RUNNING


def test_nothing_is_written_for_a_subject_deleted_meanwhile(claimed: jobs.Claim) -> None:
    jobs.cancel(claimed.subject_id)
    with pytest.raises(jobs.LostClaimError), jobs.finish(claimed) as done:
        done.event("painted", {})
    assert not Event.objects.exists()


def test_an_error_while_finishing_leaves_the_job_running_and_nothing_written(
    claimed: jobs.Claim,
) -> None:
    with pytest.raises(KeyError), jobs.finish(claimed) as done:
        _publish_then_break(done)
    assert _state(claimed) == Job.State.RUNNING
    assert not Event.objects.exists()


def test_asking_again_while_it_runs_takes_the_claim_away(claimed: jobs.Claim, owner: User) -> None:
    make_job(owner, "paint", claimed.subject_id)
    assert not jobs.holds(claimed)
    again = jobs.claim(claimed.job_id)
    assert again is not None
    assert again.attempt == 1


def test_bad_input_fails_at_once_with_its_reason(claimed: jobs.Claim) -> None:
    jobs.fail(claimed, "This is not a photo.")
    job = Job.objects.get(pk=claimed.job_id)
    assert (job.state, job.error) == (Job.State.FAILED, "This is not a photo.")
    event = Event.objects.get()
    assert event.kind == "job_failed"
    assert event.payload["picture"] == str(claimed.subject_id)
    assert remembered == ["This is not a photo."]


def test_a_failed_job_can_be_asked_for_again(claimed: jobs.Claim, owner: User) -> None:
    jobs.fail(claimed, "This is not a photo.")
    make_job(owner, "paint", claimed.subject_id)
    job = Job.objects.get(pk=claimed.job_id)
    assert (job.state, job.attempts, job.error) == (Job.State.PENDING, 0, "")


def test_a_released_job_waits_longer_each_time_and_is_then_set_aside(owner: User) -> None:
    job = make_job(owner, "paint")
    pauses = []
    for _ in range(jobs.MAX_ATTEMPTS):
        claim = jobs.claim(job.pk)
        assert claim is not None
        jobs.release(claim, "It broke.")
        job.refresh_from_db()
        pauses.append((job.hint_due_at - timezone.now()).total_seconds())
    assert pauses == sorted(pauses)
    assert job.state == Job.State.QUARANTINED
    assert "3 times" in job.error
    assert Event.objects.get().kind == "job_quarantined"
    assert len(remembered) == 1


def test_releasing_a_lost_claim_changes_nothing(claimed: jobs.Claim) -> None:
    _expire(claimed)
    second = jobs.claim(claimed.job_id)
    jobs.release(claimed, "It broke.")
    assert second is not None
    assert jobs.holds(second)


def test_a_dead_worker_forfeits_only_its_own_jobs(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims: dict[str, UUID] = {}
    for worker in ("dead", "alive"):
        monkeypatch.setenv("ENCORE_WORKER", worker)
        claim = jobs.claim(make_job(owner, "paint").pk)
        assert claim is not None
        claims[worker] = claim.subject_id
    assert jobs.forfeit_worker("dead", "It died.") == 1
    assert Job.objects.get(subject_id=claims["dead"]).state == Job.State.PENDING
    assert Job.objects.get(subject_id=claims["alive"]).state == Job.State.RUNNING


def test_an_orderly_stop_does_not_cost_an_attempt(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCORE_WORKER", "ours")
    job = make_job(owner, "paint")
    assert jobs.claim(job.pk) is not None
    assert jobs.return_untried(["ours"]) == 1
    job.refresh_from_db()
    assert (job.state, job.attempts, job.token) == (Job.State.PENDING, 0, None)


@pytest.mark.usefixtures("owner")
def test_pending_jobs_are_all_done_with_what_follows(
    owner: User, run_jobs: Callable[[], int]
) -> None:
    make_job(owner, "paint")
    assert run_jobs() == 2
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}
