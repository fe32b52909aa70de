"""Measure the live path under many cameras: answers, fairness, age, health page, memory.

Starts an Encore of its own in a temporary folder and films with many websocket clients at once,
each in a session of its own, holding to two unanswered frames like the camera page does. With
``--engine fake`` the inference process is replaced by one that answers after a set time, which
shows the limits of the web process alone; with ``--engine real`` it is the real one.

Exits with 1 when a socket was lost, the slowest of 20 answers is older than a second, the health
page took longer than 200 ms (p95), memory grew by more than 50 MB, the slowest camera got less than
half of the fastest, or the first camera above the limit was not refused with 4429 within a second.

    python -m tests.load.live_load [--cameras 50] [--rate 5] [--bytes 70000] [--seconds 60]

The real engine takes a graphics card where there is one; the first line says on what it ran.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.live import LiveEncore, wait_until

ENGINE_SECONDS = 120.0
WARM_UP_SECONDS = 5.0
FRAME_SIZE = (640, 360)


@dataclass
class Seen:
    """What one camera got."""

    results: int = 0
    dropped: int = 0
    ages: list[float] = field(default_factory=list)
    close_code: int | None = None
    device: str = ""


def make_picture(size: int) -> bytes:
    """Return a JPEG with one real face, filled up to ``size`` bytes behind its end."""
    import io

    from PIL import Image
    from skimage import data

    stage = Image.new("RGB", FRAME_SIZE, (30, 20, 50))
    stage.paste(Image.fromarray(data.astronaut()).crop((60, 0, 400, 340)), (150, 10))
    buffer = io.BytesIO()
    stage.save(buffer, "JPEG", quality=85)
    return buffer.getvalue() + b"\0" * max(0, size - buffer.tell())


def make_sessions(encore: LiveEncore, count: int) -> list[tuple[str, str]]:
    """Make sessions of one user; return the id and a key of each."""
    told = encore.python(
        "import json\n"
        "from webapp.accounts.models import User\n"
        "from webapp.live import services, tokens\n"
        "owner, _ = User.objects.get_or_create(username='load', is_staff=True)\n"
        f"made = [services.start_session(owner.pk, f'C{{n}}', None) for n in range({count})]\n"
        "print(json.dumps([(str(one.pk), tokens.make(one.pk)) for one in made]))\n"
    )
    return [(session, token) for session, token in json.loads(told.splitlines()[-1])]


def _connection(encore: LiveEncore, session: str, token: str) -> Any:
    address = f"127.0.0.1:{encore.port}"
    return connect(
        f"ws://{address}/ws/live/camera/{session}/",
        origin=f"http://{address}",  # type: ignore[arg-type]
        additional_headers={"Authorization": f"Bearer {token}"},
        compression=None,
        proxy=None,
    )


class Filming:
    """One camera that sends at a steady rate, at most two frames unanswered."""

    def __init__(self, encore: LiveEncore, session: str, token: str, image: bytes) -> None:
        self.seen = Seen()
        self._connection = _connection(encore, session, token)
        self._image = image
        self._sent: dict[int, float] = {}
        self._is_ready = asyncio.Event()

    async def run(self, rate: float, start: asyncio.Event, end_at: list[float]) -> None:
        """Film from ``start`` until the time in ``end_at``."""
        try:
            async with self._connection as line:
                hearing = asyncio.create_task(self._hear(line))
                async with asyncio.timeout(ENGINE_SECONDS):
                    await self._is_ready.wait()
                await start.wait()
                await self._film(line, rate, end_at[0])
                hearing.cancel()
        except ConnectionClosed as error:
            self.seen.close_code = error.rcvd.code if error.rcvd else 1006

    async def wait_until_ready(self) -> None:
        """Wait until the recogniser is there."""
        await self._is_ready.wait()

    async def _film(self, line: Any, rate: float, end_at: float) -> None:
        from webapp.live.messages import pack

        number = 0
        while (now := time.monotonic()) < end_at:
            if len(self._sent) < 2:
                number += 1
                self._sent[number] = now
                await line.send(pack({"frame": number, "captured_at": 1000 * now}, self._image))
            await asyncio.sleep(max(0.0, now + 1 / rate - time.monotonic()))

    async def _hear(self, line: Any) -> None:
        async for text in line:
            message = json.loads(text)
            if message["type"] == "engine" and message["state"] == "ready":
                self.seen.device = message["device"]
                self._is_ready.set()
            sent_at = self._sent.pop(message.get("frame", -1), None)
            if sent_at is None:
                continue
            if message["type"] == "result":
                self.seen.results += 1
                self.seen.ages.append(time.monotonic() - sent_at)
            else:
                self.seen.dropped += 1


async def fake_engine(path: Path, milliseconds: float) -> asyncio.Server:
    """Answer every frame after a while, one after another, as one processor would."""
    from inference import wire

    turn = asyncio.Lock()

    async def answer(header: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        async with turn:
            await asyncio.sleep(milliseconds / 1000)
        kept = {key: header[key] for key in ("camera", "frame", "captured_at")}
        result: Any = {"type": "result", "width": 640, "height": 360, "faces": [], **kept}
        writer.write(wire.encode(result))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await serve(reader, writer)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting: set[asyncio.Task[None]] = set()
        async for message in wire.read_messages(reader):
            if message.type == "hello":
                models: Any = {"detector": "none", "embedder": None, "emotion": None}
                welcome: Any = {"type": "welcome", "version": wire.VERSION, "models": models}
                writer.write(wire.encode(welcome | {"device": "none", "missing": []}))
            elif message.type == "frame":
                waiting.add(asyncio.create_task(answer(message.header, writer)))
                waiting = {task for task in waiting if not task.done()}

    path.parent.mkdir(mode=0o700, exist_ok=True)
    return await asyncio.start_unix_server(talk, path)


async def watch_health(encore: LiveEncore, times: list[float]) -> None:
    """Ask for the health page twice a second."""
    async with httpx.AsyncClient(base_url=encore.url, timeout=30) as client:
        while True:
            started = time.monotonic()
            await client.get("/health/")
            times.append(time.monotonic() - started)
            await asyncio.sleep(0.5)


async def refusal_seconds(encore: LiveEncore, session: str, token: str) -> float:
    """Open one camera too many; return after how long it was closed with 4429."""
    started = time.monotonic()
    try:
        async with _connection(encore, session, token) as line:
            async for _ in line:
                pass
            code = line.close_code
    except ConnectionClosed as error:
        code = error.rcvd.code if error.rcvd else None
    return time.monotonic() - started if code == 4429 else float("inf")


def web_memory(encore: LiveEncore) -> float:
    """Return the resident memory of the web process in MB."""
    web: psutil.Process = wait_until(lambda: encore.child("serve"), 10, "no web process")
    return float(web.memory_info().rss / 1e6)


async def measure(encore: LiveEncore, arguments: argparse.Namespace) -> bool:
    """Film, print the figures; return whether all limits were held."""
    if arguments.engine == "fake":
        path = encore.folder / "run" / "engine.sock"
        await fake_engine(path, arguments.engine_ms)
    made = await asyncio.to_thread(make_sessions, encore, arguments.cameras + 1)
    image = make_picture(arguments.bytes)
    cameras = [Filming(encore, session, token, image) for session, token in made[:-1]]
    start, end_at = asyncio.Event(), [0.0]
    filming = [asyncio.create_task(camera.run(arguments.rate, start, end_at)) for camera in cameras]
    async with asyncio.timeout(ENGINE_SECONDS):
        await asyncio.gather(*(camera.wait_until_ready() for camera in cameras))
    refused_after = await refusal_seconds(encore, *made[-1])
    times: list[float] = []
    health = asyncio.create_task(watch_health(encore, times))
    end_at[0] = time.monotonic() + arguments.seconds
    start.set()
    await asyncio.sleep(min(WARM_UP_SECONDS, arguments.seconds / 3))
    memory_before = web_memory(encore)
    await asyncio.gather(*filming)
    growth = web_memory(encore) - memory_before
    health.cancel()
    return report([camera.seen for camera in cameras], times, growth, refused_after, arguments)


def report(
    seen: list[Seen],
    health: list[float],
    growth: float,
    refused_after: float,
    arguments: argparse.Namespace,
) -> bool:
    """Print every figure beside its limit."""
    results = [one.results for one in seen]
    ages = sorted(age for one in seen for age in one.ages) or [float("inf")]
    fairness = min(results) / max(results) if max(results) else 0.0
    lost = [one.close_code for one in seen if one.close_code is not None]
    rows = [
        ("sockets lost", float(len(lost)), len(lost) == 0, "0"),
        ("age of an answered frame, p95, s", _p95(ages), _p95(ages) <= 1.0, "1"),
        ("health page, p95, ms", 1000 * _p95(health), _p95(health) <= 0.2, "200"),
        ("memory growth of the web process, MB", growth, growth <= 50, "50"),
        ("fairness, slowest / fastest", fairness, fairness >= 0.5, "at least 0.5"),
        ("one camera too many refused after, s", refused_after, refused_after <= 1.0, "1"),
    ]
    print(  # noqa: T201
        f"{len(seen)} cameras x {arguments.rate} frames/s x {arguments.bytes / 1000:.0f} kB for "
        f"{arguments.seconds} s, engine {arguments.engine} on {seen[0].device}: "
        f"{sum(results)} results "
        f"({sum(results) / arguments.seconds:.1f}/s, p50 {1000 * statistics.median(ages):.0f} ms), "
        f"{sum(one.dropped for one in seen)} dropped"
    )
    for name, value, is_good, limit in rows:
        print(f"  {'ok  ' if is_good else 'MISS'} {name}: {value:.2f} (limit {limit})")  # noqa: T201
    return all(is_good for _, _, is_good, _ in rows)


def _p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] if ordered else float("inf")


def main() -> int:
    """Start an Encore, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=50)
    parser.add_argument("--rate", type=float, default=5.0, help="frames per second and camera")
    parser.add_argument("--bytes", type=int, default=70_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--engine", choices=("fake", "real"), default="fake")
    parser.add_argument("--engine-ms", type=float, default=2.0, help="time the fake one takes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="encore-live-") as folder:
        os.environ["ENCORE_DATA_DIR"] = f"{folder}/own"
        os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
        encore = LiveEncore(
            Path(folder) / "data",
            settings="webapp.settings",
            ENCORE_LIVE_ENGINE=str(arguments.engine == "real").lower(),
            ENCORE_LIVE_CAMERAS=str(arguments.cameras),
            ENCORE_LIVE_CAMERAS_PER_USER=str(arguments.cameras),
            ENCORE_SOCKET_CONNECTS_PER_MINUTE="10000",
        )
        try:
            encore.start(seconds=120)
            return 0 if asyncio.run(measure(encore, arguments)) else 1
        finally:
            encore.clean_up()


if __name__ == "__main__":
    sys.exit(main())
