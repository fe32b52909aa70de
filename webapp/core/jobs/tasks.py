"""One Celery task per stage, each of them thin: claim a job, run its stage, settle it."""

import logging
import os
import sys
import time
from contextlib import suppress
from typing import Any

from celery import Task, current_app
from celery.exceptions import SoftTimeLimitExceeded
from celery.worker.request import Request
from django.db import Error, close_old_connections
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from webapp.core import counts, jobs
from webapp.core.extension import stages
from webapp.core.files import installation
from webapp.core.jobs import forking, leases
from webapp.core.trouble import is_database_away

logger = logging.getLogger(__name__)

SOFT_MARGIN_SECONDS = 5
AWAY_PAUSE_SECONDS = 1.0
TOOK_TOO_LONG = gettext_noop("This took longer than it may.")
DIED = gettext_noop("The analysis stopped unexpectedly.")


def perform(job_id: int) -> None:
    """Do this job or a more urgent one (``jobs.claim_next``); harmless when there is none.

    While the database is away nothing can be taken, and while the media folder is not its own every
    file would seem to be missing; the sweep wakes somebody when it is back.
    """
    try:
        if trouble := installation.trouble():
            logger.info("job %d waits: %s", job_id, trouble)
            return
        claim = jobs.claim_next(job_id)
    except Error as error:
        if not is_database_away(error):
            raise
        logger.warning("no job can be taken while the database is away")
        return
    if claim is not None:
        _do(claim)


def _do(claim: jobs.Claim) -> None:
    """Run the stage of a claim and settle the job by how it ended."""
    started = time.monotonic()
    try:
        with leases.kept(claim.job_id, claim.token):
            _run(claim)
    except Exception as error:
        if is_database_away(error) or installation.trouble():
            _hand_back_when_possible(claim)
            return
        logger.exception("job %d (%s) broke", claim.job_id, claim.stage)
        jobs.release(claim, DIED)
    finally:
        counts.stage_times.add(claim.stage, time.monotonic() - started)


def _run(claim: jobs.Claim) -> None:
    try:
        import_string(stages.get(claim.stage).run)(claim)
        if jobs.holds(claim):  # A stage without results of its own need not finish by itself.
            with jobs.finish(claim):
                pass
    except jobs.LostClaimError:
        logger.info("job %d was taken over or deleted meanwhile", claim.job_id)
    except jobs.BadInputError as error:
        if installation.trouble():  # The folder went away meanwhile, and with it the file.
            jobs.hand_back(claim)
            return
        with suppress(jobs.LostClaimError):
            jobs.fail(claim, str(error))
    except jobs.SetAsideError as error:
        with suppress(jobs.LostClaimError):
            jobs.set_aside(claim, str(error))
    except SoftTimeLimitExceeded:
        jobs.release(claim, TOOK_TOO_LONG)
        # It may have come in the middle of an import or of a model, which then stays half a one.
        logger.warning("job %d (%s) was too slow; its process ends", claim.job_id, claim.stage)
        sys.exit(os.EX_TEMPFAIL)


def _hand_back_when_possible(claim: jobs.Claim) -> None:
    """Give a job back once the database answers; when its lease is over somebody else has."""
    logger.warning("job %d (%s) lost its database or its files", claim.job_id, claim.stage)
    deadline = time.monotonic() + leases.LEASE_SECONDS
    while time.monotonic() < deadline:
        try:
            return jobs.hand_back(claim)
        except Error:
            close_old_connections()  # What was connected to a server that went stays broken.
            time.sleep(AWAY_PAUSE_SECONDS)


class JobRequest(Request):
    """Tells the job table at once when the process that ran a job was killed.

    Celery runs this in the worker's main process, which survives. Without it the job would wait
    for the end of its lease. A worker has one process, so all it holds is that one job, which need
    not be the one that the message named.
    """

    def on_timeout(self, soft: bool, timeout: float) -> None:  # noqa: FBT001 - Celery's own
        """Give the job back after the hard time limit killed its process, and begin anew.

        The killed process may have held the lock of the queue on which the pool hears results; the
        next one would wait for it for ever. The supervisor, or whoever keeps this worker alive,
        starts it again at once, and its children go with it.
        """
        super().on_timeout(soft, timeout)
        if not soft:
            forfeit(TOOK_TOO_LONG)
            logger.warning("a stage hung and was killed; this worker starts anew")
            os._exit(os.EX_TEMPFAIL)

    def on_failure(self, exc_info: Any, *args: Any, **kwargs: Any) -> Any:
        """Give the job back after its process died."""
        outcome = super().on_failure(exc_info, *args, **kwargs)
        forfeit(DIED)
        return outcome


def forfeit(reason: str) -> None:
    """Give back what this worker held; an error here would end its main process."""
    try:
        with forking.between_forks():
            jobs.forfeit_worker(jobs.worker_name(), reason)
    except Error:
        logger.warning("what this worker held stays taken until its lease ends")


class StageTask(Task):  # type: ignore[type-arg]
    """A task whose only argument is a job id."""

    Request = "webapp.core.jobs.tasks:JobRequest"
    ignore_result = True
    acks_late = True


def _register(stage: stages.Stage) -> None:
    current_app.task(
        base=StageTask,
        name=f"encore.{stage.name}",
        time_limit=stage.time_limit_seconds,
        soft_time_limit=max(1, stage.time_limit_seconds - SOFT_MARGIN_SECONDS),
    )(perform)


for _stage in stages.every():
    _register(_stage)
