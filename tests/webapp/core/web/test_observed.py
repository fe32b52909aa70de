"""A whole installation, watched as an operator does: numbers and log lines of all its processes."""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import LiveEncore, wait_until

TEXT_LINE = re.compile(r"\b(INFO|WARNING|ERROR)\b")


@pytest.fixture
def encore(tmp_path: Path) -> Iterator[LiveEncore]:
    running = LiveEncore(tmp_path / "var", ENCORE_LOG_FORMAT="json")
    try:
        running.start()
        yield running
    finally:
        running.clean_up()


def _metrics(encore: LiveEncore) -> str:
    with urllib.request.urlopen(f"{encore.url}/metrics", timeout=10) as answer:  # noqa: S310
        return str(answer.read().decode())


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_what_a_worker_did_shows_in_the_numbers_of_the_web_process_and_logs_are_json(
    encore: LiveEncore,
) -> None:
    encore.enqueue("quick", times=3)
    encore.enqueue("suicidal")
    wait_until(
        lambda: re.search(r'stage_seconds_count\{.*stage="quick"\} 3\.0', _metrics(encore)),
        60,
        "the runs were not counted",
    )
    wait_until(
        lambda: 'encore_jobs{stage="suicidal",state="quarantined"} 1.0' in _metrics(encore),
        60,
        "the quarantined job is not told",
    )
    assert 'process="web-' in _metrics(encore)
    lines = encore.log.read_text().splitlines()
    objects = [json.loads(line) for line in lines if line.startswith("{")]
    assert {line["level"] for line in objects} & {"WARNING", "ERROR"}
    assert not [line for line in lines if not line.startswith("{") and TEXT_LINE.search(line)]
