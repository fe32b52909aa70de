"""What web processes say to each other about live sessions; publications, kept by nobody.

A publication is written like a binary message of a page: the length of a header, the header as
JSON, and a picture where one belongs to it.
"""

import json
import struct
from dataclasses import dataclass
from typing import Literal, NotRequired, TypeAlias, TypedDict, cast
from uuid import UUID

from webapp.live.messages import MAX_FRAME_BYTES, MessageError, check_picture
from webapp.vision.engine.messages import LiveFace, ShapeError, check_of

MAX_HEADER_BYTES = 100_000
"""A view with hundreds of faces has a header of tens of kilobytes."""
_LENGTH = struct.Struct(">I")


class Began(TypedDict):
    """To all who have to do with a session: a camera films it at this process.

    ``since`` is when it began, in seconds since 1970. It is said again and again.
    """

    type: Literal["began"]
    session: str
    process: str
    since: float


class Asked(TypedDict):
    """To all who have to do with a session: this process has viewers of it.

    ``seen`` is the number of the last state that came here, and ``source`` the process that it
    came from; 0 and nobody before the first. It is said again and again, and after each picture;
    who has not said it for a while is sent nothing more.
    """

    type: Literal["asked"]
    session: str
    process: str
    source: str
    seen: int


class SeenElsewhere(TypedDict):
    """The header of a picture; ``age_ms`` is how old it will be when it comes in."""

    frame: int
    width: int
    height: int
    faces: list[LiveFace]
    is_labelled: bool
    age_ms: float


class State(TypedDict):
    """To one process that has asked: what the session shows, with a picture if there is a new one.

    ``number`` grows with everything that a process says. ``is_last`` when the camera has left.
    """

    type: Literal["state"]
    session: str
    process: str
    since: float
    number: int
    is_on_air: bool
    person: str
    name: str
    is_last: bool
    view: NotRequired[SeenElsewhere]


Said: TypeAlias = Began | Asked | State


class NonsenseError(ValueError):
    """A publication that cannot be used."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What was said, about which session, and the picture that came with it, if one did."""

    said: Said
    session_id: UUID
    image: bytes


def read(data: bytes) -> Publication:
    """Take a publication apart.

    Raises:
        NonsenseError: It is none, or of another version.
    """
    if len(data) > _LENGTH.size + MAX_HEADER_BYTES + MAX_FRAME_BYTES:
        raise NonsenseError("it is too large")
    try:
        (length,) = _LENGTH.unpack_from(data)
        end = _LENGTH.size + length
        if length > MAX_HEADER_BYTES or len(data) < end:
            raise NonsenseError("its header is broken")
        said = cast(Said, check_of(Said)(json.loads(data[_LENGTH.size : end])))
        image = data[end:]
        if said["type"] == "state" and "view" in said:
            check_picture(image)
        return Publication(said, UUID(said["session"]), image)
    except (struct.error, MessageError, ShapeError, ValueError, RecursionError) as error:
        raise NonsenseError(str(error)) from error
