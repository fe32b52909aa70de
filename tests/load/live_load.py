"""Measure the live path under many cameras: answers, fairness, age, health page, memory.

Starts an Encore of its own in a temporary folder and films with many websocket clients at once,
each in a session of its own, holding to two unanswered frames like the camera page does. With
``--engine fake`` the inference process is replaced by one that answers after a set time, which
shows the limits of the web process alone; with ``--engine real`` it is the real one.

Exits with 1 when a socket was lost, the slowest of 20 answers is older than a second, the health
page took longer than 200 ms (p95), memory grew by more than 50 MB, the slowest camera got less than
half of the fastest, or the first camera above the limit was not refused with 4429 within a second.
The figures are left for ``make evaluate``, which shows runs of different engines side by side.

    python -m tests.load.live_load [--cameras 50] [--rate 5] [--bytes 70000] [--seconds 60]

The real engine takes a graphics card where there is one; the first line says on what it ran.
"""

import argparse
import asyncio
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

from inference.evaluation.clips import cameras as live_cameras
from tests.live import LiveEncore, wait_until
from tests.load.live_fake_engine import fake_engine

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


async def watch_health(encore: LiveEncore, times: list[float]) -> None:
    """Ask for the health page twice a second."""
    async with httpx.AsyncClient(base_url=encore.url, timeout=30) as client:
        while True:
            started = time.monotonic()
            await client.get("/health/")
            times.append(time.monotonic() - started)
            await asyncio.sleep(0.5)


async def refusal_seconds(encore: LiveEncore, session: str, token: str) -> float | None:
    """Open one camera too many; return after how long it was closed with 4429, if it was."""
    started = time.monotonic()
    try:
        async with _connection(encore, session, token) as line:
            async for _ in line:
                pass
            code = line.close_code
    except ConnectionClosed as error:
        code = error.rcvd.code if error.rcvd else None
    return time.monotonic() - started if code == 4429 else None


def web_memory(encore: LiveEncore) -> float:
    """Return the resident memory of the web process in MB."""
    return float(_web(encore).memory_info().rss / 1e6)


def web_seconds(encore: LiveEncore) -> float:
    """Return how long the web process has computed."""
    return float(sum(_web(encore).cpu_times()[:2]))


def _web(encore: LiveEncore) -> psutil.Process:
    web: psutil.Process = wait_until(lambda: encore.child("serve"), 10, "no web process")
    return web


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
    memory_before, computed, began = web_memory(encore), web_seconds(encore), time.monotonic()
    await asyncio.gather(*filming)
    share = (web_seconds(encore) - computed) / (time.monotonic() - began)
    growth = web_memory(encore) - memory_before
    health.cancel()
    run = figures([camera.seen for camera in cameras], arguments) | {
        "health_ms": spread(times),
        "memory_growth_mb": growth,
        "web_process_percent": 100 * share,
        "refused_after_seconds": refused_after,
    }
    if run["answer_age_ms"]:
        live_cameras.keep(f"{arguments.engine}_{arguments.cameras}", run)
    return report(run)


def figures(seen: list[Seen], arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the cameras got, and what they were asked to send."""
    results = [one.results for one in seen]
    return {
        "engine": arguments.engine,
        "device": seen[0].device,
        "cameras": len(seen),
        "rate": arguments.rate,
        "kilobytes": arguments.bytes / 1000,
        "seconds": arguments.seconds,
        "results_per_second": sum(results) / arguments.seconds,
        "dropped": sum(one.dropped for one in seen),
        "answer_age_ms": spread([age for one in seen for age in one.ages]),
        "fairness": min(results) / max(results) if max(results) else 0.0,
        "sockets_lost": sum(one.close_code is not None for one in seen),
    }


def spread(seconds: list[float]) -> dict[str, float]:
    """Return p50 and p95 in milliseconds; nothing when there are no values."""
    ordered = sorted(1000 * value for value in seconds)
    if not ordered:
        return {}
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {"p50": statistics.median(ordered), "p95": p95}


def report(run: dict[str, Any]) -> bool:
    """Print every figure beside its limit; return whether all limits were held."""
    never = float("inf")
    refused = run["refused_after_seconds"]
    rows = [
        ("sockets lost", run["sockets_lost"], 0),
        ("age of an answered frame, p95, ms", run["answer_age_ms"].get("p95", never), 1000),
        ("health page, p95, ms", run["health_ms"].get("p95", never), 200),
        ("memory growth of the web process, MB", run["memory_growth_mb"], 50),
        ("fastest / slowest camera", 1 / run["fairness"] if run["fairness"] else never, 2),
        ("one camera too many refused after, s", never if refused is None else refused, 1),
    ]
    print(  # noqa: T201
        f"{run['cameras']} cameras x {run['rate']} frames/s x {run['kilobytes']:.0f} kB for "
        f"{run['seconds']} s, engine {run['engine']} on {run['device']}: "
        f"{run['results_per_second']:.1f} results/s, "
        f"p50 {run['answer_age_ms'].get('p50', never):.0f} ms, {run['dropped']} dropped, "
        f"web process {run['web_process_percent']:.1f} % of a processor"
    )
    for name, value, limit in rows:
        print(f"  {'ok  ' if value <= limit else 'MISS'} {name}: {value:.2f} (limit {limit})")  # noqa: T201
    return all(value <= limit for _, value, limit in rows)


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
