"""PostgreSQL goes away for fifteen seconds, or for one worker only."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.faults.browser import sign_in, upload
from tests.faults.cable import Cable
from tests.faults.storm import picture
from tests.live import REPOSITORY, LiveEncore, wait_until
from tests.services import Postgres
from tests.webapp.routes import every_route

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    # Connections to a stopped server end without a proper close; that is what is tested here.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

AWAY_SECONDS = 15
FOR_MACHINES = ("/health/live/", "/health/ready/")
FREE_AGAIN_SECONDS = 60
SESSION = """
from webapp.accounts.models import User
from webapp.live.models import LiveSession
print(LiveSession.objects.create(owner=User.objects.get()).pk)
"""
EVENT = """
from django.db import transaction
from webapp.accounts.models import User
from webapp.core import events
with transaction.atomic(): events.publish(User.objects.get().pk, "told", {})
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture
def encore(
    postgres: Postgres, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[LiveEncore]:
    running = LiveEncore(tmp_path / "var", ENCORE_DATABASE_URL=postgres.url)
    try:
        running.start()
        yield running
    finally:
        running.clean_up()


@pytest.fixture
def client(encore: LiveEncore) -> Iterator[httpx.Client]:
    with_session = sign_in(encore)
    yield with_session
    with_session.close()


@contextmanager
def socket_to(encore: LiveEncore, client: httpx.Client, path: str) -> Iterator[ClientConnection]:
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with connect(
        f"ws://127.0.0.1:{encore.port}{path}",
        origin=encore.url,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookies},
    ) as socket:
        yield socket


def refusal(encore: LiveEncore, client: httpx.Client, path: str) -> tuple[int, bool]:
    """Return the status of a refused handshake, and whether it says when to come back."""
    with pytest.raises(InvalidStatus) as refused, socket_to(encore, client, path):
        pass
    response = refused.value.response
    return response.status_code, "Retry-After" in response.headers


def token_of(client: httpx.Client) -> str:
    page = client.get("/account/").text
    return page.partition('name="csrf-token" content="')[2].partition('"')[0]


def answers_while_away(client: httpx.Client, token: str) -> dict[str, tuple[int, bool]]:
    """Ask for every address in every form; return each status and whether it has Retry-After."""
    found = {}
    for route in every_route():
        if route.path.startswith(("/static/", *FOR_MACHINES)):
            continue
        for method, accept in (("GET", "text/html"), ("GET", "application/json"), ("POST", "*/*")):
            headers = {"Accept": accept, "X-CSRFToken": token}
            answer = client.request(method, route.path, headers=headers)
            words = f"{method} {route.path} {accept}"
            found[words] = (answer.status_code, "Retry-After" in answer.headers)
    return found


def event_kinds(socket: ClientConnection) -> list[str]:
    """Return what a page has been told within the next second or so."""
    kinds = []
    with suppress(TimeoutError):
        while True:
            kinds.append(json.loads(socket.recv(timeout=1))["kind"])
    return kinds


def test_everything_waits_for_the_database_and_comes_back_by_itself(
    encore: LiveEncore, client: httpx.Client, postgres: Postgres
) -> None:
    session = encore.python(SESSION)
    sockets = ("/ws/events/", f"/ws/live/view/{session}/", f"/ws/live/camera/{session}/")
    encore.enqueue("slow")  # Its worker lives and works through the outage.
    wait_until(encore.notes, 30, "the slow job does not start")
    with (
        socket_to(encore, client, sockets[0]) as page,
        socket_to(encore, client, sockets[1]) as viewer,
        socket_to(encore, client, sockets[2]) as camera,
    ):
        token = token_of(client)
        processes = {process.pid for process in encore.children()}
        postgres.go_away()
        away_since = time.monotonic()
        answers = answers_while_away(client, token)
        upload_status = upload_while_away(client, token)
        alive, ready = (httpx.get(encore.url + path) for path in FOR_MACHINES)
        refusals = {path: refusal(encore, client, path) for path in sockets}
        time.sleep(max(0, AWAY_SECONDS - (time.monotonic() - away_since)))
        postgres.start()

        assert {words: one for words, one in answers.items() if one != (503, True)} == {}
        assert len(answers) > 100
        assert upload_status == (503, True)
        assert (alive.status_code, ready.status_code) == (200, 503)
        assert "Retry-After" in ready.headers
        assert set(refusals.values()) == {(503, True)}
        wait_until(lambda: client.get("/concerts/").status_code == 200, 10, "no page comes back")
        assert upload(client, picture(1)).status_code == 201
        encore.python(EVENT)
        wait_until(lambda: "told" in event_kinds(page), 10, "the open page hears nothing")
        for socket in (viewer, camera):
            socket.ping().wait(5)
            assert socket.close_code is None
        assert {process.pid for process in encore.children()} >= processes, "a process ended"
    wait_until(
        lambda: postgres.rows("SELECT state FROM core_job WHERE stage = 'slow'") == [("done",)],
        90,
        "the job of the worker that lived on is not done",
    )
    assert [note["stage"] for note in encore.notes()].count("slow") == 2, "begun once, done once"


def upload_while_away(client: httpx.Client, token: str) -> tuple[int, bool]:
    content = picture(2)
    headers = {
        "Content-Type": "application/offset+octet-stream",
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content)),
        "X-CSRFToken": token,
    }
    answer = client.post("/upload/tus/", content=content, headers=headers)
    return answer.status_code, "Retry-After" in answer.headers


@contextmanager
def worker(encore: LiveEncore, name: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A worker on another machine, which reaches the database through this port."""
    url = f"postgresql://encore@127.0.0.1:{port}/encore"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "work", "default", "--name", name],
        cwd=REPOSITORY,
        env=encore.environment | {"ENCORE_DATABASE_URL": url},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("fate", ["is killed", "loses its database"])
def test_what_a_lost_worker_held_is_free_again_within_a_minute(
    postgres: Postgres, tmp_path: Path, fate: str
) -> None:
    # A new one: the database of another test belongs to the media folder of that test.
    postgres.rows("DROP DATABASE encore WITH (FORCE)", database="postgres")
    postgres.rows("CREATE DATABASE encore", database="postgres")
    encore = LiveEncore(tmp_path / "var", ENCORE_DATABASE_URL=postgres.url)
    encore.python("from django.core.management import call_command as c; c('migrate', verbosity=0)")
    cable = Cable(postgres.port)
    sweep = subprocess.Popen(
        [sys.executable, "manage.py", "sweep"], cwd=REPOSITORY, env=encore.environment
    )
    try:
        with worker(encore, f"far-{fate}", cable.port) as process:
            encore.enqueue("slow")
            wait_until(encore.notes, 60, "the job does not start")
            if fate == "is killed":
                process.kill()
            else:
                cable.cut()
            lost_at = time.monotonic()
            free = "SELECT 1 FROM core_job WHERE state = 'pending' AND token IS NULL"
            wait_until(lambda: postgres.rows(free), FREE_AGAIN_SECONDS, "the job is still taken")
            assert time.monotonic() - lost_at > 20, "a lease outlasts a short outage"
    finally:
        sweep.kill()
        sweep.wait()
        cable.cut()
