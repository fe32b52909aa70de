"""One mailbox for one frame per camera, read in turn.

A camera sends faster than a model reads. A queue would show the past, so there is none: a new frame
replaces the unread one and keeps its place in the line. A camera that was served goes to the end
of the line, so ten fast cameras do not starve a slow one.
"""

import threading
from dataclasses import dataclass

from inference.protocol.messages import Label

CameraKey = tuple[int, str]
"""The connection a camera came by, and its name there."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A frame that waits.

    Attributes:
        camera: Whose it is.
        number: The sender's own number.
        captured_at: In ms of the camera's clock.
        want: What to find out besides the faces.
        data: JPEG or WebP.
        arrived_at: In seconds of the engine's clock.
    """

    camera: CameraKey
    number: int
    captured_at: float
    want: frozenset[Label]
    data: bytes
    arrived_at: float


class Mailboxes:
    """The newest frame of every camera. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # A dictionary keeps the order of insertion, and replacing a value keeps its place.
        self._waiting: dict[CameraKey, Frame] = {}

    def __len__(self) -> int:
        with self._lock:
            return len(self._waiting)

    def __contains__(self, camera: CameraKey) -> bool:
        with self._lock:
            return camera in self._waiting

    def put(self, frame: Frame) -> Frame | None:
        """Leave a frame; returns the unread one that it replaces."""
        with self._lock:
            replaced = self._waiting.get(frame.camera)
            self._waiting[frame.camera] = frame
            return replaced

    def take(self, count: int) -> list[Frame]:
        """Take the frames of the cameras that have waited longest, at most one each."""
        with self._lock:
            cameras = list(self._waiting)[:count]
            return [self._waiting.pop(camera) for camera in cameras]

    def discard(self, camera: CameraKey) -> Frame | None:
        """Throw the unread frame of a camera away; returns it."""
        with self._lock:
            return self._waiting.pop(camera, None)
