"""Leases: how long a claim lasts without a sign of life, and the thread that gives it.

A lease is short, so that the jobs of a worker that died or lost its database are free again
within a minute, and is renewed while the stage runs, however long that takes. A stage that hangs
is ended by its time limit. Renewing is no right to write: that is the token (``webapp.core.jobs``).
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import Error, connection
from django.utils import timezone

from webapp.core.models import Job

logger = logging.getLogger(__name__)

LEASE_SECONDS = 45
RENEW_SECONDS = 10
RENEW_AGAIN_SECONDS = 2
"""Pause after a renewal that failed."""
STOP_SECONDS = 1
"""How long the end of a stage waits for a renewal under way, which does no harm afterwards."""


def now() -> datetime:
    """Return the time by which leases are kept: that of the database.

    Machines that share one compare each other's leases, and their own clocks may differ by more
    than a lease lasts.
    """
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (answer,) = cursor.fetchone()
    return answer  # type: ignore[no-any-return]


def end() -> datetime:
    """Return when a lease that begins or is renewed now will end."""
    return now() + timedelta(seconds=LEASE_SECONDS)


def renew(job_id: int, token: UUID) -> bool:
    """Give a claim its full lease again; ``False`` when it is not held any more."""
    held = Job.objects.filter(pk=job_id, token=token, state=Job.State.RUNNING)
    return bool(held.update(lease_expires_at=end()))


@contextmanager
def kept(job_id: int, token: UUID) -> Iterator[None]:
    """Renew the lease of a claim from a thread until the block ends or the claim is lost."""
    stop = threading.Event()
    thread = threading.Thread(target=_keep, args=(job_id, token, stop), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS)


def _keep(job_id: int, token: UUID, stop: threading.Event) -> None:
    pause = RENEW_SECONDS
    while not stop.wait(pause):
        try:
            if not renew(job_id, token):
                return
            pause = RENEW_SECONDS
        except Error as error:
            logger.warning("the lease of job %d could not be renewed: %s", job_id, error)
            pause = RENEW_AGAIN_SECONDS
        finally:
            connection.close()  # This thread's own; the next renewal may find a new server.
