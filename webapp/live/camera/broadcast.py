"""From one camera to those who watch it: the newest picture only, each at their own pace.

Nothing is queued. A viewer that is ready takes whatever is newest then; a slow one skips pictures
and costs the others nothing. Pictures live in memory and go with the camera.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from webapp.live.messages import Capture, Following, ViewHeader, pack
from webapp.vision.engine.messages import LiveFace


def nameless(face: LiveFace) -> LiveFace:
    """Return a face without who it is."""
    return {**face, "person": None, "name": None, "similarity": None, "is_sure": False}


def nobody() -> Following:
    """Return that nobody is followed."""
    return {"type": "following", "person": "", "name": ""}


@dataclass(frozen=True, slots=True)
class View:
    """A picture and what it shows.

    Attributes:
        arrived: When the picture reached the server, by the steady clock.
    """

    frame: int
    width: int
    height: int
    faces: list[LiveFace]
    is_labelled: bool
    image: bytes
    arrived: float

    def packed(self, *, shows_names: bool = True) -> bytes:
        """Return the binary message for a viewer, with the picture's age as of now."""
        header: ViewHeader = {
            "type": "view",
            "frame": self.frame,
            "width": self.width,
            "height": self.height,
            "faces": self.faces if shows_names else [nameless(face) for face in self.faces],
            "is_labelled": self.is_labelled,
            "age_ms": round(1000 * (time.monotonic() - self.arrived), 1),
        }
        return pack(header, self.image)


class Camera(Protocol):
    """Who films."""

    def make_way(self) -> None:
        """Stop at once, because another camera of the session begins."""
        ...

    def ask(self, capture: Capture) -> None:
        """Ask for frames of a moment."""
        ...


@dataclass
class Channel:
    """What one session shows at this moment.

    Attributes:
        latest: The newest view; ``None`` while no camera films.
        following: Whom the camera follows; empty for nobody.
        camera: Who is connected to film, if anybody is; not on air once its stream is over.
    """

    latest: View | None = None
    is_on_air: bool = False
    following: Following = field(default_factory=nobody)
    camera: Camera | None = None
    bells: set[asyncio.Event] = field(default_factory=set)

    def show(self, view: View) -> None:
        """Replace the picture."""
        self.latest = view
        self._ring()

    def follow(self, following: Following) -> None:
        """Note whom the camera follows."""
        self.following = following
        self._ring()

    def go_on_air(self) -> None:
        """Note that a camera films."""
        self.is_on_air = True
        self._ring()

    def go_off_air(self) -> None:
        """Note that none does, and forget its last picture."""
        self.is_on_air = False
        self.latest = None
        self._ring()

    def _ring(self) -> None:
        for bell in self.bells:
            bell.set()


class Broadcast:
    """The channels of one process, made when somebody needs them and dropped when nobody does."""

    def __init__(self) -> None:
        self._channels: dict[UUID, Channel] = {}

    def channel(self, session_id: UUID) -> Channel:
        """Return a session's channel."""
        return self._channels.setdefault(session_id, Channel())

    def camera(self, session_id: UUID) -> Camera | None:
        """Return who films a session, if anybody does."""
        channel = self._channels.get(session_id)
        return None if channel is None else channel.camera

    def tidy(self, session_id: UUID) -> None:
        """Drop a channel that has no camera and no viewer."""
        channel = self._channels.get(session_id)
        if channel is not None and channel.camera is None and not channel.bells:
            del self._channels[session_id]

    def on_air(self) -> set[UUID]:
        """Return the sessions whose camera films."""
        return {session_id for session_id, one in self._channels.items() if one.is_on_air}
