"""The side of the web process: hand pictures to a worker, wait for the answer, leave nothing."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.utils import timezone
from ninja import UploadedFile

from webapp.accounts.models import User
from webapp.api.predictions.exchange import PREDICT, Exchange, Wish
from webapp.api.problems import ProblemError
from webapp.core import jobs
from webapp.core.files import installation
from webapp.core.models import Heartbeat, Job
from webapp.core.processes import heartbeats
from webapp.uploads import parts

LOOK_SECONDS = 0.01
"""Between two looks for the answer; a look at a file costs nothing."""
ASK_SECONDS = 0.5
"""Between two looks into the job table."""
RETRY_AFTER = {"Retry-After": "10"}
_AWAY = "The models are away for the moment. Please try again soon."
_BUSY = "Too many predictions wait already. Please try again soon."
_SLOW = "The models have other work to do. Please try again soon."
_DIED = "The analysis of this stopped unexpectedly, more than once."


def ask(user: User, pictures: Sequence[UploadedFile], wish: Wish) -> bytes:
    """Have pictures read; returns the answer as JSON.

    Waits as long as that takes, but not longer than ``PREDICT_TIMEOUT_SECONDS``.

    Raises:
        ProblemError: Nobody can answer now, or nobody could.
    """
    _check_worker()
    with _exchange(user, pictures, wish) as exchange:
        job = jobs.enqueue(PREDICT, exchange.id, user.pk)
        return _wait(exchange, job.pk)


def _check_worker() -> None:
    """Refuse at once what would wait in vain."""
    if installation.trouble():
        raise ProblemError(503, _AWAY, RETRY_AFTER)
    since = timezone.now() - timedelta(seconds=heartbeats.LATE_AFTER_SECONDS)
    if not Heartbeat.objects.filter(seen_at__gt=since, detail__queue="vision").exists():
        raise ProblemError(503, _AWAY, RETRY_AFTER)
    if len(jobs.open_subjects(PREDICT)) >= settings.PREDICT_AT_ONCE:
        raise ProblemError(503, _BUSY, RETRY_AFTER)


@contextmanager
def _exchange(user: User, pictures: Sequence[UploadedFile], wish: Wish) -> Iterator[Exchange]:
    """Lay pictures and wish out for a worker, and take everything away at the end."""
    parts.check_room(sum(picture.size or 0 for picture in pictures))
    exchange = Exchange(uuid4())
    try:
        exchange.folder.mkdir(parents=True, mode=0o700)
        for number, picture in enumerate(pictures):
            _copy(picture, exchange.picture(number))
        exchange.ask(wish)
        yield exchange
    finally:
        jobs.cancel(exchange.id)
        exchange.erase()


def _copy(picture: UploadedFile, path: Path) -> None:
    with path.open("xb") as file:
        for block in picture.chunks():
            file.write(block)


def _wait(exchange: Exchange, job_id: int) -> bytes:
    begun = asked = time.monotonic()
    while True:
        now = time.monotonic()
        if exchange.answer.exists():
            return exchange.answer.read_bytes()
        if now - asked > ASK_SECONDS:
            asked = now
            _check_job(job_id, now - begun)
        time.sleep(LOOK_SECONDS)


def _check_job(job_id: int, seconds: float) -> None:
    """Stop waiting for what will not come.

    Raises:
        ProblemError: Nobody has begun in time, or it took too long, or the worker died of it.
    """
    state = Job.objects.filter(pk=job_id).values_list("state", flat=True).first()
    if state in {Job.State.FAILED, Job.State.QUARANTINED}:
        raise ProblemError(422, _DIED)
    longest = settings.PREDICT_TIMEOUT_SECONDS
    if state == Job.State.PENDING:
        longest = min(longest, settings.PREDICT_START_SECONDS)
    if seconds > longest:
        raise ProblemError(503, _SLOW, RETRY_AFTER)
