"""Uploads while processes are killed at random, and the account of what was left."""

import hashlib
import io
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from PIL import Image
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.factories import PASSWORD
from tests.live import LiveEncore, wait_until
from webapp.core.files import media

PATIENCE_SECONDS = 90
"""How long a client tries again before it calls an upload lost."""


def picture(seed: int) -> bytes:
    """Return a small JPEG that no other seed gives."""
    rng = np.random.default_rng(seed)
    tiles = rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(tiles).resize((320, 240)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@dataclass
class Storm:
    """One run: an installation, its uploads and what the client was told.

    Attributes:
        acknowledged: Photo id to the sha256 of what was sent, for each 201.
        recoveries: Seconds from each kill until the site answered again.
        metadata: What an upload says of itself, by its number.
    """

    encore: LiveEncore
    seed: int
    acknowledged: dict[str, str] = field(default_factory=dict)
    recoveries: list[float] = field(default_factory=list)
    metadata: Callable[[int], str] = lambda _number: ""
    _random: random.Random = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - only to choose what to kill

    def sign_in(self) -> httpx.Client:
        """Return a signed-in client; the account is made on the first call."""
        self.encore.python(
            "from webapp.accounts.models import User\n"
            "if not User.objects.exists():\n"
            f"    User.objects.create_user('owner', password={PASSWORD!r}, is_staff=True)\n"
        )
        client = httpx.Client(base_url=self.encore.url, timeout=60)
        client.get("/login/")
        form = {
            "username": "owner",
            "password": PASSWORD,
            "csrfmiddlewaretoken": self._token(client, "/login/"),
        }
        answer = client.post("/login/", data=form, headers={"Referer": self.encore.url})
        assert answer.status_code == 302, answer.text
        return client

    def upload_all(self, client: httpx.Client, count: int) -> None:
        """Upload ``count`` pictures, four at a time, trying again where the answer is missing."""
        token = self._token(client, "/account/")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda number: self._upload(client, token, number), range(count)))

    def kill_at_random(self, victims: list[str], stop: threading.Event) -> None:
        """Kill one process after the other, each after a random pause."""
        for victim in victims:
            if stop.wait(self._random.uniform(1.0, 4.0)):
                return
            self._kill(victim)
            started = time.monotonic()
            if victim == "supervisor":
                self.encore.start()
            wait_until(self.encore.answers, 60, f"no answer after the kill of {victim}")
            self.recoveries.append(time.monotonic() - started)

    def let_an_hour_pass(self) -> None:
        """Have swept what killed uploads left that were tried again; it may be nothing else."""
        files = account(self.encore)["files"]
        left_behind = {photo: files[photo] for photo in files.keys() - self.acknowledged.keys()}
        assert set(left_behind.values()) <= set(self.acknowledged.values())
        before = time.time() - 2 * media.YOUNG_SECONDS
        for folder in (self.encore.folder / "media" / "photos").glob("*/*"):
            os.utime(folder, (before, before))
        self.encore.python("from webapp.core.files import orphans\norphans.sweep()")
        print(f"{len(left_behind)} files of killed uploads were swept")  # noqa: T201

    def _kill(self, victim: str) -> None:
        if victim == "supervisor":
            self.encore.kill()
            return
        words = ("serve",) if victim == "web" else ("work", victim.partition("-")[0])
        process = wait_until(lambda: self.encore.child(*words), 60, f"{victim} is not there")
        with suppress(psutil.Error):
            inner = process.children() if victim.endswith("-job") else []
            (inner[0] if inner else process).kill()

    def _upload(self, client: httpx.Client, token: str, number: int) -> None:
        content = picture(self.seed * 100_000 + number)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                answer = client.post(
                    "/upload/tus/",
                    content=content,
                    headers={
                        "Tus-Resumable": "1.0.0",
                        "Upload-Length": str(len(content)),
                        "Upload-Metadata": self.metadata(number),
                        "Content-Type": "application/offset+octet-stream",
                        "X-CSRFToken": token,
                    },
                )
                if answer.status_code == 201:
                    with self._lock:
                        photo = answer.headers["Encore-Photo"]
                        self.acknowledged[photo] = hashlib.sha256(content).hexdigest()
                    return
                assert answer.status_code >= 500, answer.text
            time.sleep(0.3)
        raise AssertionError(f"upload {number} was not acknowledged")

    @staticmethod
    def _token(client: httpx.Client, page: str) -> str:
        text = client.get(page).text
        return text.partition('name="csrf-token" content="')[2].partition('"')[0]


@dataclass
class Listener:
    """A page that listens to events and reconnects with the last id it saw."""

    encore: LiveEncore
    cookies: str
    ids: list[int] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """Collect event ids until told to stop."""
        while not self.stop.is_set():
            last = self.ids[-1] if self.ids else 0
            url = f"ws://127.0.0.1:{self.encore.port}/ws/events/?since={last}"
            with (
                suppress(OSError, WebSocketException, TimeoutError),
                connect(
                    url,
                    origin=self.encore.url,  # type: ignore[arg-type]
                    additional_headers={"Cookie": self.cookies},
                ) as socket,
            ):
                while not self.stop.is_set():
                    with suppress(TimeoutError):
                        self.ids.append(json.loads(socket.recv(timeout=0.5))["id"])
            time.sleep(0.2)


def account(encore: LiveEncore) -> dict[str, Any]:
    """Return what is in the database and on disk, in numbers that a test can compare."""
    photos = {
        _dashed(photo): (sha256, state)
        for photo, sha256, state in encore.rows("SELECT id, sha256, state FROM photos_photo")
    }
    events = encore.rows("SELECT kind, json_extract(payload, '$.photo') FROM core_event")
    folders = [path for path in (encore.folder / "media" / "photos").glob("*/*") if path.is_dir()]
    return {
        "photos": {photo: sha256 for photo, (sha256, _) in photos.items()},
        "states": Counter(state for _, state in photos.values()),
        "jobs": Counter(encore.rows("SELECT stage, state FROM core_job")),
        "ready_events": Counter(photo for kind, photo in events if kind == "photo_ready"),
        "event_kinds": Counter(kind for kind, _ in events),
        "files": {folder.name: _sha256(_original(folder)) for folder in folders},
        "without_outputs": [folder.name for folder in folders if not _has_outputs(folder)],
        "parts": [path.name for path in (encore.folder / "media").rglob("*.part")],
        "integrity": encore.rows("PRAGMA integrity_check"),
    }


def _dashed(photo: str) -> str:
    return f"{photo[:8]}-{photo[8:12]}-{photo[12:16]}-{photo[16:20]}-{photo[20:]}"


def _original(folder: Path) -> Path:
    return folder / "original"


def _has_outputs(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("full.jpg", "display.jpg", "thumb.jpg"))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"
