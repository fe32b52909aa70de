"""Scored faces to choose from."""

from collections.abc import Sequence

import numpy as np

from inference.moments.candidates import Candidate, ChosenMoment, Star
from inference.moments.measures import SIGNATURE_SIDE
from inference.moments.scoring import TERM_NAMES
from inference.moments.selector import Selector

IRENE, WENDY, SEULGI = (Star(name, name.title()) for name in ("irene", "wendy", "seulgi"))


def candidate(
    time: float,
    score: float = 0.6,
    star: Star | None = IRENE,
    *,
    track: int = 1,
    emotion: str | None = "happy",
    eyes: float = 1.0,
    height: float = 80.0,
    look: int | None = None,
    embedding: Sequence[float] | None = None,
) -> Candidate:
    """Score a face; faces with the same ``look`` are alike, and no others."""
    seed = round(time * 1000) if look is None else look
    signature = np.random.default_rng(seed).normal(size=SIGNATURE_SIDE**2).astype(np.float32)
    left = 100.0 * track
    return Candidate(
        time=time,
        number=round(time * 100),
        captured_at=1000 * time + 7,
        track=track,
        star=star,
        score=score,
        terms={**dict.fromkeys(TERM_NAMES, 0.6), "eyes": eyes},
        reason="sharp",
        box=(left, 20.0, left + 60.0, 20.0 + height),
        width=1280,
        height=720,
        emotion=emotion,
        emotions={emotion: 1.0} if emotion else {},
        signature=signature / np.linalg.norm(signature),
        embedding=None if embedding is None else np.array(embedding, dtype=np.float32),
        eyes_weight=0.2,
    )


def choose(selector: Selector, candidates: Sequence[Candidate]) -> list[ChosenMoment]:
    """Feed candidates as a camera does, one frame after the other, and end the recording."""
    moments: list[ChosenMoment] = []
    for one in sorted(candidates, key=lambda one: one.time):
        selector.add(one)
        moments += selector.advance(one.time)
    return moments + selector.flush()


def times(moments: Sequence[ChosenMoment]) -> list[float]:
    """Return when the chosen frames were."""
    return [moment.best.time for moment in moments]
