"""What cameras, viewers and the server say to each other; docs/live.md explains when.

These types are the one definition: what comes in is checked against them, and the pages' types are
made of them (``python -m tests.message_types``).

A binary message is the length of its header (4 bytes, big-endian), the header as JSON in UTF-8,
and a picture (JPEG or WebP). Everything else is a JSON object in a text message. The server passes
pictures on and never decodes them.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, cast
from uuid import UUID

from webapp.vision.engine.messages import LiveFace, PortraitMask, ShapeError, Timing, check_of

ProblemCode = Literal["bad_frame", "bad_message", "too_large", "too_fast", "engine_slow"]
DropReason = Literal["newer", "too_fast", "engine_away", "lost"]

MAX_HEADER_BYTES = 1024
MAX_FRAME_BYTES = 1_000_000
MOST_ALTERNATES = 4
"""Frames of a moment beside the chosen one."""
_LENGTH = struct.Struct(">I")


class FrameHeader(TypedDict):
    """Camera to server, with a picture: ``captured_at`` in ms of the camera's own clock."""

    frame: int
    captured_at: float


class Want(TypedDict):
    """Camera to server: which labels it wants from now on, and whether masks for a portrait.

    Names and emotions are wanted unless it says otherwise.
    """

    type: Literal["want"]
    names: NotRequired[bool]
    emotions: NotRequired[bool]
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


class Follow(TypedDict):
    """Camera to server: follow this star from now on, by her id; empty for nobody."""

    type: Literal["follow"]
    person: str


class ClockTold(TypedDict):
    """Camera to server, at once: when a question came and when this answer left, in its own ms."""

    type: Literal["clock"]
    exchange: int
    received_at: float
    sent_at: float


class ClockAsked(TypedDict):
    """Server to camera: what time is it? ``exchange`` comes back with the answer."""

    type: Literal["clock"]
    exchange: int


class Company(TypedDict):
    """Server to camera: how many others film the same concert, each time that changes."""

    type: Literal["company"]
    others: int


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


class Following(TypedDict):
    """Server to camera and viewer: who is followed; both are empty for nobody."""

    type: Literal["following"]
    person: str
    name: str


class OnAir(TypedDict):
    """Server to viewer: whether the camera films; in words why that cannot be known now."""

    type: Literal["on_air"]
    is_on_air: bool
    message: NotRequired[str]


FromCamera: TypeAlias = Want | Follow | Shutter | Missed | Resume | Over | ClockTold
"""Text messages of a camera; its frames are binary ones with a ``FrameHeader``."""
ToCamera: TypeAlias = (
    Hello | EngineState | Following | Result | Dropped | Problem | Capture | ClockAsked | Company
)
FromViewer: TypeAlias = Shown
ToViewer: TypeAlias = OnAir | Following
"""Text messages to a viewer; its pictures are binary ones with a ``ViewHeader``."""


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
    header = cast(
        FrameHeader, _read(FrameHeader, data[_LENGTH.size : _LENGTH.size + length], "bad_frame")
    )
    if header["frame"] < 0 or header["captured_at"] < 0:
        raise MessageError("bad_frame", "A frame from before the beginning came from the camera.")
    return Frame(header["frame"], header["captured_at"], data[_LENGTH.size + length :])


def read_camera(text: str) -> FromCamera:
    """Read a text message of a camera.

    Raises:
        MessageError: It is none.
    """
    return cast(FromCamera, _read(FromCamera, text))


def read_viewer(text: str) -> FromViewer:
    """Read a text message of a viewer.

    Raises:
        MessageError: It is none.
    """
    return cast(FromViewer, _read(FromViewer, text))


def frames_of(shutter: Shutter) -> list[AskedFrame]:
    """Return the frames of a shutter: the one that is meant, and at most four others.

    Raises:
        MessageError: They are too many, or none that a camera can have.
    """
    others = shutter.get("others", [])
    if len(others) > MOST_ALTERNATES:
        raise MessageError("bad_message", "A shutter with too many frames came in.")
    meant: AskedFrame = {"frame": shutter["frame"], "captured_at": shutter["captured_at"]}
    frames: dict[int, AskedFrame] = {}
    for one in (meant, *others):
        if one["frame"] < 0 or one["captured_at"] < 0:
            raise MessageError("bad_message", "A shutter without a frame came in.")
        frames.setdefault(one["frame"], one)
    return list(frames.values())


def star_of(follow: Follow) -> UUID | None:
    """Return who is to be followed; ``None`` for nobody.

    Raises:
        MessageError: It is no person's id.
    """
    if not follow["person"]:
        return None
    try:
        return UUID(follow["person"])
    except ValueError:
        raise MessageError("bad_message", "A message about nobody's star came in.") from None


def moment_of(missed: Missed) -> UUID:
    """Return whose frames are no longer held.

    Raises:
        MessageError: It is no moment's id.
    """
    try:
        return UUID(missed["moment"])
    except ValueError:
        raise MessageError("bad_message", "A message about no moment came in.") from None


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


def _read(kind: Any, text: str | bytes, code: ProblemCode = "bad_message") -> Any:
    """Return a JSON object that has the shape of a type.

    Raises:
        MessageError: It has not.
    """
    try:
        return check_of(kind)(json.loads(text))
    except ShapeError as error:
        raise MessageError(code, f"A message came in that cannot be used: {error}.") from None
    except (ValueError, RecursionError):
        raise MessageError(code, "A message that is no JSON came in.") from None
