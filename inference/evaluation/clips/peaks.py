"""A film of stars whose best instants are known, composed of two photos a shot.

A shot shows a star's calm photo, and once, for a moment, an expressive one of the same star with
the face in the same place: that is its peak. Some time away from it the expressive face comes
again, blurred or with its eyes closed, so that expression alone does not win. Each expressive photo
is shown in one shot only. The same seed composes the same film.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from inference.alignment import ARCFACE_112
from inference.evaluation.bursts.making import blink, defocus
from inference.evaluation.bursts.sources import Source
from inference.evaluation.clips.making import HEIGHT, WIDTH
from inference.geometry import similarity_transform
from inference.types import Face, RGBImage

SHOT_SECONDS = 6.0
PEAK_REACH, PEAK_EDGE = 0.2, 0.2
"""A peak stands so long to both sides of its middle, and fades in and out so long."""

FLAW_SECONDS = 0.5
APART_SECONDS = 2.0
"""Between the middle of a peak and that of its flawed copy."""

FLAWS = ("blurred", "eyes closed")
_FACE = 130.0
"""Side of the aligned face, 112 in the template, in pixels of the film."""

_NOISE = 3.0
_LEAST_CALM, _LEAST_EXPRESSIVE = 0.5, 0.7
_EXPRESSIVE = ("happy", "surprised")


@dataclass(frozen=True, slots=True, eq=False)
class PeakShot:
    """One shot.

    Attributes:
        person: Who is in it.
        start: Its first second in the film.
        peak: The middle of its peak, in seconds of the film.
        flawed: The middle of the flawed copy.
        flaw: One of ``FLAWS``.
        calm: ``(HEIGHT, WIDTH, 3)`` uint8 RGB.
        best: The expressive face, in the same place.
        worse: The same with its flaw.
    """

    person: str
    start: float
    peak: float
    flawed: float
    flaw: str
    calm: RGBImage
    best: RGBImage
    worse: RGBImage

    def shown_at(self, time: float) -> str:
        """Return what is mostly shown at a time: "peak", "calm" or the flaw."""
        if abs(time - self.peak) <= PEAK_REACH + PEAK_EDGE / 2:
            return "peak"
        return self.flaw if abs(time - self.flawed) <= FLAW_SECONDS / 2 else "calm"

    def view(self, time: float, draw: np.random.Generator) -> RGBImage:
        """Return the frame of a time, with the sway of a hand and the noise of a sensor."""
        share = np.clip((PEAK_REACH + PEAK_EDGE - abs(time - self.peak)) / PEAK_EDGE, 0.0, 1.0)
        image = cv2.addWeighted(self.best, float(share), self.calm, 1 - float(share), 0)
        if self.shown_at(time) == self.flaw:
            image = self.worse
        shift = 4 * np.sin(1.7 * time), 3 * np.sin(2.3 * time)
        matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]])
        moved = cv2.warpAffine(image, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        noisy = moved + draw.normal(0.0, _NOISE, moved.shape)
        return np.asarray(np.clip(noisy.round(), 0, 255), dtype=np.uint8)


def peak_shots(sources: Sequence[Source], most: int, seed: int) -> list[PeakShot]:
    """Pair each expressive photo with a calm one of the same person, in any order.

    Args:
        sources: Photos of one face with what it expresses.
        most: Shots at most; there are no more than expressive photos.
        seed: For all that is chance.
    """
    draw = np.random.default_rng(seed)
    calm: dict[str, list[Source]] = {}
    for one in sources:
        if one.emotions.probabilities.get("neutral", 0.0) >= _LEAST_CALM:
            calm.setdefault(one.person, []).append(one)
    peaks = [one for one in sources if _is_expressive(one) and one.person in calm]
    chosen = [peaks[index] for index in draw.permutation(len(peaks))[:most]]
    return [
        _shot(one, calm[one.person][int(draw.integers(len(calm[one.person])))], number, draw)
        for number, one in enumerate(chosen)
    ]


def peak_frames(
    shots: Sequence[PeakShot], rate: float, seed: int
) -> Iterator[tuple[float, RGBImage]]:
    """Yield time and picture of every frame, so that a long film need not be held in memory."""
    draw = np.random.default_rng(seed)
    for shot in shots:
        for number in range(round(SHOT_SECONDS * rate)):
            time = shot.start + number / rate
            yield time, shot.view(time, draw)


def _is_expressive(source: Source) -> bool:
    shares = source.emotions.probabilities
    return max(shares.get(label, 0.0) for label in _EXPRESSIVE) >= _LEAST_EXPRESSIVE


def _shot(best: Source, calm: Source, number: int, draw: np.random.Generator) -> PeakShot:
    start = number * SHOT_SECONDS
    middles = [draw.uniform(1.2, SHOT_SECONDS / 2 - APART_SECONDS / 2 + 0.2)]
    middles.append(draw.uniform(middles[0] + APART_SECONDS, SHOT_SECONDS - 1.0))
    peak, flawed = (start + middles[index] for index in draw.permutation(2))
    flaw = FLAWS[int(draw.integers(len(FLAWS)))]
    shown, face = placed(best)
    worse = blink(shown, face) if flaw == "eyes closed" else defocus(shown, face, 1.0, draw)
    return PeakShot(best.person, start, peak, flawed, flaw, placed(calm)[0], shown, worse)


def placed(source: Source) -> tuple[RGBImage, Face]:
    """Lay a photo so that its face is upright in the middle of the film's picture."""
    scale = _FACE / 112
    corner = np.array([WIDTH - _FACE, HEIGHT - _FACE]) / 2
    target = ARCFACE_112 * scale + corner
    matrix = similarity_transform(source.face.landmarks.astype(np.float64), target, (1.0,) * 5)
    picture = cv2.warpAffine(
        source.image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(40, 40, 40),
    )  # fmt: skip
    box = (*corner.tolist(), *(corner + _FACE).tolist())
    face = Face((box[0], box[1], box[2], box[3]), 1.0, target.astype(np.float32))
    return np.asarray(picture, dtype=np.uint8), face
