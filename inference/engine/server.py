"""The engine behind a unix-domain socket.

The loop only reads, writes and hands over; the networks run in one worker thread, so a long step
never keeps a frame from replacing an older one. A client that does not read is let go before its
answers fill the memory.
"""

import asyncio
import itertools
import logging
import math
import socket
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from inference.engine.answers import refusal
from inference.engine.galleries import GalleryRefusedError, read_gallery
from inference.engine.live import Answer, LiveEngine
from inference.engine.mailboxes import Frame
from inference.engine.models import missing_parts
from inference.moments.settings import read_options
from inference.protocol.messages import Header, Label, Refused, Stats
from inference.protocol.wire import VERSION, Message, WireError, encode, read_messages

logger = logging.getLogger(__name__)

MAX_CLIENTS = 64
MAX_GALLERIES = 64
"""Of one connection."""

MAX_UNREAD_BYTES = 8_000_000
"""Of answers, before a client that does not read is let go."""

GATHER_SECONDS = 0.003
"""How long frames of other cameras are waited for, so that one batch serves them all."""

_LONGEST_NAME = 200
_USUAL: tuple[Label, ...] = ("names", "emotions")
_LABELS: tuple[Label, ...] = (*_USUAL, "portrait")


class EngineServer:
    """Serves a ``LiveEngine`` to the clients of one socket.

    Args:
        engine: What answers.
        device: Name of the device, for the welcome.
    """

    def __init__(self, engine: LiveEngine, device: str) -> None:
        self._engine = engine
        self._device = device
        self._started_at = time.monotonic()
        self._arrived = asyncio.Event()
        self._clients: dict[int, asyncio.StreamWriter] = {}
        self._galleries: dict[int, set[str]] = {}
        self._talks: set[asyncio.Task[object] | None] = set()
        self._ids: Iterator[int] = itertools.count(1)
        # Always the same thread: OpenMP keeps a pool of its own for every thread that calls it.
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="step")

    async def serve(self, path: Path) -> None:
        """Listen on a socket that only this user can open, until cancelled or failing.

        Raises:
            RuntimeError: Another engine listens there.
        """
        listening = _listen(path)
        server = await asyncio.start_unix_server(self._talk, sock=listening)
        try:
            async with server, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._analyze_forever())
                logger.info("listening on %s", path)
        finally:
            path.unlink(missing_ok=True)
            await self._hang_up()

    async def _hang_up(self) -> None:
        """Let all clients go and wait until what served them has ended."""
        for writer in self._clients.values():
            writer.transport.abort()
        await asyncio.gather(*filter(None, self._talks), return_exceptions=True)
        self._worker.shutdown(wait=False)

    async def _analyze_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._arrived.wait()
            if self._engine.cameras > 1:
                await asyncio.sleep(GATHER_SECONDS)
            self._arrived.clear()
            for answer in await loop.run_in_executor(self._worker, self._engine.step):
                self._deliver(answer)
            if self._engine.waiting:
                self._arrived.set()

    def _deliver(self, answer: Answer) -> None:
        (client, _), header = answer
        self._send(client, header)

    def _send(self, client: int, header: Header) -> None:
        writer = self._clients.get(client)
        if writer is None:
            return
        if writer.transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            logger.warning("client %d does not read its answers and is let go", client)
            writer.transport.abort()
            return
        writer.write(encode(header))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it leaves."""
        talk = asyncio.current_task()
        self._talks.add(talk)
        client = next(self._ids)
        self._clients[client] = writer
        self._galleries[client] = set()
        try:
            if len(self._clients) > MAX_CLIENTS:
                self._send(client, refusal(None, None, "busy", "Too many clients are connected."))
                return
            async for message in read_messages(reader):
                await self._hear(client, message)
        except WireError as error:
            logger.warning("client %d is let go: %s", client, error)
            self._send(client, refusal(None, None, "bad_message", f"{error}."))
        except ConnectionError:
            logger.info("client %d is gone", client)
        finally:
            self._clients.pop(client, None)
            self._galleries.pop(client, None)
            self._engine.leave(client)
            writer.close()
            self._talks.discard(talk)

    async def _hear(self, client: int, message: Message) -> None:
        match message.type:
            case "hello":
                self._send(client, self._welcome())
            case "open":
                self._open(client, message.header)
            case "close":
                answer = self._engine.close((client, _text(message.header.get("camera"))))
                if answer is not None:
                    self._send(client, answer)
            case "over":
                self._flush(client, message.header)
            case "moments":
                self._set_moments(client, message.header)
            case "gallery":
                await self._take_gallery(client, message)
            case "frame":
                self._take_frame(client, message)
            case "stats":
                self._send(client, self._stats())
            case _:
                text = "The engine does not know this type of message."
                self._send(client, refusal(None, None, "bad_message", text))

    def _welcome(self) -> Header:
        names = self._engine.models.names
        return {
            "type": "welcome",
            "version": VERSION,
            "models": names,
            "device": self._device,
            "missing": missing_parts(names),
        }

    def _open(self, client: int, header: dict[str, Any]) -> None:
        camera = _text(header.get("camera"))
        if not camera:
            self._send(client, refusal(None, None, "bad_message", "A camera needs a name."))
            return
        moments = read_options(header.get("moments"))
        answer = self._engine.open((client, camera), _text(header.get("gallery")), moments)
        if answer is not None:
            self._send(client, answer)

    def _set_moments(self, client: int, header: dict[str, Any]) -> None:
        camera = (client, _text(header.get("camera")))
        answer = self._engine.set_moments(camera, read_options(header.get("moments")))
        if answer is not None:
            self._send(client, answer)

    def _flush(self, client: int, header: dict[str, Any]) -> None:
        answer = self._engine.flush((client, _text(header.get("camera"))))
        if answer is not None:
            self._send(client, answer)
        self._arrived.set()

    async def _take_gallery(self, client: int, message: Message) -> None:
        key = _text(message.header.get("gallery"))
        models = self._engine.models
        held = self._galleries[client]
        if key not in held and len(held) >= MAX_GALLERIES:
            text = f"A connection may hold {MAX_GALLERIES} galleries."
            self._send(client, refusal(None, None, "bad_gallery", text))
            return
        try:
            gallery = await asyncio.to_thread(
                read_gallery,
                message.header,
                message.payload,
                models.names["embedder"],
                models.space,
            )
        except GalleryRefusedError as error:
            self._send(client, refusal(None, None, "bad_gallery", str(error)))
            return
        held.add(key)
        self._engine.put_gallery(client, key, gallery)

    def _take_frame(self, client: int, message: Message) -> None:
        frame = read_frame(client, message)
        answer = frame if isinstance(frame, dict) else self._engine.submit(frame)
        if answer is not None:
            self._send(client, answer)
        self._arrived.set()

    def _stats(self) -> Stats:
        engine = self._engine
        return {
            "type": "stats",
            "cameras": engine.cameras,
            "frames": engine.counts.frames,
            "dropped": engine.counts.dropped,
            "refused": engine.counts.refused,
            "detections": engine.analysis.detections,
            "embeddings": engine.analysis.embeddings,
            "detect_every": engine.pace.every,
            "busy": round(engine.pace.busy, 3),
            "resident_bytes": int(psutil.Process().memory_info().rss),
            "uptime_seconds": round(time.monotonic() - self._started_at, 1),
        }


def read_frame(client: int, message: Message) -> Frame | Refused:
    """Turn a message into a frame, or say what is wrong with it."""
    header = message.header
    camera, number = _text(header.get("camera")), header.get("frame")
    if not isinstance(number, int) or isinstance(number, bool):
        return refusal(camera or None, None, "bad_message", "A frame needs a whole number.")
    if not camera:
        return refusal(None, number, "unknown_camera", "A frame needs the name of its camera.")
    if message.is_oversized:
        return refusal(camera, number, "too_large", "The frame is larger than 1 MB.")
    captured_at = header.get("captured_at")
    if not isinstance(captured_at, int | float) or not math.isfinite(captured_at):
        return refusal(camera, number, "bad_message", "A frame needs the time of its capture.")
    want = header.get("want", list(_USUAL))
    wanted = want if isinstance(want, list) else []
    return Frame(
        camera=(client, camera),
        number=number,
        captured_at=float(captured_at),
        want=frozenset(label for label in _LABELS if label in wanted),
        data=message.payload,
        arrived_at=time.monotonic(),
    )


def _text(value: object) -> str:
    return value[:_LONGEST_NAME] if isinstance(value, str) else ""


def _listen(path: Path) -> socket.socket:
    """Bind the socket with mode 0600, replacing one that nobody listens on any more."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        if _is_answered(path):
            listening.close()
            raise RuntimeError(f"another engine listens on {path}")
        path.unlink()
    listening.bind(str(path))
    # Nobody can connect before listen, so the mode is in place in time.
    path.chmod(0o600)
    listening.listen(MAX_CLIENTS)
    listening.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    return listening


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
