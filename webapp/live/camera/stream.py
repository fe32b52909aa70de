"""One camera while it is connected: frames to the engine, answers back, views to the channel.

Live means now. At most two frames are with the engine, so that it always has the next one at hand;
one more may wait here, and a newer one takes its place.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext, gettext_noop

from webapp.core import counts
from webapp.live.camera.broadcast import Channel, View
from webapp.live.messages import Dropped, DropReason, EngineState, Frame, Problem, Result
from webapp.vision.engine import messages as engine_words
from webapp.vision.engine.client import EngineClient
from webapp.vision.engine.messages import Answer, Label, LiveFace, MomentChosen

CREDITS = 2
"""Frames that may be unanswered; a camera never has more in flight."""
PATIENCE_SECONDS = 5.0
"""After this a frame counts as lost and its credit returns."""
AWAY = gettext_noop(
    "The recogniser is restarting. The picture goes on; names come back by themselves."
)
SLOW = gettext_noop("The recogniser did not answer in time.")


class Outbox(Protocol):
    """Where messages for the camera go; never blocks."""

    def put(self, message: Mapping[str, Any]) -> None:
        """Leave a message."""
        ...


@dataclass
class _Sent:
    frame: Frame
    arrived: float


class CameraStream:
    """Carries the frames of one camera.

    Args:
        camera: Name of this connection; a camera that comes back is another one.
        channel: Where its viewers are.
        outbox: Takes messages for the camera.
        clock: Steady seconds.
        on_moment: Hears of every moment; must not block.
        on_faces: Hears ``captured_at`` and faces of every labelled frame; must not block.
    """

    def __init__(
        self,
        camera: str,
        engine: EngineClient,
        channel: Channel,
        outbox: Outbox,
        clock: Callable[[], float] = time.monotonic,
        on_moment: Callable[[MomentChosen], None] | None = None,
        on_faces: Callable[[float, list[LiveFace]], None] | None = None,
    ) -> None:
        self.camera = camera
        self.dropped = 0
        self.want: tuple[Label, ...] = ("names", "emotions")
        self._engine = engine
        self._channel = channel
        self._outbox = outbox
        self._clock = clock
        self._on_moment = on_moment
        self._on_faces = on_faces
        self._sent: dict[int, _Sent] = {}
        self._waiting: _Sent | None = None
        self._is_over = False

    def take(self, frame: Frame) -> None:
        """Accept a frame from the camera; the answer comes through the outbox."""
        self.lose_overdue()
        counts.add("frames", "received")
        if self._is_over:
            self._is_over = False
            self._channel.go_on_air()
        entry = _Sent(frame, self._clock())
        if self._engine.state != "ready":
            self._pass_on_unlabelled(entry, "engine_away")
            return
        if self._waiting is not None:
            self.drop(self._waiting.frame.number, "newer")
        self._waiting = entry
        self._send_waiting()

    def end(self) -> None:
        """Go off air and have undecided moments told; a frame that follows goes on air again."""
        if self._is_over:
            return
        self._is_over = True
        self._channel.go_off_air()
        if self._waiting is None:
            self._engine.flush(self.camera)

    def drop(self, frame: int, reason: DropReason) -> None:
        """Answer a frame by saying that it was passed over."""
        self.dropped += 1
        counts.add("frames", reason)
        message: Dropped = {
            "type": "dropped",
            "frame": frame,
            "reason": reason,
            "dropped": self.dropped,
        }
        self._outbox.put(message)

    def answered(self, answer: Answer) -> None:
        """Take the engine's answer to one frame; an answer to no frame is too late and ignored."""
        number = answer["frame"]
        entry = None if number is None else self._sent.pop(number, None)
        if entry is None:
            return
        if answer["type"] == "result":
            self._publish(entry, answer)
        elif answer["type"] == "dropped":
            self.drop(entry.frame.number, "newer")
        else:
            self._refuse(entry, answer)
        self._send_waiting()

    def chosen(self, moment: MomentChosen) -> None:
        """Pass on a moment that the engine has chosen."""
        if self._on_moment is not None:
            self._on_moment(moment)

    def engine_changed(self) -> None:
        """Return the credits of frames that went down with the engine."""
        lost = [*self._sent.values(), *([self._waiting] if self._waiting else [])]
        self._sent.clear()
        self._waiting = None
        for entry in lost:
            self._pass_on_unlabelled(entry, "engine_away")
        self._outbox.put(engine_state(self._engine))

    def lose_overdue(self) -> None:
        """Give up frames that the engine has kept for too long; viewers see them without names.

        Called by the clock as well: a camera without credits sends nothing.
        """
        now = self._clock()
        overdue = [
            number for number, one in self._sent.items() if now - one.arrived > PATIENCE_SECONDS
        ]
        for number in overdue:
            self._pass_on_unlabelled(self._sent.pop(number), "lost")
        if overdue:
            problem: Problem = {
                "type": "problem",
                "code": "engine_slow",
                "message": SLOW,
                "frame": None,
            }
            self._outbox.put(problem)
            self._send_waiting()

    def _send_waiting(self) -> None:
        entry = self._waiting
        if entry is None or len(self._sent) >= CREDITS:
            return
        frame = entry.frame
        self._waiting = None
        is_taken = self._engine.send(
            self.camera, frame.number, frame.captured_at, self.want, frame.image
        )
        if is_taken:
            self._sent[frame.number] = entry
        else:  # The line is full, and by the time it is not there will be a newer frame.
            self.drop(frame.number, "newer")
        if self._is_over:  # With its last frame on the way the engine may decide what is undecided.
            self._engine.flush(self.camera)

    def _publish(self, entry: _Sent, found: engine_words.Result) -> None:
        message: Result = {
            "type": "result",
            "frame": entry.frame.number,
            "captured_at": entry.frame.captured_at,
            "width": found["width"],
            "height": found["height"],
            "faces": found["faces"],
            "timing": found["timing"],
            "dropped": self.dropped,
        }
        if "portrait" in found:
            message["portrait"] = found["portrait"]
        self._outbox.put(message)
        counts.add("frames", "answered")
        if self._on_faces is not None:
            self._on_faces(entry.frame.captured_at, found["faces"])
        self._show(
            View(
                frame=entry.frame.number,
                width=found["width"],
                height=found["height"],
                faces=found["faces"],
                is_labelled=True,
                image=entry.frame.image,
                arrived=entry.arrived,
            )
        )

    def _show(self, view: View) -> None:
        """Show viewers a picture; off air, the last answers are none of theirs."""
        if not self._is_over:
            self._channel.show(view)

    def _refuse(self, entry: _Sent, refused: engine_words.Refused) -> None:
        problem: Problem = {
            "type": "problem",
            "code": "too_large" if refused["code"] == "too_large" else "bad_frame",
            "message": refused["message"] or gettext("This picture cannot be read."),
            "frame": entry.frame.number,
        }
        self._outbox.put(problem)

    def _pass_on_unlabelled(self, entry: _Sent, reason: DropReason) -> None:
        """Show the picture without names, and give the camera its credit back.

        A picture older than the one that is shown stays out: viewers never go back in time.
        """
        self.drop(entry.frame.number, reason)
        latest = self._channel.latest
        if latest is None or latest.arrived <= entry.arrived:
            self._show(View(entry.frame.number, 0, 0, [], False, entry.frame.image, entry.arrived))  # noqa: FBT003


LABELS = {"embedder": "names", "names": "names", "emotion": "emotions", "emotions": "emotions"}
WITHOUT = {
    ("names",): gettext_noop("A model is missing, so there are no names."),
    ("emotions",): gettext_noop("A model is missing, so there are no emotions."),
    ("emotions", "names"): gettext_noop("Models are missing, so there are no names or emotions."),
}
"""What a page says where some labels cannot be had; whole sentences, as no language is English."""
BLIND = gettext_noop("A model is missing, so no face can be found.")


def engine_state(engine: EngineClient) -> EngineState:
    """Return the message that says how the recogniser is."""
    missing = sorted({LABELS.get(part, part) for part in engine.engine.missing}
                     if engine.engine else set())  # fmt: skip
    words = ""
    if engine.state != "ready":
        words = AWAY if engine.state == "away" else gettext("The recogniser is loading its models.")
    elif missing:
        words = WITHOUT.get(tuple(missing), BLIND)
    return {
        "type": "engine",
        "state": engine.state,
        "device": engine.engine.device if engine.engine else "",
        "missing": missing,
        "message": words,
    }
