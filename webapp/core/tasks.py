"""One Celery task per stage, each of them thin: claim a job, run its stage, settle it."""

import logging
from contextlib import suppress
from typing import Any

from celery import Task, current_app
from celery.exceptions import SoftTimeLimitExceeded
from celery.worker.request import Request
from django.utils.module_loading import import_string

from webapp.core import jobs, stages

logger = logging.getLogger(__name__)

SOFT_MARGIN_SECONDS = 5
TOOK_TOO_LONG = "This took longer than it may."
DIED = "The analysis stopped unexpectedly."


def perform(job_id: int) -> None:
    """Do this job or a more urgent one (``jobs.claim_next``); harmless when there is none."""
    claim = jobs.claim_next(job_id)
    if claim is None:
        return
    try:
        import_string(stages.get(claim.stage).run)(claim)
        if jobs.holds(claim):  # A stage without results of its own need not finish by itself.
            with jobs.finish(claim):
                pass
    except jobs.LostClaimError:
        logger.info("job %d was taken over or deleted meanwhile", claim.job_id)
    except jobs.BadInputError as error:
        with suppress(jobs.LostClaimError):
            jobs.fail(claim, str(error))
    except jobs.SetAsideError as error:
        with suppress(jobs.LostClaimError):
            jobs.set_aside(claim, str(error))
    except SoftTimeLimitExceeded:
        jobs.release(claim, TOOK_TOO_LONG)
    except Exception:
        logger.exception("job %d (%s) broke", claim.job_id, claim.stage)
        jobs.release(claim, DIED)


class JobRequest(Request):
    """Tells the job table at once when the process that ran a job was killed.

    Celery runs this in the worker's main process, which survives. Without it the job would wait
    for the end of its lease. A worker has one process, so all it holds is that one job, which need
    not be the one that the message named.
    """

    def on_timeout(self, soft: bool, timeout: float) -> None:  # noqa: FBT001 - Celery's own
        """Give the job back after the hard time limit killed its process."""
        super().on_timeout(soft, timeout)
        if not soft:
            jobs.forfeit_worker(jobs.worker_name(), TOOK_TOO_LONG)

    def on_failure(self, exc_info: Any, *args: Any, **kwargs: Any) -> Any:
        """Give the job back after its process died."""
        outcome = super().on_failure(exc_info, *args, **kwargs)
        jobs.forfeit_worker(jobs.worker_name(), DIED)
        return outcome


class StageTask(Task):  # type: ignore[type-arg]
    """A task whose only argument is a job id."""

    Request = "webapp.core.tasks:JobRequest"
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
