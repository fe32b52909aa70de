"""A real Encore on a data folder of its own: ``manage.py up`` with all its processes."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.prepared import REPOSITORY, prepare

PRELUDE = "import django; django.setup()\n"


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Return the first true answer of ``condition``; fail with ``what`` when time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"after {seconds} s: {what}")


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run; one that ended but was not waited for does not."""
    running = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                running.append(process)
    return running


class LiveEncore:
    """One installation that can be started, killed and started again.

    Args:
        folder: Its data folder.
        settings: Settings module; ``tests.live_settings`` adds the stub stages.
        is_prepared: Whether a folder without a database gets a migrated one and collected static
            files before the first start, which would otherwise make them.
        extra: Environment variables on top.
    """

    def __init__(
        self,
        folder: Path,
        settings: str = "tests.live_settings",
        *,
        is_prepared: bool = True,
        **extra: str,
    ) -> None:
        self.folder = folder
        self._is_prepared = is_prepared
        self.port = free_port()
        self.log = folder.parent / f"{folder.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("ENCORE_")
        } | {
            "DJANGO_SETTINGS_MODULE": settings,
            "ENCORE_DATA_DIR": str(folder),
            "ENCORE_PORT": str(self.port),
            "OMP_NUM_THREADS": "1",
            "ENCORE_LIVE_ENGINE": "false",
            "PYTHONPATH": str(REPOSITORY),
            **extra,
        }

    @property
    def url(self) -> str:
        """Address of the site."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, seconds: float = 60) -> None:
        """Start it and wait until it listens."""
        self.launch()
        wait_until(self.answers, seconds, "it does not answer")

    def launch(self) -> None:
        """Start it."""
        if self._is_prepared:
            prepare(self.folder, self.environment)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=REPOSITORY,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def account(self) -> str:
        """Return what a failed test is asked about first: its jobs and the end of the log."""
        try:
            jobs = self.rows("SELECT * FROM core_job WHERE state != 'done' LIMIT 40")
        except sqlite3.Error as error:
            jobs = [(error,)]
        lines = self.log.read_text(errors="replace").splitlines()[-60:]
        parts = ["jobs that are not done:", *map(str, jobs), "the end of the log:", *lines]
        return "\n".join(parts)

    def answers(self) -> bool:
        """Whether the web process answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/health/", timeout=5) as response:  # noqa: S310
                return bool(response.status == 200)
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return False
        except OSError:
            return False

    def children(self) -> list[psutil.Process]:
        """Return every process below the supervisor."""
        if self.process is None:
            return []
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def child(self, *words: str) -> psutil.Process | None:
        """Return the direct child whose command line has these words."""
        if self.process is None:
            return None
        for process in alive(psutil.Process(self.process.pid).children()):
            with suppress(psutil.Error):
                if set(words) <= set(process.cmdline()):
                    return process
        return None

    def python(self, code: str) -> str:
        """Run code in a Django shell of this installation and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", PRELUDE + code],
            cwd=REPOSITORY,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def enqueue(self, stage: str, times: int = 1) -> None:
        """Queue jobs of a stage for a user called ``owner``, made if need be."""
        self.python(
            "from uuid import uuid4\n"
            "from webapp.accounts.models import User\n"
            "from webapp.core import jobs\n"
            "owner, _ = User.objects.get_or_create(username='owner', is_staff=True)\n"
            f"for _ in range({times}): jobs.enqueue({stage!r}, uuid4(), owner.pk)\n"
        )

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read from the database, past Django."""
        with sqlite3.connect(self.folder / "encore.sqlite3", timeout=20) as database:
            return database.execute(sql, values).fetchall()

    def states(self, stage: str) -> dict[str, int]:
        """Return how many jobs of a stage are in each state."""
        sql = "SELECT state, COUNT(*) FROM core_job WHERE stage = ? GROUP BY state"
        return dict(self.rows(sql, stage))

    def stop(self, seconds: float = 15) -> float:
        """Send SIGTERM, wait for the end; return how long it took."""
        assert self.process is not None
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(seconds)
        return time.monotonic() - started

    def kill(self) -> None:
        """Kill the supervisor, as the out-of-memory killer would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def clean_up(self) -> None:
        """Leave no process behind, whatever the test did."""
        processes = self.children()
        self.kill()
        for process in alive(processes):
            process.kill()

    def notes(self) -> list[dict[str, Any]]:
        """Return what the stub stages wrote down, oldest first."""
        path = self.folder / "notes.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]
