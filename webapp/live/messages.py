"""What cameras, viewers and the server say to each other; docs/live.md explains when.

A binary message is the length of its header (4 bytes, big-endian), the header as JSON in UTF-8,
and a picture (JPEG or WebP). Everything else is a JSON object in a text message. The server passes
pictures on and never decodes them.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict
from uuid import UUID

from inference.protocol.messages import LiveFace, PortraitMask, Timing

ProblemCode = Literal["bad_frame", "bad_message", "too_large", "too_fast", "engine_slow"]
DropReason = Literal["newer", "too_fast", "engine_away", "lost"]

MAX_HEADER_BYTES = 1024
MAX_FRAME_BYTES = 1_000_000
LARGEST_NUMBER = 2**53
MOST_ALTERNATES = 4
"""Frames of a moment beside the chosen one."""
_LENGTH = struct.Struct(">I")


class FrameHeader(TypedDict):
    """Camera to server, with a picture: ``captured_at`` in ms of the camera's own clock."""

    frame: int
    captured_at: float


class Want(TypedDict):
    """Camera to server: which labels it wants from now on, and whether masks for a portrait."""

    type: Literal["want"]
    names: bool
    emotions: bool
    portrait: NotRequired[bool]


class AskedFrame(TypedDict):
    """A frame that a camera has, by its own number and clock; the time tells it from a namesake."""

    frame: int
    captured_at: float


class Shutter(TypedDict):
    """Camera to server: keep this frame as a moment; ``others`` are its alternates."""

    type: Literal["shutter"]
    frame: int
    captured_at: float
    others: NotRequired[list[AskedFrame]]


class Missed(TypedDict):
    """Camera to server: these frames of a moment are no longer in its ring."""

    type: Literal["missed"]
    moment: str
    frames: list[int]


class Resume(TypedDict):
    """Camera to server, after a lost connection: ask again what was asked for meanwhile."""

    type: Literal["resume"]


class Over(TypedDict):
    """Camera to server: no frame will follow for now, but the last ones may be asked for."""

    type: Literal["over"]


class Capture(TypedDict):
    """Server to camera: upload these frames in full resolution, best first.

    ``near`` holds times between frames that were sent, the peak first; the frame nearest to the
    peak is wanted before all others, those nearest to the rest after them.
    ``is_repeated`` marks what may have been asked before; what is unknown then is no news.
    """

    type: Literal["capture"]
    moment: str
    frames: list[AskedFrame]
    near: list[float]
    kind: str
    people: list[str]
    reason: str
    is_repeated: bool


class Shown(TypedDict):
    """Viewer to server: it has shown a picture and may be sent another one."""

    type: Literal["shown"]
    frame: int


class Hello(TypedDict):
    """Server to camera, first: how many frames may be unanswered, and how large one may be."""

    type: Literal["hello"]
    credits: int
    max_frame_bytes: int
    frames_per_second: int


class EngineState(TypedDict):
    """Server to camera and viewer: how the recogniser is, and which labels cannot be had."""

    type: Literal["engine"]
    state: Literal["away", "starting", "ready"]
    device: str
    missing: list[str]
    message: str


class Result(TypedDict):
    """Server to camera: what one frame shows.

    A mask comes with some of the frames, and only where it is wanted.
    """

    type: Literal["result"]
    frame: int
    captured_at: float
    width: int
    height: int
    faces: list[LiveFace]
    timing: Timing
    dropped: int
    portrait: NotRequired[PortraitMask]


class Dropped(TypedDict):
    """Server to camera: a frame was passed over, and why; its credit is back."""

    type: Literal["dropped"]
    frame: int
    reason: DropReason
    dropped: int


class Problem(TypedDict):
    """Server to browser: something was refused, in words for the user.

    ``frame`` is the frame whose credit comes back with it, or ``None``.
    """

    type: Literal["problem"]
    code: ProblemCode
    message: str
    frame: int | None


class ViewHeader(TypedDict):
    """Server to viewer, with a picture: the picture and what it shows, always together.

    ``is_labelled`` is false when the recogniser has not looked at the picture; ``age_ms`` is the
    time since the picture reached the server.
    """

    type: Literal["view"]
    frame: int
    width: int
    height: int
    faces: list[LiveFace]
    is_labelled: bool
    age_ms: float


