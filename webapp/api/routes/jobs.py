"""Work that is under way, was done or was given up."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema

from webapp.api.access import may
from webapp.api.asker import one_of
from webapp.api.paging import Page, Paged, numbered
from webapp.core.models import Job as JobRow

router = Router()


class Job(Schema):
    """One stage of work on one thing.

    Attributes:
        stage: What is done.
        subject: Id of the photo, video or other thing it is done to.
        state: ``pending``, ``running``, ``done``, ``failed`` (its input is at fault) or
            ``quarantined`` (set aside after several tries).
        error: Why it failed.
    """

    id: int
    stage: str
    subject: UUID
    state: str
    attempts: int
    error: str
    created_at: datetime
    updated_at: datetime


class JobQuery(Schema):
    """Which jobs.

    Attributes:
        subject: Of one photo, video or other thing.
        state: In one state.
    """

    subject: UUID | None = None
    state: Literal["", "pending", "running", "done", "failed", "quarantined"] = ""


def _shown(job: JobRow) -> Job:
    return Job(
        id=job.pk,
        stage=job.stage,
        subject=job.subject_id,
        state=job.state,
        attempts=job.attempts,
        error=job.error,
        created_at=job.created_at,
        updated_at=job.updated_at,
    )


def _jobs(request: HttpRequest) -> QuerySet[JobRow]:
    return JobRow.objects.filter(owner_id=request.user.pk)


@router.get("/jobs", auth=may("read"), response=Page[Job], operation_id="list_jobs")
def list_jobs(request: HttpRequest, page: Paged, wanted: Annotated[JobQuery, Query()]) -> Page[Job]:
    """List the jobs."""
    found = _jobs(request)
    if wanted.subject:
        found = found.filter(subject_id=wanted.subject)
    if wanted.state:
        found = found.filter(state=wanted.state)
    return numbered(found, page, lambda rows: [_shown(job) for job in rows])


@router.get("/jobs/{int:job_id}", auth=may("read"), response=Job, operation_id="get_job")
def get_job(request: HttpRequest, job_id: int) -> Job:
    """Tell one job."""
    return _shown(one_of(_jobs(request), job_id))
