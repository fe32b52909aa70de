"""The sweep: repairs what lost messages, dead workers and jumping clocks leave behind."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Count, F
from django.utils import timezone
from django.utils.translation import gettext_noop

from webapp.core import jobs
from webapp.core.extension import stages
from webapp.core.jobs import leases, wakeups
from webapp.core.models import Job

logger = logging.getLogger(__name__)

BATCH = 200
LONGEST_PAUSE_SECONDS = 600
CLOCK_JUMP_SECONDS = 20
"""A step of the wall clock against the steady one that is no mere adjustment."""
_OPEN = (Job.State.PENDING, Job.State.RUNNING)
LEASE_OVER = gettext_noop("The analysis stopped unexpectedly.")


class Sweeper:
    """Looks over the job table again and again; several sweepers do not disturb each other.

    Leases are kept in wall-clock time, which the user or the network may set. A sweeper remembers
    how it and the steady clock stood; when they part, every lease begins anew: who lives renews
    it, and what the dead held is free when it ends.
    """

    def __init__(self) -> None:
        self._wall: datetime | None = None
        self._steady = 0.0

    def sweep(self) -> int:
        """Repair once; return how many wake-ups were sent. An idle site costs one query."""
        unread = wakeups.Unread.now()
        self._follow_clock()
        if not Job.objects.filter(state__in=_OPEN).exists():
            unread.discard([stage.name for stage in stages.every()])
            return 0
        self._shorten_impossible_leases(leases.now())
        self._give_back_expired()
        return self._hint_due(unread)

    def _follow_clock(self) -> None:
        wall, steady = leases.now(), time.monotonic()
        before, self._wall = self._wall or wall, wall
        before_steady, self._steady = self._steady or steady, steady
        jump = (wall - before) - timedelta(seconds=steady - before_steady)
        if abs(jump) >= timedelta(seconds=CLOCK_JUMP_SECONDS):
            logger.warning("the clock jumped by %d s; leases begin anew", jump.total_seconds())
            Job.objects.filter(state=Job.State.RUNNING).update(lease_expires_at=leases.end())
            Job.objects.filter(state=Job.State.PENDING).update(hint_due_at=F("hint_due_at") + jump)

    def _shorten_impossible_leases(self, now: datetime) -> None:
        """Cut what reaches further than any claim could, as after a jump nobody watched."""
        limit = now + timedelta(seconds=leases.LEASE_SECONDS + CLOCK_JUMP_SECONDS)
        Job.objects.filter(state=Job.State.RUNNING, lease_expires_at__gt=limit).update(
            lease_expires_at=limit
        )
        limit = now + timedelta(seconds=LONGEST_PAUSE_SECONDS + CLOCK_JUMP_SECONDS)
        Job.objects.filter(state=Job.State.PENDING, hint_due_at__gt=limit).update(hint_due_at=now)

    def _give_back_expired(self) -> None:
        expired = Job.objects.filter(state=Job.State.RUNNING, lease_expires_at__lt=leases.now())
        if expired.exists():
            jobs.give_back(expired, LEASE_OVER)

    def _hint_due(self, unread: wakeups.Unread) -> int:
        """Wake the workers for jobs that nobody took, each time after a longer pause.

        A message is worth one job, so while as many wait to be read as there are jobs to be done,
        another would only cost its reader time; and where no job is to be done, what is unread is
        removed. It was looked at before the jobs are: a message follows the commit of its job.
        """
        waiting = Job.objects.filter(state=Job.State.PENDING).order_by()
        if not unread.files and not waiting.filter(hint_due_at__lte=timezone.now()).exists():
            return 0
        pending = dict(waiting.values_list("stage").annotate(Count("pk")))
        sent = 0
        for group in {stages.peers(stage.name) for stage in stages.every()}:
            names = [stage.name for stage in group]
            open_jobs = sum(pending.get(name, 0) for name in names)
            if open_jobs == 0:
                unread.discard(names)
            else:
                sent += _hint(names, open_jobs - unread.count(names))
        return sent


def _hint(names: Sequence[str], lacking: int) -> int:
    """Send as many wake-ups as are lacking for due jobs of some stages; returns how many went.

    One that could not be sent does not count, and ends this round: a broker that is away would
    cost every job its time-out, and the jobs their short pauses.
    """
    now = timezone.now()
    due = Job.objects.filter(state=Job.State.PENDING, hint_due_at__lte=now, stage__in=names)
    most = min(max(lacking, 0), BATCH)
    sent = 0
    for pk, stage, hints in due.order_by("pk").values_list("pk", "stage", "hints")[:most]:
        pause = min(jobs.FIRST_HINT_SECONDS * 2 ** min(hints + 1, 12), LONGEST_PAUSE_SECONDS)
        changed = due.filter(pk=pk, hints=hints).update(
            hints=F("hints") + 1, hint_due_at=now + timedelta(seconds=pause)
        )
        if not changed:
            continue
        if not wakeups.send(stage, pk):
            again = now + timedelta(seconds=jobs.FIRST_HINT_SECONDS)
            Job.objects.filter(pk=pk, hints=hints + 1).update(hints=hints, hint_due_at=again)
            break
        sent += 1
    return sent
