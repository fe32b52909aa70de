"""``manage.py up``: starts the web process and the workers and keeps them alive.

The listening socket belongs to the supervisor and is inherited by the web process, so while that
restarts, browsers wait for an answer instead of being refused.
"""

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import Error, close_old_connections

from webapp.core import jobs
from webapp.core.extension import hooks, stages
from webapp.core.processes import heartbeats, instance
from webapp.core.processes.upkeep import Upkeep, site_duties
from webapp.vision.engine.process import engine_command
from webapp.vision.models.choice import chosen_embedder

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
RENEW_SECONDS = 2
ASK_SECONDS = 1
STOP_SECONDS = 10
"""How long children may take to end by themselves."""
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30
STEADY_SECONDS = 60
"""A child that lived this long starts over with the shortest pause."""
READY_SECONDS = 15
"""So long a child that does not say that it is ready holds back the others."""
DIED = "The analysis stopped unexpectedly."


@dataclass
class Child:
    """One process that the supervisor keeps alive.

    Attributes:
        arguments: What follows ``manage.py``.
        command: The whole command of a process that is not one of ``manage.py``.
        comes_first: Whether the children after it wait until it is ready, which it says by closing
            a pipe (``--ready-fd``), or by its end.
        renew: Returns ``command`` as it should be now; the process starts again when it differs.
        worker: Its name in the job table, empty for a process that takes no jobs.
        files: File descriptors it inherits.
        environment: Variables added to our own.
        is_asked_for: Whether it is kept only as long as an app asks for it (``hooks.processes``).
        leaves_at: When it is killed, where it was told to end as nobody asks for it any more.
    """

    name: str
    arguments: Sequence[str]
    worker: str = ""
    files: Sequence[int] = ()
    environment: dict[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()
    renew: Callable[[], Sequence[str]] | None = None
    comes_first: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    restarts: int = 0
    quick_ends: int = 0
    is_asked_for: bool = False
    leaves_at: float | None = None
    _readiness: int | None = None

    def start(self, manage: Path) -> None:
        """Start the process, in a group of its own that can be killed as a whole."""
        environment = os.environ | self.environment | {"ENCORE_PARENT": str(os.getpid())}
        command = list(self.command) or [sys.executable, str(manage), *self.arguments]
        files = list(self.files)
        if self.comes_first:
            self._stop_waiting()
            self._readiness, told = os.pipe()
            files.append(told)
            command += ["--ready-fd", str(told)]
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            cwd=manage.parent if self.command else None,
            env=environment,
            pass_fds=tuple(files),
            start_new_session=True,
        )
        if self.comes_first:
            os.close(told)

    def holds_back_others(self) -> bool:
        """Whether it was started a moment ago and is not ready yet."""
        if self._readiness is None:
            return False
        is_ready = bool(select.select([self._readiness], [], [], 0)[0])
        if is_ready or time.monotonic() - self.started_at > READY_SECONDS:
            self._stop_waiting()
        return self._readiness is not None

    def _stop_waiting(self) -> None:
        if self._readiness is not None:
            os.close(self._readiness)
            self._readiness = None

    def kill(self) -> None:
        """Kill what is left of its process group."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return

    def leave(self) -> None:
        """Tell the process to end, and kill it when it takes too long."""
        if self.process is None:
            return
        if self.leaves_at is None:
            self.leaves_at = time.monotonic() + STOP_SECONDS
            self.process.terminate()
        elif time.monotonic() > self.leaves_at:
            self.kill()

    def plan_restart(self) -> float:
        """Note an unexpected end; return after how many seconds it should start again."""
        lived = time.monotonic() - self.started_at
        self.quick_ends = 0 if lived > STEADY_SECONDS else self.quick_ends + 1
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** max(0, self.quick_ends - 1), LONGEST_PAUSE_SECONDS)
        self.start_at = time.monotonic() + pause
        self.restarts += 1
        self.process = None
        return float(pause)


def embedded_children(listener: socket.socket) -> list[Child]:
    """Return the processes of one machine, the one that answers browsers first.

    The supervisor has made the system's checks, so its children need not.
    """
    here = instance.installation_name(settings.DATA_DIR)
    workers = {queue: f"{queue}-{here}" for queue in stages.QUEUES}
    # Without Django, so that it is back half a second sooner after it died.
    inference = Child("inference", [], command=_engine(), renew=_engine)
    serve = ["serve", "--skip-checks", "--fd", str(listener.fileno())]
    return [
        Child("web", serve, files=[listener.fileno()], comes_first=True),
        *([inference] if settings.LIVE_ENGINE else []),
        *(
            Child(f"worker-{queue}", ["work", queue, "--skip-checks", "--name", name], worker=name)
            for queue, name in workers.items()
        ),
    ]


def _engine() -> list[str]:
    return engine_command(parent=os.getpid(), embedder=chosen_embedder())


class Supervisor:
    """Keeps children alive until it is told to stop.

    Args:
        children: The processes to keep.
        manage: Path of ``manage.py``.
    """

    def __init__(self, children: Sequence[Child], manage: Path) -> None:
        self.children = list(children)
        self._manage = manage
        self._stopping = False
        self._asked_for: Mapping[str, Sequence[str]] = {}
        self._upkeep = Upkeep(
            [
                *site_duties(),
                (heartbeats.BEAT_SECONDS, self._beat),
                (RENEW_SECONDS, self.renew_commands),
                (ASK_SECONDS, self.ask_for_more),
            ]
        )

    def run(self) -> None:
        """Start everything and stay until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        self._forfeit_all()
        self._upkeep.start()
        try:
            while not self._stopping:
                self.keep_what_is_asked_for()
                self._start_due()
                time.sleep(LOOK_SECONDS)
                self._notice_ends()
        finally:
            self._stop_all()

    def _ask_to_stop(self, _number: int, _frame: object) -> None:
        self._stopping = True

    def _forfeit_all(self) -> None:
        """Give back what workers of an earlier run held; the lock says that they are dead."""
        for child in self.children:
            if child.worker:
                self._forfeit(child.worker)

    def _start_due(self) -> None:
        """Start what is not there; on two cores, four at once would keep the first page waiting."""
        for child in self.children:
            if child.process is None and time.monotonic() >= child.start_at:
                child.start(self._manage)
            if child.holds_back_others():
                return

    def _notice_ends(self) -> None:
        for child in self.children:
            if child.process is None or child.process.poll() is None:
                continue
            code = child.process.returncode
            child.kill()
            if child.leaves_at is not None:
                child.process = child.leaves_at = None
                continue
            pause = child.plan_restart()
            logger.warning("%s ended with %s; starting it again in %.1f s", child.name, code, pause)
            if child.worker:
                self._forfeit(child.worker)

    def ask_for_more(self) -> None:
        """Ask the apps which more processes there should be; while one cannot say, none changes."""
        asked = [asks() for asks in hooks.processes]
        self._asked_for = {name: command for found in asked for name, command in found.items()}

    def keep_what_is_asked_for(self) -> None:
        """Take in who is asked for, and let those go whom nobody asks for any more."""
        asked = self._asked_for  # Another thread exchanges it.
        known = {child.name for child in self.children}
        more = [name for name in asked if name not in known]
        self.children += [Child(name, asked[name], is_asked_for=True) for name in more]
        unasked = [one for one in self.children if one.is_asked_for and one.name not in asked]
        for child in unasked:
            child.leave()
            if child.process is None:
                self.children.remove(child)

    def _forfeit(self, worker: str) -> None:
        close_old_connections()  # The last one may have ended with the database's last server.
        try:
            jobs.forfeit_worker(worker, DIED)
        except Error:
            logger.warning("jobs of %s stay taken until their lease ends", worker)

    def _stop_all(self) -> None:
        """Let children finish what they do, then kill what is left and return its jobs."""
        deadline = time.monotonic() + STOP_SECONDS
        running = [child for child in self.children if child.process is not None]
        for child in running:
            if child.process is not None:
                child.process.terminate()
        for child in running:
            if child.process is not None:
                try:
                    child.process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    logger.info("%s did not end in time and is killed", child.name)
            child.kill()
        for child in running:
            if child.process is not None:
                child.process.wait()
        self._upkeep.stop(timeout_seconds=1)
        close_old_connections()
        try:
            jobs.return_untried([child.worker for child in self.children if child.worker])
        except Error:
            logger.warning("running jobs stay taken until their lease ends")

    def renew_commands(self) -> None:
        """End children that should run otherwise by now; they are started again at once."""
        for child in self.children:
            if child.renew is None or (command := child.renew()) == child.command:
                continue
            child.command = command
            if child.process is not None:
                child.process.terminate()

    def _beat(self) -> None:
        detail = {
            child.name: {
                "pid": child.process.pid if child.process is not None else None,
                "restarts": child.restarts,
            }
            for child in self.children
        }
        heartbeats.beat(f"supervisor-{instance.installation_name(settings.DATA_DIR)}", detail)
