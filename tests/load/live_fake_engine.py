"""An inference process that recognises nothing, for measuring the web process alone."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

NO_TIME = {"queue_ms": 0.0, "decode_ms": 0.0, "detect_ms": 0.0, "total_ms": 0.0}


async def fake_engine(path: Path, milliseconds: float) -> asyncio.Server:
    """Answer every frame after a while, one after another, as one processor would."""
    from inference.protocol import wire

    turn = asyncio.Lock()

    async def answer(header: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        async with turn:
            await asyncio.sleep(milliseconds / 1000)
        kept = {key: header[key] for key in ("camera", "frame", "captured_at")}
        result: Any = {"type": "result", "width": 640, "height": 360, "faces": [], **kept}
        writer.write(wire.encode(result | {"timing": NO_TIME, "detected": True, "dropped": 0}))

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