class OnAir(TypedDict):
    """Server to viewer: whether the camera films."""

    type: Literal["on_air"]
    is_on_air: bool


class MessageError(Exception):
    """A message that cannot be used; the text is a sentence for the user."""

    def __init__(self, code: ProblemCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a camera, still encoded.

    Attributes:
        captured_at: Milliseconds of the camera's clock.
        image: JPEG or WebP, unread.
    """

    number: int
    captured_at: float
    image: bytes


def pack(header: Mapping[str, Any], image: bytes) -> bytes:
    """Put a header and a picture into one binary message."""
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    return _LENGTH.pack(len(text)) + text + image


def read_frame(data: bytes) -> Frame:
    """Take a camera's binary message apart.

    Raises:
        MessageError: It is no frame, or too large.
    """
    if len(data) < _LENGTH.size:
        raise MessageError("bad_frame", "A frame without a header came from the camera.")
    (length,) = _LENGTH.unpack_from(data)
    if not 2 <= length <= MAX_HEADER_BYTES or len(data) < _LENGTH.size + length:
        raise MessageError("bad_frame", "A frame with a broken header came from the camera.")
    header = read_text(data[_LENGTH.size : _LENGTH.size + length], code="bad_frame")
    number: Any = header.get("frame")
    captured_at: Any = header.get("captured_at")
    if not _is_number(number):
        raise MessageError("bad_frame", "A frame without a number came from the camera.")
    if not _is_time(captured_at):
        raise MessageError("bad_frame", "A frame without a time came from the camera.")
    return Frame(number, float(captured_at), data[_LENGTH.size + length :])


def read_frames(message: dict[str, Any]) -> list[AskedFrame]:
    """Return the frames of a ``shutter``: the one that is meant, and at most four others.

    Raises:
        MessageError: They cannot be told apart.
    """
    others = message.get("others", [])
    if not isinstance(others, list) or len(others) > MOST_ALTERNATES:
        raise MessageError("bad_message", "A shutter with too many frames came in.")
    frames: dict[int, AskedFrame] = {}
    for told in (message, *others):
        one: dict[str, Any] = told if isinstance(told, dict) else {}
        number, captured_at = one.get("frame", -1), one.get("captured_at", -1)
        if not _is_number(number) or not _is_time(captured_at):
            raise MessageError("bad_message", "A shutter without a frame came in.")
        frames.setdefault(number, {"frame": number, "captured_at": float(captured_at)})
    return list(frames.values())


def read_missed(message: dict[str, Any]) -> tuple[UUID, list[int]]:
    """Return moment and frames of a ``missed``.

    Raises:
        MessageError: It names none.
    """
    frames = message.get("frames")
    try:
        moment = UUID(str(message.get("moment")))
    except ValueError:
        raise MessageError("bad_message", "A message about no moment came in.") from None
    if not isinstance(frames, list) or not all(_is_number(number) for number in frames[:50]):
        raise MessageError("bad_message", "A message about no frames came in.")
    return moment, frames[:50]


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value < LARGEST_NUMBER


def _is_time(value: Any) -> bool:
    return type(value) in {int, float} and 0 <= value < LARGEST_NUMBER


def check_picture(image: bytes) -> None:
    """Refuse what cannot be a picture, by size and first bytes; the engine looks closer.

    Raises:
        MessageError: It is too large, or neither JPEG nor WebP.
    """
    if len(image) > MAX_FRAME_BYTES:
        raise MessageError("too_large", f"A picture may have {MAX_FRAME_BYTES // 1000} kB.")
    is_webp = image[:4] == b"RIFF" and image[8:12] == b"WEBP"
    if not is_webp and image[:3] != b"\xff\xd8\xff":
        raise MessageError("bad_frame", "A frame that is neither JPEG nor WebP came in.")


def read_text(text: str | bytes, code: ProblemCode = "bad_message") -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        MessageError: It is none.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise MessageError(code, "A message that is no JSON came in.") from None
    if not isinstance(message, dict):
        raise MessageError(code, "A message that is no JSON object came in.")
    return message
