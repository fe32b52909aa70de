"""A process that does jobs never outlives its worker."""

import os
import subprocess
import sys

STARTED_LATE = """
import os, sys, time
import django
django.setup()
from webapp.core.management.commands.work import _start_child

reading, writing = os.pipe()
worker = os.fork()
if worker == 0:
    this_worker = os.getpid()
    if os.fork() == 0:  # The process that does jobs, which gets to its first line too late.
        while os.getppid() == this_worker:
            time.sleep(0.01)
        _start_child(this_worker, "late", "default")
        os.write(writing, b"works on")
    os._exit(0)
os.close(writing)
os.waitpid(worker, 0)
sys.stdout.write(os.read(reading, 100).decode())
"""


def test_a_process_whose_worker_died_before_its_first_line_ends_there() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTED_LATE],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "", done.stderr
