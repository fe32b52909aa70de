"""Fifty clients that mean no good, and everybody else beside them."""

import statistics
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import create_connection, socket

import pytest

from tests.live import LiveEncore, wait_until

GET = b"GET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "
POST = b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000\r\n\r\n"
CLIENTS = 50
LONGEST_SECONDS = 40
"""Twice the time that a head or the start of a body may take."""


@pytest.fixture(scope="module")
def encore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveEncore]:
    folder: Path = tmp_path_factory.mktemp("hostile") / "var"
    running = LiveEncore(folder)
    try:
        running.start()
        yield running
    finally:
        running.clean_up()


class Hostile(threading.Thread):
    """One client that comes back as often as it is told; it counts how often it was cut off."""

    def __init__(self, port: int, start: bytes, piece: bytes, pause: float, times: int = 1) -> None:
        super().__init__(daemon=True)
        self._port, self._start, self._piece, self._pause = port, start, piece, pause
        self.times = times
        self.refused = 0

    def run(self) -> None:
        """Attack again and again."""
        for _ in range(self.times):
            with create_connection(("127.0.0.1", self._port), timeout=60) as wire:
                self._send(wire)

    def _send(self, wire: socket) -> None:
        """Send until nobody takes it any more."""
        deadline = time.monotonic() + LONGEST_SECONDS
        try:
            wire.sendall(self._start)
            while time.monotonic() < deadline:
                wire.sendall(self._piece)
                time.sleep(self._pause)
        except OSError:
            self.refused += 1


def _endless(port: int) -> Hostile:
    return Hostile(port, GET, b"x" * 10_000, 0.05, times=10)


def _trickled_head(port: int) -> Hostile:
    return Hostile(port, GET, b"x", 1.0)


def _trickled_body(port: int) -> Hostile:
    return Hostile(port, POST, b"x", 1.0)


def _health_seconds(encore: LiveEncore, while_true: Callable[[], bool]) -> list[float]:
    seconds = []
    while while_true():
        started = time.monotonic()
        with urllib.request.urlopen(f"{encore.url}/health/", timeout=30) as answer:  # noqa: S310
            assert answer.status == 200
        seconds.append(time.monotonic() - started)
        time.sleep(0.05)
    return seconds


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("attack", [_endless, _trickled_head, _trickled_body])
def test_fifty_hostile_clients_are_refused_and_nobody_else_notices(
    encore: LiveEncore, attack: Callable[[int], Hostile]
) -> None:
    web = wait_until(lambda: encore.child("serve"), 10, "no web process")
    rounds = iter(range(20))
    _health_seconds(encore, lambda: next(rounds, None) is not None)
    before = peak = web.memory_info().rss
    clients = [attack(encore.port) for _ in range(CLIENTS)]
    for client in clients:
        client.start()

    def somebody_attacks() -> bool:
        nonlocal peak
        peak = max(peak, web.memory_info().rss)
        return any(client.is_alive() for client in clients)

    seconds = _health_seconds(encore, somebody_attacks)
    p95 = statistics.quantiles([*seconds, seconds[0]], n=20)[-1]
    print(  # noqa: T201
        f"{len(seconds)} answers, p95 {p95 * 1000:.0f} ms, {(peak - before) / 1e6:.1f} MB more"
    )
    assert all(client.refused == client.times for client in clients)
    assert p95 <= 0.2
    assert peak - before <= 10_000_000
