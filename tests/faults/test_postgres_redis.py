"""The same installation on PostgreSQL and Redis, as on more than one machine."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.faults.browser import sign_in, upload
from tests.faults.storm import picture
from tests.live import LiveEncore, wait_until
from tests.services import Postgres, Redis

pytestmark = [
    pytest.mark.timeout(240),
    # Connections to a killed server end without a proper close; that is what is tested here.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

UPLOADS = 12
QUIET_SECONDS = 7
"""Longer than the 5 s after which a client of Redis gives up unless told otherwise."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def encore(
    postgres: Postgres, redis: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveEncore]:
    folder: Path = tmp_path_factory.mktemp("scaled") / "var"
    running = LiveEncore(folder, ENCORE_DATABASE_URL=postgres.url, ENCORE_REDIS_URL=redis.url)
    try:
        running.start()
        yield running
    finally:
        running.clean_up()


@pytest.fixture(scope="module")
def client(encore: LiveEncore) -> Iterator[httpx.Client]:
    with_session = sign_in(encore)
    yield with_session
    with_session.close()


def photos_in(postgres: Postgres, state: str) -> int:
    ((count,),) = postgres.rows("SELECT COUNT(*) FROM photos_photo WHERE state = %s", state)
    return int(count)


@contextmanager
def open_page(encore: LiveEncore, client: httpx.Client) -> Iterator[ClientConnection]:
    """Listen to events as an open page does."""
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with connect(
        f"ws://127.0.0.1:{encore.port}/ws/events/",
        origin=encore.url,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookies},
    ) as socket:
        yield socket


def test_a_photo_is_read_and_a_page_that_was_quiet_for_long_hears_of_it(
    encore: LiveEncore, client: httpx.Client, postgres: Postgres, redis: Redis
) -> None:
    with open_page(encore, client) as page:
        with pytest.raises(TimeoutError):
            page.recv(timeout=QUIET_SECONDS)
        answer = upload(client, picture(1))
        assert answer.status_code == 201
        event = json.loads(page.recv(timeout=60))
    photo = answer.headers["Encore-Photo"]
    assert (event["kind"], event["payload"]["photo"]) == ("photo_ready", photo)
    assert (event["payload"]["width"], event["payload"]["height"]) == (320, 240)
    assert photos_in(postgres, "ready") == 1
    assert not (encore.folder / "encore.sqlite3").exists()
    # The wake-up went through Redis and not through the folder.
    assert redis.holds("_kombu.binding.default")
    assert list((encore.folder / "queue").iterdir()) == []


def test_uploads_survive_the_loss_of_redis_and_of_a_worker(
    encore: LiveEncore, client: httpx.Client, postgres: Postgres, redis: Redis
) -> None:
    before = photos_in(postgres, "ready")
    worker = wait_until(lambda: encore.child("work", "default"), 60, "no worker")
    statuses, seconds = [], []
    for number in range(UPLOADS):
        started = time.monotonic()
        statuses.append(upload(client, picture(100 + number)).status_code)
        seconds.append(time.monotonic() - started)
        if number == UPLOADS // 3:
            redis.kill()
        if number == UPLOADS // 2:
            worker.kill()
    time.sleep(3)
    redis.start()
    assert statuses == [201] * UPLOADS
    assert max(seconds) < 4, f"an upload waited for Redis: {seconds}"
    wait_until(
        lambda: photos_in(postgres, "ready") == before + UPLOADS, 120, "photos were not read"
    )
