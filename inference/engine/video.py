"""A recorded video walked like a live camera: its moments, and what its stars expressed.

A walk keeps nothing between two calls, so a long video is walked in slices, each of which can be
repeated after a crash. A slice is given frames from ``LEAD_SECONDS`` earlier, so that faces are
followed and named when it begins, and until ``TAIL_SECONDS`` later, so that the windows of its last
moments pass. Only what lies within the slice proper is reported.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from inference.engine.analysis import Analysis, View
from inference.engine.camera import Camera
from inference.engine.frames import ANALYSED_SIDE, DecodedFrame
from inference.engine.galleries import LiveGallery
from inference.engine.mailboxes import Frame
from inference.engine.models import LiveModels
from inference.engine.observing import observe
from inference.moments.candidates import ChosenMoment, EarlierMoment, Star
from inference.moments.observer import Observer
from inference.moments.taste import Taste
from inference.protocol.messages import Label
from inference.tracking.tracker import Track, Tracker
from inference.types import RGBImage

LEAD_SECONDS = 4.0
TAIL_SECONDS = 2.0

VIDEO_FRAME_RATE = 8.0
"""Frames per second that a walk should be given. Every second frame is searched whole, every third
while all faces are well known; on the frames in between faces are followed."""

SAMPLE_SECONDS = 5
"""Length of one bin of emotions."""

_SEARCH_EVERY = 2
_CAMERA = (0, "video")
_WANTED: frozenset[Label] = frozenset({"names", "emotions"})


@dataclass(frozen=True, slots=True)
class EmotionSample:
    """What a star expressed over five seconds.

    Attributes:
        star: Who.
        second: Start of the bin in seconds of the video, a multiple of ``SAMPLE_SECONDS``.
        emotions: Label to mean probability; they sum to 1.
        count: Frames behind the mean.
    """

    star: Star
    second: int
    emotions: dict[str, float]
    count: int


@dataclass(frozen=True, slots=True)
class SeenTrack:
    """Where one face was over time, within the part that is reported.

    Attributes:
        star: Whose name it surely bears at its end; ``None`` for somebody unknown.
        boxes: Time in seconds of the video, then ``x1 y1 x2 y2`` as shares of the frame.
    """

    star: Star | None
    boxes: Sequence[tuple[float, float, float, float, float]]


@dataclass(slots=True)
class WalkSettings:
    """One slice of a video.

    Attributes:
        taste: Which moments are wanted.
        start: First second to report, a multiple of ``SAMPLE_SECONDS``; frames should come from
            ``LEAD_SECONDS`` before it.
        end: First second not to report, a multiple of ``SAMPLE_SECONDS`` or infinity; frames should
            come until ``TAIL_SECONDS`` after it. Whoever gives the frames may lower it while the
            walk goes on, to a time that it has not reached yet.
        earlier: Moments of the slices before, which keep their distance and count for the quota.
    """

    taste: Taste
    start: float = 0.0
    end: float = math.inf
    earlier: Sequence[EarlierMoment] = ()


@dataclass
class _Bins:
    """Sums of probabilities by star and bin."""

    sums: dict[tuple[Star, int], dict[str, float]] = field(default_factory=dict)
    counts: dict[tuple[Star, int], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, star: Star, time: float, emotions: dict[str, float]) -> None:
        key = (star, int(time // SAMPLE_SECONDS) * SAMPLE_SECONDS)
        sums = self.sums.setdefault(key, dict.fromkeys(emotions, 0.0))
        for label, share in emotions.items():
            sums[label] = sums.get(label, 0.0) + share
        self.counts[key] += 1

    def pop_before(self, time: float) -> Iterator[EmotionSample]:
        """Yield the bins that have ended by a time, in their order."""
        ended = [key for key in self.sums if key[1] + SAMPLE_SECONDS <= time]
        for star, second in sorted(ended, key=lambda key: (key[1], key[0].person)):
            count = self.counts.pop((star, second))
            sums = self.sums.pop((star, second))
            means = {label: round(total / count, 4) for label, total in sums.items()}
            yield EmotionSample(star, second, means, count)


@dataclass
class _Paths:
    """The boxes of each track, as it goes."""

    found: dict[int, tuple[Track, list[tuple[float, float, float, float, float]]]] = field(
        default_factory=dict
    )

    def add(self, view: View) -> None:
        height, width = view.decoded.image.shape[:2]
        for track, face in view.seen():
            x1, y1, x2, y2 = face.box
            box = (view.time, x1 / width, y1 / height, x2 / width, y2 / height)
            self.found.setdefault(track.id, (track, []))[1].append(box)

    def tracks(self, gallery: LiveGallery | None) -> Iterator[SeenTrack]:
        """Yield those that were no mistake of the detector, with their last sure name."""
        names = gallery.names if gallery is not None else {}
        for track, boxes in self.found.values():
            if track.is_confirmed:
                name = track.name if track.name is not None and track.name.is_sure else None
                star = Star(name.key, names.get(name.key, "")) if name is not None else None
                yield SeenTrack(star, boxes)


def walk_video(
    frames: Iterable[tuple[float, RGBImage]],
    models: LiveModels,
    gallery: LiveGallery | None,
    settings: WalkSettings,
) -> Iterator[ChosenMoment | EmotionSample | SeenTrack]:
    """Walk over the frames of a video and report what happens, as soon as it is decided.

    The times of a moment's frames (``Candidate.time``) are the times given here; its boxes are in
    pixels of the frames given here. A frame's number is its time in whole ms.

    Args:
        frames: Time in seconds of the video, rising, and ``(H, W, 3)`` uint8 RGB; about
            ``VIDEO_FRAME_RATE`` of them a second.
        models: The networks.
        gallery: Who can be named; ``None`` for nobody.
        settings: Which part is reported, and which moments are wanted.
    """
    observer = Observer(settings.taste, models.space.threshold)
    for one in settings.earlier:
        observer.remember(one)
    camera = Camera(_CAMERA, "", Tracker(models.space), observer)
    analysis, bins, paths = Analysis(models), _Bins(), _Paths()
    galleries = {"": gallery} if gallery is not None else {}
    for time, image in frames:
        view = view_of(camera, time, image)
        analysis.find([view], _SEARCH_EVERY)
        analysis.describe([view], galleries)
        moments = observe(view, galleries)
        if settings.start <= time < settings.end:
            _sample(view, gallery, bins)
            paths.add(view)
        yield from bins.pop_before(time)
        yield from _within(moments, settings)
    yield from bins.pop_before(math.inf)
    yield from _within(observer.flush(), settings)
    yield from paths.tracks(gallery)


def view_of(camera: Camera, time: float, image: RGBImage, want: frozenset[Label] = _WANTED) -> View:
    """Make a step's view of a frame, no larger than live frames are analysed."""
    height, width = image.shape[:2]
    scale = max(max(height, width) / ANALYSED_SIDE, 1.0)
    small = image
    if scale > 1:
        size = (round(width / scale), round(height / scale))
        small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    frame = Frame(camera.key, round(time * 1000), time * 1000, want, b"", 0.0)
    return View(camera, frame, DecodedFrame(small, width, height, scale), time)


def _sample(view: View, gallery: LiveGallery | None, bins: _Bins) -> None:
    """Count what the faces of a frame express whose names are sure."""
    if gallery is None:
        return
    for track, _ in view.seen():
        if track.name is not None and track.name.is_sure and track.reading is not None:
            star = Star(track.name.key, gallery.names.get(track.name.key, ""))
            bins.add(star, view.time, track.reading.probabilities)


def _within(moments: Sequence[ChosenMoment], settings: WalkSettings) -> list[ChosenMoment]:
    return [one for one in moments if settings.start <= one.best.time < settings.end]
