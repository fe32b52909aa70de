# ruff: noqa: T201
"""Many uploads at once: how soon each is acknowledged, and how soon events reach a browser.

``python -m tests.load.upload_load`` starts an Encore of its own in a temporary folder, with all its
workers, sends 300 photos of about 300 kB with 8 in parallel, and listens on the websocket. It goes
on until every photo has its faces, emotions and portrait, prints the figures and leaves them for
``make evaluate``.
"""

import argparse
import asyncio
import io
import json
import re
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import psutil
import websockets
from PIL import Image
from skimage import data

from inference.evaluation.report import Section, save, table
from tests.live import LiveEncore

ACKNOWLEDGED_P95_MS = 500.0
EVENT_P95_MS = 300.0
RESIDENT_MEGABYTES = 2500.0
MEMORY_SECONDS = 1.0
LAST_EVENTS = ("photo_ready", "emotions_found", "portrait_ready")
"""What every photo ends with; ``faces_found`` comes before ``emotions_found``."""
PHOTO_BYTES = 300_000
SIGN_IN = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from webapp.accounts.models import Consent, User
user = User.objects.create_user(username="load", is_staff=True)
Consent.objects.create(user=user, text_version="load", given_at=timezone.now())
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""


@dataclass
class Figures:
    """What was measured; all times in milliseconds.

    Attributes:
        resident_mb: Megabytes of all processes together, once a second. Pages that processes share
            are counted for each, so the truth lies below.
    """

    acknowledged_ms: list[float] = field(default_factory=list)
    event_ms: list[float] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


