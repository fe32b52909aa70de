"""Makers of the rows that tests start from; every argument has a sensible default."""

import itertools
import os
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.jobs import tasks
from webapp.core.models import Job

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def make_user(username: str = "", **fields: Any) -> User:
    """Make a user whose password is ``PASSWORD``."""
    name = username or f"user{next(_numbers)}"
    return User.objects.create_user(username=name, password=PASSWORD, **fields)


def age(path: Path, hours: float = 2) -> None:
    """Make a file or folder look as if it had been written some hours ago."""
    before = time.time() - hours * 3600
    os.utime(path, (before, before))


def make_job(owner: User, stage: str = "ingest", subject_id: UUID | None = None) -> Job:
    """Queue one job."""
    return jobs.enqueue(stage, subject_id or uuid4(), owner.pk)


def run_pending_jobs(limit: int = 1000) -> int:
    """Do pending jobs, oldest first, until none is left; returns how many were done."""
    for done in range(limit):
        job = Job.objects.filter(state=Job.State.PENDING).order_by("pk").first()
        if job is None:
            return done
        tasks.perform(job.pk)
    raise AssertionError(f"jobs are still pending after {limit}")
