"""Ctrl-C ends Encore without a traceback, whatever it is doing."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.live import REPOSITORY, free_port, wait_until


@pytest.fixture
def starting(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Encore in an empty folder, as it has just been started."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=REPOSITORY,
        env={
            "PATH": os.environ["PATH"],
            "ENCORE_DATA_DIR": str(tmp_path / "var"),
            "ENCORE_PORT": str(free_port()),
            "ENCORE_LIVE_ENGINE": "false",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        yield process
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _system_answers_ctrl_c(process: subprocess.Popen[str]) -> bool:
    """Say whether Python runs (it ignores SIGPIPE) and leaves Ctrl-C to the system."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return _names(status, "SigIgn", signal.SIGPIPE) and not _names(status, "SigCgt", signal.SIGINT)


def _names(status: str, field: str, number: signal.Signals) -> bool:
    mask = re.search(rf"{field}:\s*(\w+)", status)
    assert mask is not None
    return bool(int(mask[1], 16) & 1 << number - 1)


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(0.0, id="while Django loads"),
        pytest.param(1.2, id="while the database is made"),
        pytest.param(4.0, id="while static files are collected"),
    ],
)
def test_ctrl_c_at_the_start_ends_it_without_a_traceback(
    starting: subprocess.Popen[str], seconds: float
) -> None:
    # A KeyboardInterrupt that meets a finalizer is lost, so the start has the system answer.
    wait_until(lambda: _system_answers_ctrl_c(starting), 30, "Python itself answers Ctrl-C")
    time.sleep(seconds)
    os.killpg(starting.pid, signal.SIGINT)
    said, _ = starting.communicate(timeout=60)
    assert "Traceback" not in said
