"""The engine behind its doors: the socket of this machine, and TLS for others.

The loop only reads, writes and hands over; the networks run in one worker thread, so a long step
never keeps a frame from replacing an older one. A client that does not read is let go before its
answers fill the memory, and one from elsewhere that falls silent is let go as well.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

import psutil

from inference.engine.galleries import GalleryRefusedError, read_gallery
from inference.engine.live.answers import refusal
from inference.engine.live.engine import Answer, LiveEngine
from inference.engine.mailboxes import Frame
from inference.engine.models import missing_parts
from inference.engine.serving.doors import MAX_CLIENTS, RemoteDoor, listen_on
from inference.moments.taste import read_taste
from inference.protocol.messages import (
    FrameMessage,
    FromEngine,
    GalleryUpdate,
    Label,
    OpenCamera,
    Refused,
    Stats,
    ToEngine,
    read_to_engine,
)
from inference.protocol.reading import ShapeError
from inference.protocol.wire import VERSION, Decoder, Message, WireError, encode, read_messages

logger = logging.getLogger(__name__)

MAX_STRANGERS = 32
"""Who have a connection from elsewhere and have not said who they are."""

MAX_GALLERIES = 64
"""Of one connection."""

MAX_UNREAD_BYTES = 8_000_000
"""Of answers, before a client that does not read is let go."""

GATHER_SECONDS = 0.003
"""How long frames of other cameras are waited for, so that one batch serves them all."""

STRANGER_SECONDS = 5.0
SILENCE_SECONDS = 10.0
"""A client from elsewhere says something every second; its cable may be cut without a word."""
BEAT_SECONDS = 1.0

_LONGEST_NAME = 200
_USUAL: tuple[Label, ...] = ("names", "emotions")


class EngineServer:
    """Serves a ``LiveEngine`` to clients.

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
        self._strangers: set[asyncio.StreamWriter] = set()
        self._galleries: dict[int, set[str]] = {}
        self._talks: set[asyncio.Task[object] | None] = set()
        self._ids: Iterator[int] = itertools.count(1)
        # Always the same thread: OpenMP keeps a pool of its own for every thread that calls it.
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="step")

    async def serve(self, path: Path, door: RemoteDoor | None = None) -> None:
        """Listen on a socket that only this user can open, until cancelled or failing.

        Args:
            path: Of the socket.
            door: Where clients of other machines come in as well; ``None`` for nowhere.

        Raises:
            RuntimeError: Another engine listens there.
            DoorError: The door cannot be opened.
        """
        context = door.context() if door is not None else None
        listening = listen_on(path)
        try:
            async with AsyncExitStack() as doors:
                here = await asyncio.start_unix_server(self._talk, sock=listening)
                await doors.enter_async_context(here)
                if door is not None:
                    there = await asyncio.start_server(
                        lambda reader, writer: self._let_in(door, reader, writer),
                        *(door.host, door.port),
                        ssl=context,
                        ssl_handshake_timeout=STRANGER_SECONDS,
                    )
                    await doors.enter_async_context(there)
                    logger.info("listening on %s", there.sockets[0].getsockname())
                logger.info("listening on %s", path)
                await self._analyze_forever()
        finally:
            path.unlink(missing_ok=True)
            await self._hang_up()

    async def _hang_up(self) -> None:
        """Let all clients go and wait until what served them has ended."""
        for writer in [*self._clients.values(), *self._strangers]:
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
        (client, _), message = answer
        self._send(client, message)

    def _send(self, client: int, message: FromEngine) -> None:
        writer = self._clients.get(client)
        if writer is None:
            return
        if writer.transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            logger.warning("client %d does not read its answers and is let go", client)
            writer.transport.abort()
            return
        writer.write(encode(message))

    async def _let_in(
        self, door: RemoteDoor, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve a client from elsewhere once it has said what opens the door."""
        talk = asyncio.current_task()
        self._talks.add(talk)
        self._strangers.add(writer)
        decoder = Decoder(is_trusted=not door.token)
        messages = read_messages(reader, decoder, SILENCE_SECONDS)
        try:
            if len(self._strangers) > MAX_STRANGERS:
                return
            async with asyncio.timeout(STRANGER_SECONDS):
                hello = read_to_engine((await anext(messages)).header)
            if hello["type"] != "hello" or not door.opens_for(hello):
                logger.warning("a client without the right token was sent away")
                text = "This engine does not know you: another ENCORE_ENGINE_TOKEN, or none."
                writer.write(encode(refusal(None, None, "unknown_client", text)))
                return
            decoder.is_trusted = True
            self._strangers.discard(writer)
            async with asyncio.TaskGroup() as tasks:
                beating = tasks.create_task(_beat_forever(writer))
                await self._serve_client(writer, messages, hello)
                beating.cancel()
        except* (WireError, ShapeError, TimeoutError, StopAsyncIteration, OSError) as errors:
            logger.info("a client from elsewhere was let go: %r", errors.exceptions[0])
        finally:
            self._strangers.discard(writer)
            await messages.aclose()
            writer.close()
            self._talks.discard(talk)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a client of this machine until it leaves."""
        talk = asyncio.current_task()
        self._talks.add(talk)
        try:
            await self._serve_client(writer, read_messages(reader))
        except ConnectionError:
            logger.info("a client is gone")
        finally:
            writer.close()
            self._talks.discard(talk)

    async def _serve_client(
        self,
        writer: asyncio.StreamWriter,
        messages: AsyncGenerator[Message],
        hello: ToEngine | None = None,
    ) -> None:
        """Answer what a client says; ``hello`` was heard at the door already."""
        client = next(self._ids)
        self._clients[client] = writer
        self._galleries[client] = set()
        try:
            if len(self._clients) > MAX_CLIENTS:
                self._send(client, refusal(None, None, "busy", "Too many clients are connected."))
                return
            if hello is not None:
                await self._hear(client, hello, b"")
            async for message in messages:
                await self._take(client, message)
        except WireError as error:
            logger.warning("client %d is let go: %s", client, error)
            self._send(client, refusal(None, None, "bad_message", f"{error}."))
        finally:
            self._clients.pop(client, None)
            self._galleries.pop(client, None)
            self._engine.leave(client)

    async def _take(self, client: int, message: Message) -> None:
        """Look whether a message is one, and hear it."""
        try:
            if message.type == "gallery":  # May have a row for each of 200,000 embeddings.
                said = await asyncio.to_thread(read_to_engine, message.header)
            else:
                said = read_to_engine(message.header)
        except ShapeError as error:
            self._send(client, misshapen(message, error))
            return
        if message.is_oversized:
            self._refuse_oversized(client, said)
        else:
            await self._hear(client, said, message.payload)

    def _refuse_oversized(self, client: int, said: ToEngine) -> None:
        if said["type"] == "frame":
            text = "The frame is larger than 1 MB."
            self._send(client, refusal(said["camera"], said["frame"], "too_large", text))
        else:
            text = f"A message of type {said['type']} has no such payload."
            self._send(client, refusal(None, None, "too_large", text))

    async def _hear(self, client: int, said: ToEngine, payload: bytes) -> None:
        answer: FromEngine | None = None
        if said["type"] == "frame":
            answer = self._engine.submit(frame_of(client, said, payload))
            self._arrived.set()
        elif said["type"] == "gallery":
            answer = await self._take_gallery(client, said, payload)
        elif said["type"] == "hello":
            answer = self._welcome()
        elif said["type"] == "stats":
            answer = self._stats()
        elif said["type"] == "open":
            answer = self._open(client, said)
        elif said["type"] == "taste":
            taste = read_taste(said["taste"])
            answer = self._engine.set_taste((client, said["camera"]), taste)
        elif said["type"] == "over":
            answer = self._engine.flush((client, said["camera"]))
            self._arrived.set()
        elif said["type"] == "close":
            answer = self._engine.close((client, said["camera"]))
        if answer is not None:
            self._send(client, answer)

    def _open(self, client: int, said: OpenCamera) -> Refused | None:
        camera = said["camera"]
        if not 0 < len(camera) <= _LONGEST_NAME:
            text = f"A camera needs a name of at most {_LONGEST_NAME} letters."
            return refusal(None, None, "bad_message", text)
        taste = read_taste(said.get("taste"))
        return self._engine.open((client, camera), said.get("gallery", ""), taste)

    async def _take_gallery(
        self, client: int, said: GalleryUpdate, payload: bytes
    ) -> Refused | None:
        key, held, models = said["gallery"], self._galleries[client], self._engine.models
        if key not in held and len(held) >= MAX_GALLERIES:
            text = f"A connection may hold {MAX_GALLERIES} galleries."
            return refusal(None, None, "bad_gallery", text)
        try:
            gallery = await asyncio.to_thread(
                read_gallery, said, payload, models.names["embedder"], models.space
            )
        except GalleryRefusedError as error:
            return refusal(None, None, "bad_gallery", str(error))
        held.add(key)
        self._engine.put_gallery(client, key, gallery)
        return None

    def _welcome(self) -> FromEngine:
        names = self._engine.models.names
        return {
            "type": "welcome",
            "version": VERSION,
            "models": names,
            "device": self._device,
            "missing": missing_parts(names),
        }

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


async def _beat_forever(writer: asyncio.StreamWriter) -> None:
    """Let a client of another machine know that this one is there, whatever else it does."""
    while True:
        writer.write(encode({"type": "beat"}))
        await asyncio.sleep(BEAT_SECONDS)


def frame_of(client: int, said: FrameMessage, image: bytes) -> Frame:
    """Put a frame message into what waits for its turn."""
    return Frame(
        camera=(client, said["camera"]),
        number=said["frame"],
        captured_at=said["captured_at"],
        want=frozenset(said.get("want", _USUAL)),
        data=image,
        arrived_at=time.monotonic(),
    )


def misshapen(message: Message, error: ShapeError) -> Refused:
    """Refuse what is no message; where it seems to be about a frame, that gets its answer."""
    camera, frame = message.header.get("camera"), message.header.get("frame")
    is_gallery = message.type == "gallery"
    return refusal(
        camera if isinstance(camera, str) else None,
        frame if type(frame) is int else None,
        "bad_gallery" if is_gallery else "bad_message",
        f"The message {message.type!r} cannot be used: {error}.",
    )