def percentile(values: list[float], share: float) -> float:
    """Return a percentile, 0 when there are no values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def photos(count: int) -> list[bytes]:
    """Make different photos of about 300 kB with one face each."""
    face = Image.fromarray(data.astronaut()).resize((630, 630))
    stage = np.random.default_rng(7).integers(0, 255, (210, 400, 3), np.uint8)
    base = Image.fromarray(stage).resize((1200, 630))
    base.paste(face, (300, 0))
    made = []
    for number in range(count):
        buffer = io.BytesIO()
        for bit in range(16):  # Metadata alone would not make it another photo.
            shade = 255 * (number >> bit & 1)
            base.paste((shade, shade, shade), (16 * bit, 0, 16 * bit + 16, 16))
        base.save(buffer, "JPEG", quality=93)
        made.append(buffer.getvalue().ljust(PHOTO_BYTES, b"\0"))
    return made


async def upload_all(
    client: httpx.AsyncClient, contents: list[bytes], parallel: int, figures: Figures
) -> None:
    """Send every photo, a few at a time, and note how long each answer took."""
    waiting = iter(enumerate(contents))

    async def sender() -> None:
        for number, content in waiting:
            headers = {
                "Tus-Resumable": "1.0.0",
                "Upload-Length": str(len(content)),
                "Content-Type": "application/offset+octet-stream",
            }
            started = time.perf_counter()
            answer = await client.post("/upload/tus/", content=content, headers=headers)
            figures.acknowledged_ms.append(1000 * (time.perf_counter() - started))
            if answer.status_code != 201:
                figures.errors.append(f"photo {number}: {answer.status_code} {answer.text[:200]}")

    await asyncio.gather(*(sender() for _ in range(parallel)))


async def listen(encore: LiveEncore, session: str, figures: Figures, wanted: int) -> None:
    """Hear events as a browser does, until everything was done to every photo."""
    url = f"ws://127.0.0.1:{encore.port}/ws/events/?since=0"
    headers = {"Cookie": f"sessionid={session}"}
    async with websockets.connect(url, origin=encore.url, additional_headers=headers) as socket:  # type: ignore[arg-type]
        while any(figures.kinds[kind] < wanted for kind in LAST_EVENTS):
            event = json.loads(await socket.recv())
            if "kind" not in event:
                continue
            age = datetime.now(UTC) - datetime.fromisoformat(event["created_at"])
            figures.event_ms.append(1000 * age.total_seconds())
            figures.kinds[event["kind"]] += 1
            if event["kind"] in {"job_failed", "job_quarantined"}:
                figures.errors.append(str(event["payload"]))
                return


async def watch_memory(encore: LiveEncore, figures: Figures) -> None:
    """Note how much memory the supervisor and everything below it hold."""
    while True:
        held = 0
        supervisor = [] if encore.process is None else [psutil.Process(encore.process.pid)]
        for process in [*supervisor, *encore.children()]:
            with suppress(psutil.NoSuchProcess):
                held += process.memory_info().rss
        figures.resident_mb.append(held / 1e6)
        await asyncio.sleep(MEMORY_SECONDS)


async def sign_in(encore: LiveEncore, client: httpx.AsyncClient) -> str:
    """Make a user whose session the client carries from now on; return its key."""
    session = await asyncio.to_thread(encore.python, SIGN_IN)
    client.cookies.set("sessionid", session)
    page = await client.get("/upload/")
    token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert token is not None, page.text[:500]
    client.headers.update({"X-CSRFToken": token.group(1), "Origin": encore.url})
    return session


async def measure(encore: LiveEncore, count: int, parallel: int) -> Figures:
    """Run the load against a running Encore."""
    figures = Figures()
    contents = photos(count)
    limits = httpx.Limits(max_connections=parallel)
    async with httpx.AsyncClient(base_url=encore.url, limits=limits, timeout=60) as client:
        session = await sign_in(encore, client)
        listener = asyncio.create_task(listen(encore, session, figures, count))
        watcher = asyncio.create_task(watch_memory(encore, figures))
        started = time.perf_counter()
        await upload_all(client, contents, parallel, figures)
        print(f"all acknowledged after {time.perf_counter() - started:.1f} s")
        await asyncio.wait_for(listener, 60 + 10 * count)
        print(f"all done after         {time.perf_counter() - started:.1f} s")
        watcher.cancel()
    return figures


def rows(figures: Figures) -> list[tuple[str, list[float], float]]:
    """Return what was measured: its name, all values, and what 95 of 100 must stay below."""
    return [
        ("upload acknowledged, ms", figures.acknowledged_ms, ACKNOWLEDGED_P95_MS),
        ("event to browser, ms", figures.event_ms, EVENT_P95_MS),
        ("resident memory, MB", figures.resident_mb, RESIDENT_MEGABYTES),
    ]


def report(figures: Figures) -> bool:
    """Print the figures; return whether they hold."""
    for name, values, limit in rows(figures):
        print(
            f"{name:<24} n {len(values):4d}   p50 {percentile(values, 0.5):6.0f}   "
            f"p95 {percentile(values, 0.95):6.0f} (goal {limit:.0f})   "
            f"max {max(values, default=0):6.0f}"
        )
    print("events", dict(figures.kinds))
    print(f"errors {len(figures.errors)}", *figures.errors[:5])
    return not figures.errors and all(
        percentile(values, 0.95) <= limit for _, values, limit in rows(figures)
    )


def section(figures: Figures, options: argparse.Namespace) -> Section:
    """Return the figures for the report."""
    cells = [
        (name, len(values), percentile(values, 0.5), percentile(values, 0.95), max(values), limit)
        for name, values, limit in rows(figures)
    ]
    metrics = {
        name.partition(",")[0].replace(" ", "_"): {"p50": p50, "p95": p95, "max": most}
        for name, _, p50, p95, most, _ in cells
    }
    return Section(
        name="uploads",
        title="Uploads under load",
        metrics={**metrics, "uploads": options.uploads, "errors": len(figures.errors)},
        markdown=(
            f"{options.uploads} photos of 300 kB, {options.parallel} in parallel, while the "
            "workers find faces and draw portraits. Memory is that of all processes.\n\n"
            + table(("what", "values", "p50", "p95", "max", "goal for p95"), cells)
        ),
    )


def main() -> int:
    """Measure and say whether the goals were met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uploads", type=int, default=300)
    parser.add_argument("--parallel", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="encore-load-") as folder:
        encore = LiveEncore(Path(folder) / "var", settings="webapp.settings")
        try:
            encore.start()
            figures = asyncio.run(measure(encore, options.uploads, options.parallel))
        finally:
            encore.clean_up()
    save(section(figures, options))
    return 0 if report(figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
