"""An inference process without models: speaks the real language over a real unix socket."""

import asyncio
from pathlib import Path
from typing import Any

from inference.protocol import wire
from inference.protocol.messages import Stats

MODELS = {"detector": "mtcnn", "embedder": "tiny", "emotion": "tiny"}


def face(name: str | None = None, person: str | None = None) -> dict[str, Any]:
    """Return one face as the engine describes it."""
    return {
        "track": 1,
        "box": [10.0, 10.0, 60.0, 70.0],
        "score": 0.99,
        "landmarks": [[20, 30], [40, 30], [30, 40], [22, 50], [38, 50]],
        "person": person,
        "name": name,
        "similarity": 0.8 if name else None,
        "is_sure": name is not None,
        "emotion": "happy",
        "emotions": {"happy": 0.8, "neutral": 0.2},
        "quality": 0.7,
        "is_seen": True,
    }


def moment_frame(number: int = 1, captured_at: float = 1.0, **changes: Any) -> dict[str, Any]:
    """Return one frame of a moment as the engine describes it."""
    return {
        "frame": number,
        "captured_at": captured_at,
        "score": 0.8,
        "terms": {},
        "reason": "",
        "box": [10.0, 10.0, 60.0, 70.0],
        "width": 640,
        "height": 360,
    } | changes


class FakeEngine:
    """Answers every frame at once, unless it is told to hold its answers.

    Attributes:
        frames: Headers of the frames that came, in order.
        galleries: The newest gallery of each name.
        open_cameras: Cameras that are open now.
        tastes: By which taste each camera was last asked to look for moments.
        over: Cameras whose stream was said to be over, each time.
        undecided: What the moment is like that is told then; ``None`` tells none.
        is_holding: Whether frames stay unanswered.
        portrait: The mask that a frame gets if it wants one.
        refuses: Code and sentence with which frames are refused; ``None`` answers them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames: list[dict[str, Any]] = []
        self.galleries: dict[str, dict[str, Any]] = {}
        self.open_cameras: dict[str, str] = {}
        self.tastes: dict[str, dict[str, Any] | None] = {}
        self.over: list[str] = []
        self.undecided: dict[str, Any] | None = None
        self.is_holding = False
        self.refuses: tuple[str, str] | None = None
        self.missing: list[str] = []
        self.portrait: dict[str, Any] | None = None
        self.faces: list[dict[str, Any]] = [face("Minji")]
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen."""
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._talk, self.path)

    async def kill(self) -> None:
        """Go away as a killed process does: every line breaks."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        self.path.unlink(missing_ok=True)
        self.open_cameras.clear()
        await asyncio.sleep(0)

    async def answer(self, header: dict[str, Any]) -> None:
        """Answer one frame on every line."""
        result = {
            "type": "result",
            "camera": header["camera"],
            "frame": header["frame"],
            "captured_at": header["captured_at"],
            "width": 640,
            "height": 360,
            "faces": self.faces,
            "timing": {"queue_ms": 0, "decode_ms": 1, "detect_ms": 2, "total_ms": 3},
            "detected": True,
            "dropped": 0,
        }
        if self.portrait and "portrait" in header["want"]:
            result["portrait"] = self.portrait
        if self.refuses:
            code, message = self.refuses
            result = {
                "type": "refused",
                "camera": header["camera"],
                "frame": header["frame"],
                "code": code,
                "message": message,
            }
        self._say(result)

    def drop(self, header: dict[str, Any]) -> None:
        """Say that a newer frame has replaced this one."""
        self._say({"type": "dropped", "camera": header["camera"], "frame": header["frame"]})

    def choose(self, camera: str, **changes: Any) -> dict[str, Any]:
        """Tell a moment of a camera; returns it."""
        moment = {
            "type": "moment",
            "camera": camera,
            "key": "5e0c" * 8,
            "people": [],
            "track": 1,
            "emotion": "happy",
            "emotions": {"happy": 0.8, "neutral": 0.2},
            "peak_at": 1.0,
            "frames": [moment_frame()],
        } | changes
        self._say(moment)
        return moment

    def _say(self, header: Any) -> None:
        for writer in self._writers:
            writer.write(wire.encode(header))

    def _stats(self) -> Stats:
        return {
            "type": "stats",
            "cameras": len(self.open_cameras),
            "frames": len(self.frames),
            "dropped": 0,
            "refused": 0,
            "detections": 0,
            "embeddings": 0,
            "detect_every": 2,
            "busy": 0.0,
            "resident_bytes": 1,
            "uptime_seconds": 1.0,
        }

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = wire.Decoder()
        self._writers.add(writer)
        try:
            while data := await reader.read(65_536):
                for message in decoder.feed(data):
                    await self._hear(message, writer)
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _hear(self, message: wire.Message, writer: asyncio.StreamWriter) -> None:
        header = message.header
        if message.type == "hello":
            welcome: Any = {
                "type": "welcome",
                "version": wire.VERSION,
                "models": MODELS,
                "device": "cpu",
                "missing": self.missing,
            }
            writer.write(wire.encode(welcome))
        elif message.type == "stats":
            writer.write(wire.encode(self._stats()))
        elif message.type == "gallery":
            self.galleries[header["gallery"]] = header | {"payload": message.payload}
        elif message.type == "open":
            self.open_cameras[header["camera"]] = header["gallery"]
            self.tastes[header["camera"]] = header.get("taste")
        elif message.type == "taste":
            self.tastes[header["camera"]] = header["taste"]
        elif message.type == "over":
            self.over.append(header["camera"])
            if self.undecided is not None:
                self.choose(header["camera"], **self.undecided)
        elif message.type == "close":
            self.open_cameras.pop(header["camera"], None)
        elif message.type == "frame":
            self.frames.append(header | {"image": message.payload})
            if not self.is_holding:
                await self.answer(header)
