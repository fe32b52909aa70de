"""Watches one camera for moments: scores the faces of each frame and chooses among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference.moments.candidates import Candidate, ChosenMoment, EarlierMoment, Star
from inference.moments.measures import measure_face
from inference.moments.past import PAST_SECONDS, Past
from inference.moments.scoring import (
    MIN_TRACK_FRAMES,
    TERM_NAMES,
    FaceState,
    expression_intensity,
    is_cut,
    reason_in_words,
    score_terms,
    weigh,
)
from inference.moments.selector import Selector
from inference.moments.taste import Taste
from inference.recognition.quality import face_quality
from inference.types import Embedding, Face, RGBImage

MOST_FACES = 12
"""Scored on one frame, the largest first; nobody looks for a moment in a crowd of specks."""


@dataclass(frozen=True, slots=True, eq=False)
class SeenFace:
    """A followed face that is really on the frame.

    Attributes:
        track: The face over time.
        frames: On how many frames it was seen so far.
        face: Where it is, in pixels of the analysed picture.
        star: Who it surely is, or ``None``.
        is_supposed: Whether it seems to be somebody of the gallery, sure or not.
        emotion: What it expresses, or ``None`` where nothing is sure.
        emotions: Label to probability as last read; empty where nothing was.
        speed: In its own widths per second.
        embedding: Of the track, where it was looked at.
    """

    track: int
    frames: int
    face: Face
    star: Star | None = None
    is_supposed: bool = False
    emotion: str | None = None
    emotions: Mapping[str, float] | None = None
    speed: float = 0.0
    embedding: Embedding | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SeenFrame:
    """One frame of the camera.

    Attributes:
        image: ``(H, W, 3)`` uint8 RGB, as it is analysed.
        time: In seconds of the camera, never falling.
        number: As its sender counts.
        captured_at: In ms of the sender's clock.
        width: Of the frame as it was sent, in pixels.
        height: Of the frame as it was sent.
        scale: Pixels of the sent frame per pixel of ``image``.
    """

    image: RGBImage
    time: float
    number: int
    captured_at: float
    width: int
    height: int
    scale: float = 1.0


class Observer:
    """The moments of one camera. One thread at a time; memory is bounded.

    Args:
        taste: What is wanted.
        same_person: Cosine similarity from which two faces show the same person.
    """

    def __init__(self, taste: Taste, same_person: float = 0.5) -> None:
        self._selector = Selector(taste, same_person)
        self._pasts: dict[int, tuple[Past, float]] = {}

    @property
    def taste(self) -> Taste:
        """What is wanted."""
        return self._selector.taste

    @taste.setter
    def taste(self, taste: Taste) -> None:
        self._selector.taste = taste

    def observe(self, frame: SeenFrame, faces: Sequence[SeenFace]) -> list[ChosenMoment]:
        """Take in a frame; returns the moments that are decided by now, 1.5 s after each."""
        largest = sorted(faces, key=lambda seen: -seen.face.height)[:MOST_FACES]
        for seen in largest:
            candidate = self._score(frame, seen)
            if candidate is not None:
                self._selector.add(candidate)
        self._forget(frame.time)
        return self._selector.advance(frame.time)

    def remember(self, earlier: EarlierMoment) -> None:
        """Keep later moments apart from one that was chosen before this observer began."""
        self._selector.remember(earlier)

    def flush(self) -> list[ChosenMoment]:
        """Return what is still undecided; the recording has ended."""
        return self._selector.flush()

    def _score(self, frame: SeenFrame, seen: SeenFace) -> Candidate | None:
        """Score one face; ``None`` where it may not become a moment."""
        measures = measure_face(frame.image, seen.face)
        if measures is None:
            return None
        past, _ = self._pasts.get(seen.track, (Past(), 0.0))
        self._pasts[seen.track] = (past, frame.time)
        usual = past.usual()
        emotions = dict(seen.emotions or {})
        past.add(frame.time, expression_intensity(emotions), measures)
        height, width = frame.image.shape[:2]
        if seen.frames < MIN_TRACK_FRAMES or is_cut(seen.face, width, height):
            return None
        state = FaceState(emotions, face_quality(frame.image, seen.face), seen.speed)
        terms = score_terms(measures, state, usual)
        weights = self.taste.weights
        x1, y1, x2, y2 = (round(side * frame.scale, 1) for side in seen.face.box)
        return Candidate(
            time=frame.time,
            number=frame.number,
            captured_at=frame.captured_at,
            track=seen.track,
            star=seen.star,
            is_supposed=seen.is_supposed,
            score=weigh(terms, weights),
            terms=terms,
            reason=reason_in_words(terms, seen.emotion),
            box=(x1, y1, x2, y2),
            width=frame.width,
            height=frame.height,
            emotion=seen.emotion,
            emotions=emotions,
            signature=measures.signature,
            embedding=seen.embedding,
            eyes_weight=weights["eyes"] / sum(weights[name] for name in TERM_NAMES),
        )

    def _forget(self, now: float) -> None:
        """Drop the past of faces that are gone for longer than it reaches back."""
        self._pasts = {
            track: (past, seen_at)
            for track, (past, seen_at) in self._pasts.items()
            if seen_at >= now - PAST_SECONDS
        }
