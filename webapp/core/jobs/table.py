"""The job table as a state machine: enqueue, claim, finish, fail, release.

Workers die, messages are lost or doubled and two workers may hold the same job for a moment. One
rule keeps this harmless: only who holds the present token may write the job's results, and it
writes them in the same transaction that marks the job done.
"""

import logging
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from webapp.core import events
from webapp.core.extension import stages
from webapp.core.jobs import leases, wakeups
from webapp.core.models import Job
from webapp.core.patience import reconnect

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
PATIENCE_SECONDS = 60
"""How long results wait for a database that is away; a claim lost meanwhile ends that."""
FIRST_HINT_SECONDS = 5
"""How long a wake-up may take before the sweep sends another; doubles with each."""
RETRY_SECONDS = 1
"""Pause before the second attempt; doubles with each."""
QUARANTINE_REASON = gettext_noop(
    "This stopped the analysis %(attempts)s times and was set aside. You can try it again."
)


class BadInputError(Exception):
    """The subject itself is at fault; trying again would not help. The text is for the user."""


class SetAsideError(Exception):
    """It cannot be done here, though the subject may be fine. The text is for the user."""


class LostClaimError(Exception):
    """Somebody else holds the job now, or it was deleted; write nothing."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do one job once.

    Attributes:
        attempt: 1 for the first try.
    """

    job_id: int
    stage: str
    subject_id: UUID
    owner_id: int
    token: UUID
    attempt: int


@dataclass(slots=True)
class Finish:
    """What a finishing stage may add to its transaction.

    Attributes:
        is_followed: Whether the stages that follow are queued; a subject that shall rest here
            says no.
    """

    claim: Claim
    is_followed: bool = True

    def event(self, kind: str, payload: dict[str, Any]) -> None:
        """Tell the owner's open pages about the subject, once the results are committed."""
        about = _subject(self.claim.stage, self.claim.subject_id)
        events.publish(self.claim.owner_id, kind, payload, about=about)


def worker_name() -> str:
    """Return the name of the worker that this process belongs to."""
    return os.environ.get("ENCORE_WORKER") or f"process-{os.getpid()}"


def enqueue(stage: str, subject_id: UUID, owner_id: int) -> Job:
    """Ask for a stage of a subject; call it in the transaction that makes the subject.

    Asking twice leaves one job. A job that ran before is armed again; one that is running loses
    its claim, because it may have read what has changed since, and runs anew.
    """
    stages.get(stage)
    now = timezone.now()
    fresh = {
        "owner_id": owner_id,
        "state": Job.State.PENDING,
        "attempts": 0,
        "token": None,
        "worker": "",
        "lease_expires_at": None,
        "error": "",
        # The wake-up below is on its way; the sweep sends another only if nobody followed it.
        "hint_due_at": now + timedelta(seconds=FIRST_HINT_SECONDS),
        "hints": 0,
    }
    with transaction.atomic():
        job, _ = Job.objects.update_or_create(stage=stage, subject_id=subject_id, defaults=fresh)
        transaction.on_commit(partial(wakeups.send, stage, job.pk))
    return job


def claim(job_id: int) -> Claim | None:
    """Take a job, or return ``None`` when it is done, taken, exhausted or gone.

    One conditional UPDATE decides, so of two workers exactly one gets it. Who works for longer
    than a lease renews it (``leases.kept``).
    """
    now = leases.now()
    token = uuid.uuid4()
    free = Q(state=Job.State.PENDING) | Q(state=Job.State.RUNNING, lease_expires_at__lt=now)
    taken = Job.objects.filter(free, pk=job_id, attempts__lt=MAX_ATTEMPTS).update(
        state=Job.State.RUNNING,
        token=token,
        attempts=F("attempts") + 1,
        worker=worker_name(),
        lease_expires_at=leases.end(),
        updated_at=now,
    )
    # By the token: a subject that is deleted between the two statements takes the row along.
    job = Job.objects.filter(pk=job_id, token=token).first() if taken else None
    if job is None:
        return None
    return Claim(job.pk, job.stage, job.subject_id, job.owner_id, token, job.attempts)


