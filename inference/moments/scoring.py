"""How good an instant of a face is: nine terms from 0 to 1, and one sum of them.

Each term is a pure function of what was measured on this frame (``measures``) and, where a star is
best compared with himself, of what was usual for the same face in the last seconds (``past``). 1 is
always the better end, so that a weight is never negative.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from inference.moments.measures import SIGNATURE_SIDE, Chroma, FaceMeasures, Signature
from inference.moments.past import Usual
from inference.moments.terms import DEFAULT_WEIGHTS as DEFAULT_WEIGHTS
from inference.moments.terms import TERM_NAMES as TERM_NAMES
from inference.types import Face

Terms = Mapping[str, float]

INTENSITIES: Mapping[str, float] = MappingProxyType(
    {
        "happy": 1.0,
        "surprised": 1.0,
        "anger": 0.8,
        "sad": 0.7,
        "fear": 0.7,
        "disgust": 0.6,
        "neutral": 0.0,
    }
)
"""How much of an instant each expression makes, 0 to 1."""

MIN_TRACK_FRAMES = 3
"""A face seen on fewer frames may be a mistake of the detector."""

_EDGE_SHARE = 0.02
_WORTH_SAYING = 0.6
_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "eyes": "eyes open",
        "sharpness": "sharp",
        "pose": "facing the camera",
        "unhidden": "nothing in front of the face",
        "size": "close",
        "exposure": "well lit",
        "stillness": "holding still",
        "quality": "a clear face",
    }
)
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class FaceState:
    """What is known about a face besides the pixels of this frame.

    Attributes:
        emotions: Label to probability, as read; empty where nothing was read.
        quality: How much the face tells who it is, 0 to 1.
        speed: How fast it moves through the picture, in its own widths per second.
    """

    emotions: Mapping[str, float]
    quality: float = 1.0
    speed: float = 0.0


def score_terms(measures: FaceMeasures, state: FaceState, usual: Usual | None) -> dict[str, float]:
    """Return every term of ``TERM_NAMES``.

    Args:
        measures: Of this face on this frame.
        state: What else is known of the face.
        usual: What the face looked like in the last seconds; ``None`` for its first frame.
    """
    terms = {
        "expression": expression_term(
            expression_intensity(state.emotions), usual.intensity if usual else None
        ),
        "sharpness": sharpness_term(measures.detail),
        "eyes": eyes_term(
            measures.openness, measures.eye_distance, usual.openness if usual else None
        ),
        "pose": pose_term(measures.turn, measures.nod),
        "size": size_term(measures.share),
        "exposure": exposure_term(
            (measures.luma, measures.clipped), (usual.luma, usual.clipped) if usual else None
        ),
        "unhidden": unhidden_term(measures, usual),
        "quality": float(np.clip(state.quality, 0.0, 1.0)),
        "stillness": stillness_term(state.speed),
    }
    return {name: round(terms[name], 4) for name in TERM_NAMES}


def weigh(terms: Terms, weights: Mapping[str, float] = DEFAULT_WEIGHTS) -> float:
    """Return the score of an instant, 0 to 1: the mean of its terms by their weights.

    A term that ``weights`` leaves out keeps its weight of the table; one below 0 counts as 0.
    """
    full = {name: max(weights.get(name, DEFAULT_WEIGHTS[name]), 0.0) for name in TERM_NAMES}
    total = sum(full.values())
    if total <= 0:
        return weigh(terms)
    return sum(weight * terms.get(name, 0.0) for name, weight in full.items()) / total


def reason_in_words(terms: Terms, emotion: str | None) -> str:
    """Say why an instant was chosen, the strongest reasons only: "eyes open, surprised, sharp".

    A term counts by how far it lies above the middle, times its weight. An expression is named
    where it is more than usual for the face.
    """
    said = {
        name: (terms.get(name, 0.0) - 0.5) * DEFAULT_WEIGHTS[name]
        for name in _REASONS
        if terms.get(name, 0.0) >= _WORTH_SAYING
    }
    best = sorted(said, key=lambda name: -said[name])
    words = [_REASONS[name] for name in best]
    if emotion is not None and emotion != "neutral" and terms.get("expression", 0.0) > 0.5:
        words.insert(min(1, len(words)), emotion)
    return ", ".join(words[:_MOST_REASONS]) or "the best of this moment"


def is_cut(face: Face, width: int, height: int) -> bool:
    """Tell whether the edge of the picture cuts the face.

    Two percent of the face may be outside: detectors draw boxes generously.
    """
    x1, y1, x2, y2 = face.box
    slack_x, slack_y = _EDGE_SHARE * face.width, _EDGE_SHARE * face.height
    return x1 < -slack_x or y1 < -slack_y or x2 > width + slack_x or y2 > height + slack_y


def expression_intensity(emotions: Mapping[str, float]) -> float:
    """Return how much a face expresses, 0 to 1: probabilities weighted by ``INTENSITIES``."""
    return sum(INTENSITIES.get(label, 0.0) * share for label, share in emotions.items())


def expression_term(intensity: float, usual: float | None) -> float:
    """Score an expression against the face's own median: 0.5 as usual, 1 a peak, 0 a blank.

    Only the difference counts, so somebody who smiles all the time does not win all the time.
    """
    if usual is None:
        return 0.5
    return _clip(0.5 + 0.5 * math.tanh(_SWING * (intensity - usual)) / math.tanh(_SWING))


_SWING = 1.5
"""A change from half to full counts for less than one from nothing to half."""


def sharpness_term(detail: float) -> float:
    """Score the detail of the eye region, 0 smeared and 1 crisp (in steps that eyes see alike)."""
    return _ramp(math.log(max(detail, 1e-3)), math.log(1.0), math.log(20.0))


def eyes_term(openness: float, eye_distance: float, usual: float | None) -> float:
    """Score how open the eyes are against the same eyes when open.

    Eyes differ more from each other than open from closed ones do, so a face is compared with
    itself; ``_OPEN`` stands in until there is a past, and keeps always closed eyes from passing.
    Eyes of a few pixels cannot be judged and count as ``_UNCERTAIN``.
    """
    reference = _OPEN if usual is None else max(usual, _OPEN / 3)
    certainty = _ramp(eye_distance, 12.0, 28.0)
    return certainty * _ramp(openness / reference, 0.2, 0.7) + (1.0 - certainty) * _UNCERTAIN


_OPEN = 0.2
"""Median openness of faces in photos (docs/evaluation.md, Moments)."""
_UNCERTAIN = 0.7


def pose_term(turn: float, nod: float) -> float:
    """Score how straight the face looks into the camera."""
    return (1.0 - _ramp(turn, 0.05, 0.9)) * (1.0 - 0.6 * _ramp(nod, 0.12, 0.5))


def size_term(share: float) -> float:
    """Score the height of the face in the picture; doubling it counts the same everywhere."""
    return _ramp(math.log(max(share, 1e-3)), math.log(0.04), math.log(0.5))


def exposure_term(now: tuple[float, float], usual: tuple[float, float] | None) -> float:
    """Score the light on a face against its light in the last seconds.

    Stage light is dark and clipped by nature; what counts is whether this frame is worse.

    Args:
        now: Mean brightness 0 to 255, and the clipped share 0 to 1.
        usual: Their medians; ``None`` compares with a face in plain light.
    """
    luma, clipped = now
    usual_luma, usual_clipped = (100.0, 0.0) if usual is None else usual
    stops = math.log2((luma + 8.0) / (usual_luma + 8.0))
    darkness = _ramp(-stops, 0.05, 1.5)
    glare = _ramp(stops, 0.3, 2.0)
    burnt = _ramp(clipped - usual_clipped, 0.02, 0.4)
    return (1.0 - darkness) * (1.0 - glare) * (1.0 - burnt)


def unhidden_term(measures: FaceMeasures, usual: Usual | None) -> float:
    """Score that nothing covers the face.

    Three signs: landmarks that fit no face; a half of the face that does not look as it did (the
    worst of left, right, upper and lower half); and fields of another colour than before, as a
    microphone has.
    """
    fits = 1.0 - _ramp(measures.residual, 0.16, 0.45)
    if usual is None:
        return fits
    looks = _ramp(_worst_half(measures.signature, usual.signature), -0.1, 0.5)
    coloured = 1.0 - _ramp(strange_colour(measures.chroma, usual.chroma), 8.0, 40.0)
    return fits * looks * coloured


def strange_colour(chroma: Chroma, usual: Chroma) -> float:
    """Return how far the strangest tenth of a face's fields is from its usual colour.

    Light that changes on the whole face is taken out first.

    Args:
        chroma: Of this frame.
        usual: Of the last seconds.

    Returns:
        Mean distance in the plane of the two colour differences, 0 to about 180.
    """
    change = (chroma - usual).reshape(-1, 2)
    change = change - np.median(change, axis=0)
    distance = np.sort(np.hypot(change[:, 0], change[:, 1]))
    return float(distance[-max(len(distance) // 10, 1) :].mean())


def stillness_term(speed: float) -> float:
    """Score how little the face moves; a face width per second is a turn of the head."""
    return 1.0 - _ramp(speed, 0.3, 4.0)


def _worst_half(signature: Signature, usual: Signature) -> float:
    """Return the lowest correlation of four halves of a face, -1 to 1."""
    now, then = signature[_HALVES], usual[_HALVES]
    now = now - now.mean(axis=1, keepdims=True)
    then = then - then.mean(axis=1, keepdims=True)
    lengths = np.sqrt((now**2).sum(axis=1) * (then**2).sum(axis=1))
    return float(((now * then).sum(axis=1) / np.maximum(lengths, 1e-6)).min())


def _halves() -> NDArray[np.intp]:
    """Return ``(4, P)`` places in a signature: its upper, lower, left and right half."""
    places = np.arange(SIGNATURE_SIDE**2).reshape(SIGNATURE_SIDE, SIGNATURE_SIDE)
    half = SIGNATURE_SIDE // 2
    parts = (places[:half], places[half:], places[:, :half], places[:, half:])
    return np.stack([part.ravel() for part in parts])


_HALVES = _halves()


def _ramp(value: float, low: float, high: float) -> float:
    return _clip((value - low) / (high - low))


def _clip(value: float) -> float:
    return min(max(value, 0.0), 1.0)
