"""Follows the faces of one camera.

On some frames a detector says where faces are (``match``); on the frames in between each face is
expected where it was going, and a small network says whether it is there (``follow``). A face is
confirmed after three frames, and forgotten after a second without being seen.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.geometry import box_containment, box_iou
from inference.recognition.postprocessing import PostProcessing
from inference.tracking.association import REACH, associate, is_near
from inference.tracking.motion import Box, ConstantVelocity
from inference.tracking.naming import Name
from inference.tracking.probe import Probe
from inference.tracking.smoothing import INSTANT_SECONDS, EmotionSmoother
from inference.types import BoxArray, Embedding, EmotionPrediction, Face

CONFIRM_FRAMES = 3
LOST_AFTER_SECONDS = 1.0
FORETELL_SECONDS = 0.25
"""A hidden face is still drawn where it is expected for this long."""

CERTAIN_SCORE = 0.8
"""A face found with this score is shown before it is confirmed."""

MAX_TRACKS = 64
"""Of one camera; bounds memory and time on pictures full of faces."""

_SAME_FACE = 0.5
_INSIDE = 0.7
_STRAYED_IOU = 0.25
_CROSSING_REACH = 0.75


def _instant() -> EmotionSmoother:
    return EmotionSmoother(INSTANT_SECONDS)


@dataclass(eq=False)
class Track:
    """One face over time.

    Attributes:
        id: Never used twice by one tracker.
        face: As last seen.
        motion: Where it is going.
        seen_at: When it was last seen, in seconds.
        frames: On how many frames it was seen.
        probe: What is known about who it is.
        emotions: What it expresses.
        instant: The same over a quarter of a second, which labels a moment.
        reading: What was last read of its expression, before any smoothing.
        name: Whose name it bears.
        margin: By how much its nearest person lies above the threshold; below 0 for a stranger.
        quality: Of the last look, 0 to 1.
        look_at: When it should be looked at again for its name.
        read_at: When its expression should be read again.
    """

    id: int
    face: Face
    motion: ConstantVelocity
    seen_at: float
    probe: Probe
    frames: int = 1
    emotions: EmotionSmoother = field(default_factory=EmotionSmoother)
    instant: EmotionSmoother = field(default_factory=_instant)
    reading: EmotionPrediction | None = None
    name: Name[str] | None = None
    margin: float = 0.0
    quality: float = 0.0
    look_at: float = 0.0
    read_at: float = 0.0

    @property
    def is_confirmed(self) -> bool:
        """Whether it was seen often enough to be no mistake of the detector."""
        return self.frames >= CONFIRM_FRAMES

    def see(self, face: Face, time: float) -> None:
        """Take in where the face is now."""
        self.face, self.seen_at = face, time
        self.motion.observe(face.box, time)
        self.frames += 1


class Tracker:
    """The tracks of one camera. One thread at a time.

    Args:
        space: Makes raw embeddings comparable; from its threshold two looks show the same person.
    """

    def __init__(self, space: PostProcessing) -> None:
        self._space = space
        self._ids: Iterator[int] = itertools.count(1)
        self._followed_at = 0.0
        self.tracks: list[Track] = []

    def predict(self, tracks: Sequence[Track], time: float) -> BoxArray:
        """Return ``(T, 4)``, where these tracks are expected at a time."""
        boxes = [track.motion.predict(time) for track in tracks]
        return np.array(boxes, dtype=np.float32).reshape(-1, 4)

    def doubtful(self, faces: Sequence[Face], time: float) -> list[int]:
        """Return the found faces whose place alone does not tell which track they continue.

        They lie near two tracks, or near one that was hidden. Their embeddings help ``match``.
        """
        known = [track for track in self.tracks if track.probe.count]
        if not known or not faces:
            return []
        hidden = [track.seen_at < self._followed_at for track in known]
        reach = [REACH if is_hidden else _CROSSING_REACH for is_hidden in hidden]
        predicted, found = self.predict(known, time), _boxes(faces)
        near = np.stack(
            [
                is_near(predicted[row : row + 1], found, length)[0]
                for row, length in enumerate(reach)
            ]
        )
        unclear = (near.sum(axis=0) > 1) | near[np.array(hidden)].any(axis=0)
        return [int(index) for index in np.flatnonzero(unclear)]

    def match(
        self, faces: Sequence[Face], time: float, embeddings: Mapping[int, Embedding] | None = None
    ) -> list[Track]:
        """Take in what the detector found.

        Args:
            faces: All faces of the frame.
            time: Of the frame, in seconds; never falling.
            embeddings: Raw, of some of the faces, by their index.

        Returns:
            The tracks that no face continues; ``follow`` decides about them.
        """
        # As they were before this frame: those that are born below are not among the unseen.
        tracks, found = list(self.tracks), _boxes(faces)
        similarity = self._similarity(tracks, len(faces), embeddings or {})
        pairs = associate(self.predict(tracks, time), found, similarity, self._space.threshold)
        for row, column in pairs:
            tracks[row].see(faces[column], time)
        continued = {column for _, column in pairs}
        for index, face in enumerate(faces):
            if index not in continued and len(self.tracks) < MAX_TRACKS:
                self.tracks.append(self._born(face, time))
        seen = {row for row, _ in pairs}
        return [track for index, track in enumerate(tracks) if index not in seen]

    def follow(self, seen: Sequence[tuple[Track, Face | None]], time: float) -> None:
        """Take in what was found at the places where tracks were expected.

        Of two tracks that claim the same face, it goes to the one that expected it there; the
        other is hidden. Tracks that nobody has seen for too long end here.

        Args:
            seen: Tracks, and what the network saw where ``predict`` put them.
            time: Of the frame, in seconds.
        """
        claims = [(track, face) for track, face in seen if face is not None]
        agreement = [self._agreement(track, face, time) for track, face in claims]
        # What ``match`` gave away in this frame is no longer to be had.
        taken = [track.face for track in self.tracks if track.seen_at == time]
        for index in np.argsort(-np.array(agreement), kind="stable"):
            track, face = claims[index]
            if agreement[index] >= _STRAYED_IOU and not _is_among(face, taken):
                track.see(face, time)
                taken.append(face)
        self.tracks = [track for track in self.tracks if self._lives(track, time)]
        self._followed_at = time

    def doubt(self, time: float) -> None:
        """Have every face looked at again: the scene was cut, and others may stand there now."""
        for track in self.tracks:
            track.probe.doubt()
            track.look_at = min(track.look_at, time)

    def look(self, track: Track, raw: Embedding, time: float) -> None:
        """Take in an embedding of a track's face, of the track's present quality.

        Where it shows that the track has gone over to somebody else, the track becomes another one,
        so that nothing of what is known of the first is held for true of the second.
        """
        if track.probe.add(raw, track.quality, time):
            track.id, track.name = next(self._ids), None
            track.emotions, track.instant, track.reading = EmotionSmoother(), _instant(), None

    def is_calm(self, time: float, width: int, height: int) -> bool:
        """Tell whether all faces are well known, but for those that have left the picture."""
        here = [
            track
            for track in self.tracks
            if track.seen_at == time or _is_within(track.motion.predict(time), width, height)
        ]
        return bool(here) and all(track.is_confirmed and track.seen_at == time for track in here)

    def shown(self, time: float, width: int, height: int) -> list[tuple[Track, Face]]:
        """Return what to draw on the frame at a time: tracks, and their faces there.

        A face that is hidden for a moment is moved to where it is expected, within the picture.
        """
        shown = []
        for track in self.tracks:
            if not track.is_confirmed and track.face.score < CERTAIN_SCORE:
                continue
            if track.seen_at == time:
                shown.append((track, track.face))
            elif time - track.seen_at <= FORETELL_SECONDS and track.is_confirmed:
                box = track.motion.predict(time)
                if _is_within(box, width, height):
                    shown.append((track, _moved(track.face, box)))
        return shown

    def _born(self, face: Face, time: float) -> Track:
        """Begin a track; it moves like the others at first, as it does where the camera pans."""
        drifts = [track.motion.drift for track in self.tracks if track.is_confirmed]
        drift = np.median(drifts, axis=0) if drifts else None
        motion = ConstantVelocity(face.box, time, drift)
        return Track(next(self._ids), face, motion, time, Probe(self._space))

    def _lives(self, track: Track, time: float) -> bool:
        hidden_for = time - track.seen_at
        # What was seen too seldom to be confirmed may be no face, so it gets no second chance.
        return hidden_for <= (LOST_AFTER_SECONDS if track.is_confirmed else 0.0)

    def _similarity(
        self, tracks: Sequence[Track], faces: int, embeddings: Mapping[int, Embedding]
    ) -> NDArray[np.float32]:
        similarity = np.full((len(tracks), faces), np.nan, dtype=np.float32)
        for row, track in enumerate(tracks):
            if track.probe.embedding is not None:
                for index, raw in embeddings.items():
                    similarity[row, index] = track.probe.likeness(raw)
        return similarity

    def _agreement(self, track: Track, face: Face, time: float) -> float:
        return float(box_iou(self.predict([track], time), _boxes([face]))[0, 0])


def _boxes(faces: Sequence[Face]) -> BoxArray:
    return np.array([face.box for face in faces], dtype=np.float32).reshape(-1, 4)


def _is_within(box: Box, width: int, height: int) -> bool:
    """Tell whether the middle of a box is in the picture."""
    return bool(0 <= box[0] + box[2] <= 2 * width and 0 <= box[1] + box[3] <= 2 * height)


def _is_among(face: Face, others: Sequence[Face]) -> bool:
    """Tell whether one of the others shows the same face."""
    if not others:
        return False
    box, boxes = _boxes([face]), _boxes(others)
    same = box_iou(box, boxes) > _SAME_FACE
    return bool((same | (box_containment(box, boxes) > _INSIDE)).any())


def _moved(face: Face, box: Box) -> Face:
    """Return the face as if it were in another box, landmarks included."""
    old, new = np.array(face.box), np.array(box)
    scale = (new[2:] - new[:2]) / np.maximum(old[2:] - old[:2], 1e-6)
    landmarks = (face.landmarks - old[:2]) * scale + new[:2]
    return Face(box=box, score=face.score, landmarks=landmarks.astype(np.float32))