def claim_next(job_id: int) -> Claim | None:
    """Take what is most urgent for a worker that was woken for a job.

    A wake-up means "look at the table": work of a lower rank comes before the job itself, and if
    that is no longer to be done, other work of its kind is. As every open job has had a wake-up of
    its own, each is done; the sweep makes up for wake-ups that were lost.

    Returns:
        ``None`` when nothing that this wake-up could mean is to be done.
    """
    stage = Job.objects.filter(pk=job_id).values_list("stage", flat=True).first()
    peers = {one.name: one.rank for one in stages.peers(stage or "")}
    if stage is None or stage not in peers:
        return claim(job_id)
    sooner = [name for name, rank in peers.items() if rank < peers[stage]]
    return _claim_open(sooner) or claim(job_id) or _claim_open(list(peers))


def _claim_open(names: list[str]) -> Claim | None:
    """Take the oldest open job of the lowest rank; one that waits to be tried again is not open."""
    waiting = _startable()
    for name in sorted(names, key=lambda name: stages.get(name).rank):
        # A few, as other workers may take the first of them between this question and the claim.
        for pk in waiting.filter(stage=name).order_by("pk").values_list("pk", flat=True)[:8]:
            if taken := claim(pk):
                return taken
    return None


def _startable() -> QuerySet[Job]:
    """Return the jobs that wait for a worker and not to be tried again."""
    is_fresh = Q(attempts=0) | Q(hint_due_at__lte=timezone.now())
    return Job.objects.filter(is_fresh, state=Job.State.PENDING)


@contextmanager
def finish(claim: Claim) -> Iterator[Finish]:
    """Open the one transaction that writes a job's results and marks it done.

    Do slow work before; the database is locked for writing inside. An exception rolls everything
    back. The stages that follow this one are queued in the same transaction. For a database that
    has gone away meanwhile it waits: the results may be the work of minutes.

    Raises:
        LostClaimError: The claim is no longer ours; nothing was written.
    """
    reconnect(PATIENCE_SECONDS)
    with transaction.atomic():
        _settle(claim, Job.State.DONE)
        done = Finish(claim)
        yield done
        for stage in stages.following(claim.stage) if done.is_followed else ():
            enqueue(stage.name, claim.subject_id, claim.owner_id)


def holds(claim: Claim) -> bool:
    """Whether the claim is still ours; long stages may ask before an expensive step."""
    reconnect(PATIENCE_SECONDS)
    return Job.objects.filter(pk=claim.job_id, token=claim.token).exists()


def is_overtaken(claim: Claim) -> bool:
    """Whether more urgent work waits for this worker; long stages may then end with a part.

    Work of other time limits counts too: what is urgent for a user is not what fits a message.
    """
    own = stages.get(claim.stage)
    sooner = [one.name for one in stages.every() if one.queue == own.queue and one.rank < own.rank]
    return _startable().filter(stage__in=sooner).exists()


def is_open(stage: str, subject_id: UUID) -> bool:
    """Whether a job waits or is being done."""
    states = (Job.State.PENDING, Job.State.RUNNING)
    return Job.objects.filter(stage=stage, subject_id=subject_id, state__in=states).exists()


def open_subjects(*names: str) -> set[UUID]:
    """Return what these stages have still to do."""
    open_states = (Job.State.PENDING, Job.State.RUNNING)
    found = Job.objects.filter(stage__in=names, state__in=open_states)
    return set(found.values_list("subject_id", flat=True))


def fail(claim: Claim, reason: str) -> None:
    """Give up on a job because of its input, with a reason for the user.

    Raises:
        LostClaimError: The claim is no longer ours.
    """
    _give_up(claim, Job.State.FAILED, "job_failed", reason)
    logger.info("job %d (%s) failed on its input", claim.job_id, claim.stage)


def set_aside(claim: Claim, reason: str) -> None:
    """Quarantine a job at once, because here no other try would help.

    Raises:
        LostClaimError: The claim is no longer ours.
    """
    _give_up(claim, Job.State.QUARANTINED, "job_quarantined", reason)
    logger.warning("job %d (%s) is quarantined: %s", claim.job_id, claim.stage, reason)


