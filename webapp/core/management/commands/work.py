"""``manage.py work QUEUE``: one worker with one process for jobs."""

import os
import warnings
from contextlib import suppress
from functools import partial
from typing import Any

from celery import current_app
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging, worker_process_init
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connections

from webapp.core import counts
from webapp.core.extension import hooks, stages
from webapp.core.files import installation
from webapp.core.processes import heartbeats, instance, lineage
from webapp.core.processes.upkeep import Upkeep

NICENESS = {"default": 5, "vision": 10}
"""Uploads and pages come first, thumbnails second, models last."""


class Command(BaseCommand):
    """Work on one queue, alone or under the supervisor."""

    help = "Do the jobs of one queue (manage.py up starts both for you)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the queue and the worker's name."""
        parser.add_argument("queue", choices=stages.QUEUES)
        parser.add_argument(
            "--name",
            help="name under which jobs are held; no two running workers may share one "
            "(default: a new name for each process)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until SIGTERM; a job under way is finished first."""
        if parent := os.environ.get("ENCORE_PARENT"):
            lineage.die_with(int(parent))
        queue: str = options["queue"]
        name: str = options["name"] or f"{queue}-{instance.process_name()}"
        os.environ["ENCORE_WORKER"] = name
        os.nice(NICENESS[queue])
        with suppress(Error):  # Without the database nothing is done anyway.
            installation.settle()
        # Celery warns root because of pickled messages; only JSON is accepted here.
        warnings.simplefilter("ignore", SecurityWarning)
        worker_process_init.connect(partial(_start_child, os.getpid(), name, queue), weak=False)
        setup_logging.connect(_keep_logging, weak=False)
        counts.share_stage_times(stage.name for stage in stages.every())
        # From here on this process leaves the database alone. SQLite's locks are part of the memory
        # that Celery's fork copies: a connection that happened to write at that moment kept the
        # child from writing ever after.
        connections.close_all()
        try:
            current_app.start(worker_arguments(queue, name))
        finally:
            heartbeats.forget(_sign(name))


def worker_arguments(queue: str, name: str) -> list[str]:
    """Return Celery's arguments.

    One process, kept for ever: models stay loaded. Celery's chatter between workers is off; the
    job table knows all it would say.
    """
    return [
        "--quiet",
        "worker",
        f"--queues={queue}",
        f"--hostname={name}",
        "--pool=prefork",
        "--concurrency=1",
        "--loglevel=WARNING",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]


def _keep_logging(**_kwargs: object) -> None:
    """Leave logs as the settings say: Celery asks who answers, and else writes its own way."""


def _sign(name: str) -> str:
    return f"worker-{name}"


def _start_child(worker_pid: int, name: str, queue: str, **_kwargs: object) -> None:
    """Let the process that runs jobs die with the worker that forked it, show life and be tidy.

    The worker may be gone already; whom the system gives as parent then is not the worker.
    """
    lineage.die_with(worker_pid)
    heartbeats.start_beating(_sign(name), {"pid": os.getpid(), "queue": queue})
    Upkeep([(duty.pause, duty.run) for duty in hooks.worker_duties]).start()
