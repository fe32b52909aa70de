"""The warm parent of the decoders: ``python fork_server.py CHILD``.

Imports the file CHILD once, which takes far longer than a small photo, and forks one process for
each line of JSON on its input. That process limits itself, closes what is not its own, does its one
job and ends; nothing of it comes back but its status and a short answer. This program decodes
nothing, has one thread, ends with its input, and after some minutes without work.
"""

import gc
import importlib.util
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn, Protocol, TypedDict, cast

IDLE_SECONDS = 300
MAX_ANSWER_BYTES = 64_000
_MAX_LINE = 10_000
_INPUT, _OUTPUT, _ERRORS, _ANSWER = 0, 1, 2, 3


class Request(TypedDict):
    """A job of the child, the folder it is about, and how long it may take."""

    job: str
    folder: str
    seconds: float


class Reply(TypedDict):
    """How a child ended.

    ``status`` is that of ``subprocess``: negative for a signal. ``said`` is JSON if that is 0, else
    its last words. ``is_late`` means that it was killed for the time it took.
    """

    status: int
    said: str
    is_late: bool
    cpu_seconds: float


class Child(Protocol):
    """What a file must define to be forked: its jobs, and the limits they run under."""

    MEMORY_BYTES: int
    JOBS: Mapping[str, Callable[[Path], object]]

    def limit_this_process(self) -> None:
        """Cap what a job may take, and die when the parent dies."""
        ...


def main(path: Path) -> None:
    """Fork a child for each request; ends when nobody can ask any more or nobody does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = _load(path)
    resource.setrlimit(resource.RLIMIT_AS, (child.MEMORY_BYTES, child.MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Pages that no collection touches stay shared with the children.
    gc.collect()
    gc.freeze()
    while select.select([_INPUT], [], [], IDLE_SECONDS)[0]:
        line = sys.stdin.buffer.readline(_MAX_LINE)
        if not line:
            return
        reply = _run(child, json.loads(line))
        sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
        sys.stdout.buffer.flush()


def _load(path: Path) -> Child:
    spec = importlib.util.spec_from_file_location("child", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast(Child, module)


def _run(child: Child, request: Request) -> Reply:
    """Fork, wait for the end of the answer or of the time, and reap."""
    answer, write = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _be_child(child, request, write, parent)
    os.close(write)
    try:
        said, is_late = _listen(answer, request["seconds"])
    finally:
        # One that has ended keeps its own status; one that only closed its output does not go on.
        os.kill(pid, signal.SIGKILL)
        _, status, used = os.wait4(pid, 0)
        os.close(answer)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "said": said.decode(errors="replace"),
        "is_late": is_late,
        "cpu_seconds": used.ru_utime + used.ru_stime,
    }


def _listen(answer: int, seconds: float) -> tuple[bytes, bool]:
    """Read an answer to its end; returns it, and whether the time was up before that."""
    said, end = bytearray(), time.monotonic() + seconds
    poll = select.poll()
    poll.register(answer, select.POLLIN)
    poll.register(_INPUT, 0)  # Tells of its end alone.
    while (left := end - time.monotonic()) > 0:
        for descriptor, _ in poll.poll(left * 1000):
            if descriptor == _INPUT:
                sys.exit(0)
            block = os.read(answer, MAX_ANSWER_BYTES)
            said += block
            if not block or len(said) > MAX_ANSWER_BYTES:
                return bytes(said), False
    return bytes(said), True


def _be_child(child: Child, request: Request, write: int, parent: int) -> NoReturn:
    """Do one job with no descriptor but the way back, under limits, and end here."""
    status = 1
    try:
        _close_all_but(write)
        status = _do_job(child, request, parent)
    finally:
        os._exit(status)


def _close_all_but(write: int) -> None:
    """Keep one descriptor, as ``_ANSWER``; what a decoder prints goes nowhere."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for place in (_INPUT, _OUTPUT, _ERRORS):
        os.dup2(nothing, place)
    os.dup2(write, _ANSWER)
    os.closerange(_ANSWER + 1, os.sysconf("SC_OPEN_MAX"))


def _do_job(child: Child, request: Request, parent: int) -> int:
    """Answer a request, or say what became of it; returns the status to end with."""
    try:
        child.limit_this_process()
        if os.getppid() != parent:
            return 1  # It died before its death could be a signal.
        _say(json.dumps(child.JOBS[request["job"]](Path(request["folder"]))))
    except BaseException as error:
        _say(f"{type(error).__name__}: {error}"[:1000])
        return 1
    return 0


def _say(text: str) -> None:
    left = text.encode(errors="replace")
    while left:
        left = left[os.write(_ANSWER, left) :]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
