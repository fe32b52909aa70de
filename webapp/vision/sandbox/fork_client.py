"""The worker's end of ``fork_server``: starts it when it is needed, and again when it has died."""

import json
import select
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from webapp.vision.sandbox.fork_server import Reply, Request

_SERVER = Path(__file__).with_name("fork_server.py")
_GRACE_SECONDS = 10
"""The server ends a child that is late; one that says nothing for so much longer hangs itself."""


class ForkServerError(Exception):
    """The server itself died or hung; the next request starts another."""


class ForkServer:
    """The warm parent of this process, which forks one limited child for each job.

    Safe to call from several threads, one at a time. It ends with this process: its input does.

    Args:
        child: The file with the jobs (``fork_server.Child``).
        environment: All that the server and its children see of ours.
    """

    def __init__(self, child: Path, environment: Mapping[str, str]) -> None:
        self._child = child
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Of the server; ``None`` while there is none."""
        return self._process.pid if self._process else None

    def ask(self, job: str, folder: Path, seconds: float) -> Reply:
        """Have a job done in a process of its own, and wait for its end.

        Raises:
            ForkServerError: The server died or hung; whatever the child did, it does not.
        """
        request: Request = {"job": job, "folder": str(folder), "seconds": seconds}
        with self._lock:
            try:
                # One that has just ended, as nobody needed it for minutes, says nothing.
                reply = self._exchange(request) or self._exchange(request)
            except BaseException:
                # Whatever it would still say belongs to no later request.
                self._end()
                raise
            if reply is None:
                raise ForkServerError("the decoders' parent has said nothing")
            return reply

    def stop(self) -> None:
        """End the server, and whatever it does."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """Leave the server to the process that this one was forked from."""
        process, self._process, self._lock = self._process, None, threading.Lock()
        if process is not None:
            _close(process)
            process.returncode = 0  # It is no child of this process: nothing to reap.

    def _exchange(self, request: Request) -> Reply | None:
        """Send a request and read its reply; ``None`` from a server that was at its end before."""
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise ForkServerError("the decoders' parent has no pipes")
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
        if not select.select([process.stdout], [], [], request["seconds"] + _GRACE_SECONDS)[0]:
            raise ForkServerError("the decoders' parent hangs")
        line = process.stdout.readline()
        if line:
            reply: Reply = json.loads(line)
            return reply
        status = process.wait()
        if status != 0:
            raise ForkServerError(f"the decoders' parent ended with status {status}")
        return None

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own files
                [sys.executable, "-P", "-W", "ignore", str(_SERVER), str(self._child)],
                env=dict(self._environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()  # Its child dies of that.
            _close(process)
            process.wait()


def _close(process: "subprocess.Popen[bytes]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()
