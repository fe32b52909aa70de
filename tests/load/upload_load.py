# ruff: noqa: T201
"""Many uploads at once: how soon each is acknowledged, and how soon events reach a browser.

``python -m tests.load.upload_load`` starts an Encore of its own in a temporary folder, with all its
workers, sends 300 photos of about 300 kB with 8 in parallel, and listens on the websocket.
"""

import argparse
import asyncio
import io
import json
import re
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import websockets
from PIL import Image
from skimage import data

from tests.live import LiveEncore

ACKNOWLEDGED_P95_MS = 500.0
EVENT_P95_MS = 300.0
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
    """What was measured; all times in milliseconds."""

    acknowledged_ms: list[float] = field(default_factory=list)
    event_ms: list[float] = field(default_factory=list)
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
        base.putpixel((number % 1200, number // 1200), (number % 256, 0, 0))
        base.save(buffer, "JPEG", quality=93, comment=f"photo {number}".encode())
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
    """Hear events as a browser does, until every photo has been read in."""
    url = f"ws://127.0.0.1:{encore.port}/ws/events/?since=0"
    headers = {"Cookie": f"sessionid={session}"}
    async with websockets.connect(url, origin=encore.url, additional_headers=headers) as socket:  # type: ignore[arg-type]
        while figures.kinds["photo_ready"] + figures.kinds["job_failed"] < wanted:
            event = json.loads(await socket.recv())
            if "kind" not in event:
                continue
            age = datetime.now(UTC) - datetime.fromisoformat(event["created_at"])
            figures.event_ms.append(1000 * age.total_seconds())
            figures.kinds[event["kind"]] += 1


async def measure(encore: LiveEncore, count: int, parallel: int) -> Figures:
    """Run the load against a running Encore."""
    figures = Figures()
    session = encore.python(SIGN_IN)
    contents = photos(count)
    limits = httpx.Limits(max_connections=parallel)
    async with httpx.AsyncClient(base_url=encore.url, limits=limits, timeout=60) as client:
        client.cookies.set("sessionid", session)
        page = await client.get("/upload/")
        token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
        assert token is not None, page.text[:500]
        client.headers.update({"X-CSRFToken": token.group(1), "Origin": encore.url})
        listener = asyncio.create_task(listen(encore, session, figures, count))
        started = time.perf_counter()
        await upload_all(client, contents, parallel, figures)
        print(f"all acknowledged after {time.perf_counter() - started:.1f} s")
        await asyncio.wait_for(listener, 20 + 3 * count)
        print(f"all read in after      {time.perf_counter() - started:.1f} s")
    return figures


def report(figures: Figures) -> bool:
    """Print the figures; return whether they hold."""
    for name, values, limit in (
        ("acknowledged", figures.acknowledged_ms, ACKNOWLEDGED_P95_MS),
        ("event to browser", figures.event_ms, EVENT_P95_MS),
    ):
        print(
            f"{name:<17} n {len(values):4d}   p50 {statistics.median(values or [0]):6.0f} ms   "
            f"p95 {percentile(values, 0.95):6.0f} ms (goal {limit:.0f})   "
            f"max {max(values, default=0):6.0f} ms"
        )
    print("events", dict(figures.kinds))
    print(f"errors {len(figures.errors)}", *figures.errors[:5])
    return (
        not figures.errors
        and percentile(figures.acknowledged_ms, 0.95) <= ACKNOWLEDGED_P95_MS
        and percentile(figures.event_ms, 0.95) <= EVENT_P95_MS
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
    return 0 if report(figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
