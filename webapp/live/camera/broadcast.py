"""From one camera to those who watch it: the newest picture only, each at their own pace.

Nothing is queued. A viewer that is ready takes whatever is newest then; a slow one skips pictures
and costs the others nothing. Pictures live in memory and go with the camera. Where the camera is at
another web process, ``relay`` fills the channel with what it hears from there.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
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
        camera: Who is connected to this process to film, if anybody is; not on air once its
            stream is over.
        since: When that camera began, in seconds since 1970; of two the newer one films.
        is_cut_off: Whether a camera may film at another process that cannot be reached.
        bells: Of viewers.
        feeds: Bells of those who carry the channel to other processes.
    """

    latest: View | None = None
    is_on_air: bool = False
    following: Following = field(default_factory=nobody)
    camera: Camera | None = None
    since: float = 0.0
    is_cut_off: bool = False
    bells: set[asyncio.Event] = field(default_factory=set)
    feeds: set[asyncio.Event] = field(default_factory=set)

    @property
    def is_watched_from_afar(self) -> bool:
        """Whether somebody watches here and the camera, if there is one, is elsewhere."""
        return self.camera is None and bool(self.bells)

    def begin(self, camera: Camera) -> None:
        """Go on air with a camera of this process."""
        self.camera = camera
        self.since = time.time()
        self.latest = None
        self.go_on_air()

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
        self.is_cut_off = False
        self._ring()

    def go_off_air(self, *, is_cut_off: bool = False) -> None:
        """Note that none does, as far as is known, and forget its last picture."""
        self.is_on_air = False
        self.is_cut_off = is_cut_off
        self.latest = None
        self._ring()

    def _ring(self) -> None:
        for bell in (*self.bells, *self.feeds):
            bell.set()


class Broadcast:
    """The channels of one process, made when somebody needs them and dropped when nobody does.

    Attributes:
        on_change: Called when a camera or a viewer comes or goes; must not block.
    """

    def __init__(self) -> None:
        self._channels: dict[UUID, Channel] = {}
        self.on_change: Callable[[], None] = lambda: None

    def __iter__(self) -> Iterator[tuple[UUID, Channel]]:
        """Go through the sessions that somebody films or watches, and their channels."""
        return iter(list(self._channels.items()))

    def channel(self, session_id: UUID) -> Channel:
        """Return a session's channel, making it if need be."""
        return self._channels.setdefault(session_id, Channel())

    def present(self, session_id: UUID) -> Channel | None:
        """Return a session's channel where there is one."""
        return self._channels.get(session_id)

    def camera(self, session_id: UUID) -> Camera | None:
        """Return who films a session, if anybody does."""
        channel = self._channels.get(session_id)
        return None if channel is None else channel.camera

    def begin(self, session_id: UUID, camera: Camera) -> Channel:
        """Let a camera film a session."""
        channel = self.channel(session_id)
        channel.begin(camera)
        self.on_change()
        return channel

    def end(self, session_id: UUID, camera: Camera) -> None:
        """Let a camera go; one that another has replaced changes nothing."""
        channel = self._channels.get(session_id)
        if channel is not None and channel.camera is camera:
            channel.camera = None
            channel.go_off_air()
            self._tidy(session_id)

    def enter(self, session_id: UUID, bell: asyncio.Event) -> Channel:
        """Let somebody watch, whose bell rings when there is something new."""
        channel = self.channel(session_id)
        channel.bells.add(bell)
        self.on_change()
        return channel

    def leave(self, session_id: UUID, bell: asyncio.Event) -> None:
        """Let a viewer go."""
        channel = self._channels.get(session_id)
        if channel is not None:
            channel.bells.discard(bell)
            self._tidy(session_id)

    def _tidy(self, session_id: UUID) -> None:
        """Drop a channel that has no camera and no viewer."""
        channel = self._channels[session_id]
        if channel.camera is None and not channel.bells:
            del self._channels[session_id]
        self.on_change()
