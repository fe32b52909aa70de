"""Ctrl-C ends Encore without a traceback, whatever it is doing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.live import REPOSITORY, free_port


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(0.4, id="while Django loads"),
        pytest.param(1.2, id="while the database is made"),
        pytest.param(4.0, id="while static files are collected"),
    ],
)
def test_ctrl_c_at_the_start_shows_no_traceback(tmp_path: Path, seconds: float) -> None:
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
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=30)

    assert "Traceback" not in said
