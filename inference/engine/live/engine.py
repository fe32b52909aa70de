"""The engine without its socket: cameras in, frames in, answers out.

``submit`` is called where frames arrive and never waits; ``step`` is called by one worker, takes
the newest frames of the cameras that have waited longest, and answers them. Memory is fixed: one
frame per camera waits, a camera keeps at most ``MAX_TRACKS`` faces, and all is gone with ``close``.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from inference.engine.analysis import Analysis, View
from inference.engine.camera import Camera
from inference.engine.frames import DecodedFrame, FrameRefusedError, decode_frame
from inference.engine.galleries import LiveGallery
from inference.engine.live.answers import dropped, refusal, result_of
from inference.engine.live.pacing import Pace
from inference.engine.live.portraits import Portraits
from inference.engine.mailboxes import CameraKey, Frame, Mailboxes
from inference.engine.models import LiveModels
from inference.engine.observing import moment_message, observe
from inference.moments.observer import Observer
from inference.moments.taste import NOT_WANTED, Taste
from inference.protocol import messages
from inference.protocol.messages import Dropped, MomentChosen, Refused
from inference.tracking.tracker import Tracker

logger = logging.getLogger(__name__)

MAX_CAMERAS = 256
MAX_BATCH = 4
"""Frames of one step on a processor: more would let the first of them wait for the last."""

Answer = tuple[CameraKey, messages.Answer | MomentChosen]
Clock = Callable[[], float]


@dataclass(slots=True)
class Counts:
    """What happened since the engine started."""

    frames: int = 0
    dropped: int = 0
    refused: int = 0


class LiveEngine:
    """Faces, names and emotions for the frames of many cameras.

    ``step`` belongs to one thread; everything else may be called from any.

    Args:
        models: The networks.
        max_batch: Frames of one step.
        clock: Seconds, never falling.
        decoders: Threads that decode frames.
        before_step: Called on the thread that computes, such as to fit its threads to the machine.
    """

    def __init__(
        self,
        models: LiveModels,
        *,
        max_batch: int = MAX_BATCH,
        clock: Clock = time.monotonic,
        decoders: int = 2,
        before_step: Callable[[], object] = lambda: None,
    ) -> None:
        self.models = models
        self.before_step = before_step
        self.pace = Pace()
        self.counts = Counts()
        self.analysis = Analysis(models)
        self.portraits = Portraits(models.load_segmenter)
        self._max_batch = max_batch
        self._clock = clock
        self._mailboxes = Mailboxes()
        self._cameras: dict[CameraKey, Camera] = {}
        self._galleries: dict[int, dict[str, LiveGallery]] = {}
        self._lock = threading.Lock()
        self._decoders = ThreadPoolExecutor(decoders, thread_name_prefix="decode")

    @property
    def cameras(self) -> int:
        """How many cameras are open."""
        return len(self._cameras)

    @property
    def waiting(self) -> int:
        """How many cameras have an unread frame."""
        return len(self._mailboxes)

    def open(
        self, camera: CameraKey, gallery: str = "", taste: Taste = NOT_WANTED
    ) -> Refused | None:
        """Begin a stream; opening it again only changes its gallery and the taste."""
        with self._lock:
            known = self._cameras.get(camera)
            if known is not None:
                known.gallery, known.observer.taste = gallery, taste
                return None
            if len(self._cameras) >= MAX_CAMERAS:
                return refusal(camera[1], None, "busy", "Too many cameras are live already.")
            tracker = Tracker(self.models.space)
            observer = Observer(taste, self.models.space.threshold)
            self._cameras[camera] = Camera(camera, gallery, tracker, observer)
            return None

    def set_taste(self, camera: CameraKey, taste: Taste) -> Refused | None:
        """Change what moments are wanted of a stream, from its next frame on."""
        known = self._cameras.get(camera)
        if known is None:
            return refusal(camera[1], None, "not_open", "This camera is not open.")
        known.observer.taste = taste
        return None

    def flush(self, camera: CameraKey) -> Refused | None:
        """Have undecided moments told once the last frame was read; the stream stays open."""
        with self._lock:
            known = self._cameras.get(camera)
            if known is None:
                return refusal(camera[1], None, "not_open", "This camera is not open.")
            known.is_over = True
            return None

    def close(self, camera: CameraKey) -> Dropped | None:
        """End a stream and forget its tracks; an unread frame is answered here."""
        with self._lock:
            self._cameras.pop(camera, None)
        unread = self._mailboxes.discard(camera)
        return None if unread is None else dropped(unread)

    def leave(self, client: int) -> None:
        """Forget everything a connection had: its cameras and its galleries."""
        with self._lock:
            cameras = [key for key in self._cameras if key[0] == client]
            self._galleries.pop(client, None)
        for camera in cameras:
            self.close(camera)

    def put_gallery(self, client: int, key: str, gallery: LiveGallery) -> bool:
        """Keep who can be named; an old revision changes nothing and returns false."""
        with self._lock:
            held = self._galleries.setdefault(client, {})
            if key in held and held[key].revision >= gallery.revision:
                return False
            self._galleries[client] = {**held, key: gallery}
            return True

    def submit(self, frame: Frame) -> Dropped | Refused | None:
        """Leave a frame for the next step.

        Returns:
            The answer to the frame that this one replaces, or to this one if its camera is not
            open; ``None`` if nobody has to be told anything now.
        """
        camera = self._cameras.get(frame.camera)
        if camera is None:
            self.counts.refused += 1
            return refusal(frame.camera[1], frame.number, "not_open", "This camera is not open.")
        replaced = self._mailboxes.put(frame)
        if replaced is None:
            return None
        camera.dropped += 1
        self.counts.dropped += 1
        return dropped(replaced)

    def step(self) -> list[Answer]:
        """Answer the newest frames of the cameras whose turn it is, and end streams that are over.

        Returns:
            What is to be told, in order; empty if no frame waits and no stream is over.
        """
        frames = self._mailboxes.take(self._max_batch)
        self.before_step()
        try:
            return (self._analyze(frames) if frames else []) + self._flush_over()
        except Exception:
            # Ours, not the cameras': they keep their credits, and lose what was being followed.
            logger.exception("a step failed")
            for frame in frames:
                self._restart_tracks(frame.camera)
            return [(frame.camera, dropped(frame)) for frame in frames]

    def _analyze(self, frames: Sequence[Frame]) -> list[Answer]:
        started = self._clock()
        answers, views = self._decode(frames)
        decoded_at = self._clock()
        self.analysis.find(views, self.pace.every)
        found_at = self._clock()
        by_client = self._galleries
        for client in {view.camera.key[0] for view in views}:
            mine = [view for view in views if view.camera.key[0] == client]
            self.analysis.describe(mine, by_client.get(client, {}))
        self.portraits.cut_out(views)
        ended = self._clock()
        self.pace.note(started, ended)
        times = (started, decoded_at, found_at, ended)
        for view in views:
            names = by_client.get(view.camera.key[0], {}).get(view.camera.gallery)
            answers.append((view.camera.key, result_of(view, names, times)))
        self.counts.frames += len(views)
        return answers + self._moments(views)

    def _moments(self, views: Sequence[View]) -> list[Answer]:
        """Tell the moments that are decided now; results of frames go before them."""
        return [
            (view.camera.key, moment_message(view.camera.key[1], moment))
            for view in views
            for moment in observe(view, self._galleries.get(view.camera.key[0], {}))
        ]

    def _flush_over(self) -> list[Answer]:
        """Tell the undecided moments of the streams that are over and have no unread frame."""
        with self._lock:
            over = [
                camera
                for camera in self._cameras.values()
                if camera.is_over and camera.key not in self._mailboxes
            ]
            for camera in over:
                camera.is_over = False
        return [
            (camera.key, moment_message(camera.key[1], moment))
            for camera in over
            if camera.observer.taste.is_wanted
            for moment in camera.observer.flush()
        ]

    def _restart_tracks(self, key: CameraKey) -> None:
        camera = self._cameras.get(key)
        if camera is not None:
            camera.tracker = Tracker(self.models.space)
            camera.observer = Observer(camera.observer.taste, self.models.space.threshold)

    def _decode(self, frames: Sequence[Frame]) -> tuple[list[Answer], list[View]]:
        """Decode frames; returns answers to the bad ones, and the good ones."""
        answers: list[Answer] = []
        views: list[View] = []
        # One frame needs no second thread.
        decode = self._decoders.map if len(frames) > 1 else map
        for frame, decoded in zip(frames, decode(_decode_or_refuse, frames), strict=True):
            camera = self._cameras.get(frame.camera)
            if isinstance(decoded, FrameRefusedError):
                self.counts.refused += 1
                answer = refusal(frame.camera[1], frame.number, decoded.code, str(decoded))
                answers.append((frame.camera, answer))
            elif camera is None:
                answers.append((frame.camera, dropped(frame)))
            else:
                seconds = camera.clock.advance(frame.captured_at)
                gallery = self._galleries.get(camera.key[0], {}).get(camera.gallery)
                can_name = gallery is not None and bool(gallery.gallery.keys)
                views.append(View(camera, frame, decoded, seconds, can_name))
        return answers, views


def _decode_or_refuse(frame: Frame) -> DecodedFrame | FrameRefusedError:
    try:
        return decode_frame(frame.data)
    except FrameRefusedError as error:
        return error