def _give_up(claim: Claim, state: Job.State, kind: str, reason: str) -> None:
    reconnect(PATIENCE_SECONDS)
    with transaction.atomic():
        _settle(claim, state, error=reason[:300])
        _tell_failure(claim.stage, claim.subject_id, claim.owner_id, kind, reason)


def release(claim: Claim, reason: str) -> None:
    """Give a job back after trouble: pending again, or set aside after the last attempt.

    Args:
        claim: The claim to give up; one that is already lost is no error.
        reason: What went wrong, for the user.
    """
    give_back(Job.objects.filter(pk=claim.job_id, token=claim.token), reason)


def forfeit_worker(worker: str, reason: str) -> int:
    """Give back everything that a dead worker held; return how many jobs that were."""
    return give_back(Job.objects.filter(worker=worker, token__isnull=False), reason)


def return_untried(workers: Iterable[str]) -> int:
    """Return to pending what these workers held at an orderly stop; the attempt does not count."""
    held = Job.objects.filter(worker__in=list(workers), state=Job.State.RUNNING)
    return _return_untried(held, pause_seconds=0)


def hand_back(claim: Claim) -> None:
    """Return a job whose database or media were away; that was no fault of it and does not count.

    Args:
        claim: The claim to give up; one that is already lost is no error.
    """
    held = Job.objects.filter(pk=claim.job_id, token=claim.token, state=Job.State.RUNNING)
    _return_untried(held, pause_seconds=FIRST_HINT_SECONDS)


def _return_untried(held: QuerySet[Job], pause_seconds: float) -> int:
    return held.update(
        state=Job.State.PENDING,
        token=None,
        worker="",
        lease_expires_at=None,
        attempts=F("attempts") - 1,
        hint_due_at=timezone.now() + timedelta(seconds=pause_seconds),
        hints=0,
    )


def cancel(subject_id: UUID) -> None:
    """Forget every job of a deleted subject; a stage still running cannot write any more."""
    Job.objects.filter(subject_id=subject_id).delete()


def _settle(claim: Claim, state: str, error: str = "") -> None:
    settled = Job.objects.filter(
        pk=claim.job_id, token=claim.token, state=Job.State.RUNNING
    ).update(
        state=state,
        token=None,
        worker="",
        lease_expires_at=None,
        error=error,
        updated_at=timezone.now(),
    )
    if not settled:
        raise LostClaimError(f"job {claim.job_id} is no longer held by this claim")


def give_back(held: QuerySet[Job], reason: str) -> int:
    """Return running jobs to pending, or quarantine those without an attempt left.

    Returns:
        How many jobs were given back.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = list(held.filter(state=Job.State.RUNNING).select_for_update())
        for job in rows:
            job.token, job.worker, job.lease_expires_at = None, "", None
            job.error = reason[:300]
            job.state = Job.State.PENDING
            job.hints = 0
            job.hint_due_at = now + timedelta(seconds=RETRY_SECONDS * 2 ** (job.attempts - 1))
            if job.attempts >= MAX_ATTEMPTS:
                _quarantine(job)
            job.save()
    return len(rows)


def _quarantine(job: Job) -> None:
    job.state = Job.State.QUARANTINED
    job.error = QUARANTINE_REASON % {"attempts": job.attempts}
    _tell_failure(job.stage, job.subject_id, job.owner_id, "job_quarantined", job.error)
    logger.warning("job %d (%s) is quarantined", job.pk, job.stage)


def _tell_failure(stage: str, subject_id: UUID, owner_id: int, kind: str, reason: str) -> None:
    """Publish the failure and let the stage's app mark its subject."""
    told = {"stage": stage, "reason": reason[:300]}
    events.publish(owner_id, kind, told, about=_subject(stage, subject_id))
    on_failure = stages.get(stage).on_failure
    if on_failure:
        import_string(on_failure)(subject_id, reason)


def _subject(stage: str, subject_id: UUID) -> events.Subject | None:
    kind = stages.get(stage).subject
    return events.Subject(kind, subject_id) if kind else None
