"""Stages that succeed, die, hang or take their time, and write down that they ran."""

import json
import os
import signal
import time

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from webapp.core import jobs
from webapp.core.jobs import Claim


def _note(claim: Claim) -> None:
    about = {"stage": claim.stage, "job": claim.job_id, "at": time.time(), "pid": os.getpid()}
    line = json.dumps(about)
    with (settings.DATA_DIR / "notes.jsonl").open("a") as file:
        file.write(line + "\n")


def quick(claim: Claim) -> None:
    """Succeed at once."""
    _note(claim)
    with jobs.finish(claim) as done:
        done.event("quick", {"job": claim.job_id, "done_at": time.time()})


def suicidal(claim: Claim) -> None:
    """Kill the own process, as a decoder bug or the out-of-memory killer would."""
    _note(claim)
    os.kill(os.getpid(), signal.SIGKILL)


def stubborn(claim: Claim) -> None:
    """Hang, and swallow the soft time limit."""
    _note(claim)
    while True:
        try:
            time.sleep(600)
        except SoftTimeLimitExceeded:
            continue


def late(claim: Claim) -> None:
    """Hang, and end by the soft time limit."""
    _note(claim)
    time.sleep(600)


def slow(claim: Claim) -> None:
    """Take a minute."""
    _note(claim)
    time.sleep(60)
    quick(claim)
