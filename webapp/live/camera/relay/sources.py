"""Cameras at other web processes, and the channels here that show what they film."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from webapp.live.camera.broadcast import Channel, View
from webapp.live.camera.relay.messages import SeenElsewhere, State
from webapp.live.messages import Following

SILENT_SECONDS = 4.0
"""A camera's process that said nothing for so long is gone, or cannot be reached."""


@dataclass
class _Source:
    """The newest state that was taken of a session, and whence."""

    process: str
    since: float
    number: int
    heard_at: float


class Sources:
    """Takes states in, never an older one after a newer one."""

    def __init__(self) -> None:
        self._sources: dict[UUID, _Source] = {}

    def seen(self, session_id: UUID) -> tuple[str, int]:
        """Return whence a session's picture comes and the number of its last state, or nothing."""
        source = self._sources.get(session_id)
        return (source.process, source.number) if source else ("", 0)

    def take(self, session_id: UUID, channel: Channel, state: State, image: bytes) -> bool:
        """Have a channel show a state, unless it is old; whether a picture was among it.

        A channel that nobody watches, or that has a camera of its own, shows nothing from afar.
        """
        if not channel.is_watched_from_afar or not self._is_news(session_id, state):
            return False
        if state["is_last"]:
            self._sources.pop(session_id, None)
            channel.go_off_air()
            return False
        self._sources[session_id] = _Source(
            state["process"], state["since"], state["number"], time.monotonic()
        )
        _apply(channel, state)
        if "view" not in state:
            return False
        channel.show(_view(state["view"], image))
        return True

    def tidy(self, channels: Mapping[UUID, Channel]) -> None:
        """Forget those that fell silent, which viewers are told, and those not needed any more."""
        silent_since = time.monotonic() - SILENT_SECONDS
        for session_id, source in list(self._sources.items()):
            channel = channels.get(session_id)
            if channel is None or not channel.is_watched_from_afar:
                del self._sources[session_id]
            elif source.heard_at < silent_since:
                del self._sources[session_id]
                channel.go_off_air(is_cut_off=True)

    def clear(self) -> None:
        """Forget all."""
        self._sources.clear()

    def _is_news(self, session_id: UUID, state: State) -> bool:
        """Whether a state is of a newer camera than what is shown, or newer from the same one."""
        source = self._sources.get(session_id)
        if source is None:
            return True
        return (state["since"], state["number"]) > (source.since, source.number)


def _apply(channel: Channel, state: State) -> None:
    """Take over who is followed and whether anybody films, where that has changed."""
    following: Following = {
        "type": "following",
        "person": state["person"],
        "name": state["name"],
    }
    if channel.following != following:
        channel.follow(following)
    if state["is_on_air"] and not channel.is_on_air:
        channel.go_on_air()
    elif not state["is_on_air"] and (channel.is_on_air or channel.is_cut_off):
        channel.go_off_air()


def _view(seen: SeenElsewhere, image: bytes) -> View:
    return View(
        frame=seen["frame"],
        width=seen["width"],
        height=seen["height"],
        faces=seen["faces"],
        is_labelled=seen["is_labelled"],
        image=image,
        arrived=time.monotonic() - seen["age_ms"] / 1000,
    )
