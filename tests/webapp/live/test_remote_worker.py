"""``manage.py inference`` with Redis: the real engine, kept alive, called from elsewhere."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.live import REPOSITORY, LiveEncore, alive, wait_until
from tests.services import Redis
from webapp.vision.engine.redis_engines import count_engines

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

LOADING_SECONDS = 60
NOTICED_SECONDS = 5


@pytest.fixture
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.kill()


@pytest.fixture
def worker(redis: Redis, tmp_path: Path) -> Iterator[psutil.Process]:
    """A second machine: another data folder, no database, the same Redis."""
    elsewhere = LiveEncore(tmp_path / "var", settings="webapp.settings", ENCORE_REDIS_URL=redis.url)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "inference"], cwd=REPOSITORY, env=elsewhere.environment
    )
    there = psutil.Process(process.pid)
    yield there
    for one in alive([*there.children(recursive=True), there]) if there.is_running() else []:
        one.kill()
    process.wait()


def engines_become(redis: Redis, count: int, seconds: float) -> None:
    """Wait until so many engines can be called."""
    wait_until(lambda: count_engines(redis.url) == count, seconds, f"there are not {count} engines")


def test_a_worker_can_be_called_replaces_its_engine_and_takes_it_down_with_it(
    redis: Redis, worker: psutil.Process
) -> None:
    engines_become(redis, 1, LOADING_SECONDS)
    (engine,) = worker.children()
    engine.kill()
    engines_become(redis, 0, NOTICED_SECONDS)
    engines_become(redis, 1, LOADING_SECONDS)
    (engine,) = worker.children()
    worker.kill()
    engines_become(redis, 0, NOTICED_SECONDS)
    wait_until(lambda: not alive([engine]), 2, "the engine outlives its worker")


def test_sigterm_ends_a_worker_and_its_engine_soon(redis: Redis, worker: psutil.Process) -> None:
    engines_become(redis, 1, LOADING_SECONDS)
    engines = worker.children()
    started = time.monotonic()
    worker.terminate()
    worker.wait(15)
    assert not alive(engines)
    assert time.monotonic() - started < 15
