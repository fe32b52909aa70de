"""Does the best frame of a burst win, and what does choosing cost?

``python -m inference.evaluation.moments --data DIR`` makes bursts of eleven frames (``bursts.py``)
and ranks them by the score of moments and by two simple rules: the largest face, and the sharpest
frame. Weights are fitted on one half of the people and clips (``--fit``) and reported on the other.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from inference.detection.mtcnn import MtcnnDetector, MtcnnOptions
from inference.device import bound_threads
from inference.emotion.classifier import EmotionClassifier
from inference.errors import InferenceError
from inference.evaluation.bursts.costs import (
    RING_FRAME_RATE,
    RING_QUALITY,
    RING_SECONDS,
    measure_costs,
)
from inference.evaluation.bursts.making import BURST_FRAMES, Burst, blink, kinds, make_burst
from inference.evaluation.bursts.sources import (
    Source,
    neutral_of,
    read_fresh_sources,
    read_sources,
)
from inference.evaluation.report import Section, save, table
from inference.geometry import box_iou
from inference.moments.bursts.choosing import score_burst
from inference.moments.learning import fit_weights
from inference.moments.measures import FaceMeasures, eye_openness, measure_face
from inference.moments.scoring import DEFAULT_WEIGHTS, TERM_NAMES, FaceState
from inference.recognition.quality import face_quality
from inference.types import EmotionPrediction, Face, RGBImage

Ranking = dict[str, float]

MIN_FACE = 36.0
_SAME_PLACE = 0.2
"""Overlap from which a found face is the burst's; the head moves when it is turned."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A burst as the scores see it.

    Attributes:
        best: Index of the frame that should win.
        kinds: What was done to each frame.
        faces: Measures and state of the face on each frame; ``None`` where it was not found.
        widths: Of the face on each frame in pixels; 0 where it was not found.
        sharpness: Of each whole frame: variance of its Laplacian.
        from_clip: Whether the burst was made of a frame of a clip.
        is_for_tuning: Whether weights may be fitted on it.
    """

    best: int
    kinds: Sequence[str]
    faces: Sequence[tuple[FaceMeasures, FaceState] | None]
    widths: Sequence[float]
    sharpness: Sequence[float]
    from_clip: bool
    is_for_tuning: bool

    def scores(self, weights: Mapping[str, float]) -> list[float]:
        """Return the score of each frame."""
        return [score for score, _ in score_burst(self.faces, weights)]

    def place(self, scores: Sequence[float]) -> int:
        """Return the place of the best frame, 0 for the first; ties count against it."""
        mine = scores[self.best]
        return sum(other >= mine for index, other in enumerate(scores) if index != self.best)


class Judge:
    """The networks that a frame goes through before it is scored."""

    def __init__(self, weights_dir: Path | None = None) -> None:
        self._detector = MtcnnDetector.load(options=MtcnnOptions(min_face=MIN_FACE))
        self._emotions = EmotionClassifier.load(weights_dir)

    def detect(self, image: RGBImage) -> list[Face]:
        """Find faces."""
        return self._detector.detect(image)

    def read(self, image: RGBImage, face: Face) -> EmotionPrediction:
        """Read an expression."""
        (prediction,) = self._emotions.classify(image, [face])
        return prediction

    def judge(self, burst: Burst, source: Source) -> Judged:
        """Measure the burst's face on every frame."""
        found = [self._same_face(frame, source.face) for frame in burst.frames]
        faces: list[tuple[FaceMeasures, FaceState] | None] = []
        for frame, face in zip(burst.frames, found, strict=True):
            measures = None if face is None else measure_face(frame, face)
            if face is None or measures is None:
                faces.append(None)
                continue
            emotions = self.read(frame, face).probabilities
            faces.append((measures, FaceState(emotions, face_quality(frame, face))))
        return Judged(
            best=burst.best,
            kinds=burst.kinds,
            faces=faces,
            widths=[0.0 if face is None else face.width for face in found],
            sharpness=[frame_sharpness(frame) for frame in burst.frames],
            from_clip=source.from_clip,
            is_for_tuning=source.is_for_tuning,
        )

    def _same_face(self, frame: RGBImage, expected: Face) -> Face | None:
        """Return the face at the expected place, or the largest where a frame was changed."""
        faces = self.detect(frame)
        if not faces:
            return None
        boxes = np.array([face.box for face in faces], dtype=np.float32)
        overlap = box_iou(np.array([expected.box], dtype=np.float32), boxes)[0]
        if overlap.max() >= _SAME_PLACE:
            return faces[int(overlap.argmax())]
        return max(faces, key=lambda face: face.width)


def frame_sharpness(frame: RGBImage) -> float:
    """Return the variance of the Laplacian of a whole frame."""
    return float(cv2.Laplacian(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var())


def judged_bursts(data: Path, judge: Judge) -> tuple[list[Judged], list[Source]]:
    """Make and measure one burst of every source; returns the sources too."""
    sources = read_sources(data, judge.detect, judge.read)
    return _judged(sources, judge), sources


def fresh_bursts(data: Path, judge: Judge) -> list[Judged]:
    """Make and measure bursts of people nobody looked at while the terms were made."""
    return _judged(read_fresh_sources(data, judge.detect, judge.read), judge)


def _judged(sources: Sequence[Source], judge: Judge) -> list[Judged]:
    generator = np.random.default_rng(7)
    return [
        judge.judge(
            make_burst(source.image, source.face, neutral_of(source, sources), generator), source
        )
        for source in sources
    ]


def ranking(bursts: Sequence[Judged], scores: Callable[[Judged], Sequence[float]]) -> Ranking:
    """Return how often the good frame comes first, and among the first three."""
    places = [burst.place(scores(burst)) for burst in bursts]
    return {
        "top1": round(float(np.mean([place == 0 for place in places])), 4),
        "top3": round(float(np.mean([place < 3 for place in places])), 4),
    }


def wins_by_kind(bursts: Sequence[Judged]) -> dict[str, float]:
    """Return for every kind of damage the share of frames that score below the good one."""
    wins: dict[str, list[bool]] = {kind: [] for kind in kinds()}
    for burst in bursts:
        scores = burst.scores(DEFAULT_WEIGHTS)
        for kind, score in zip(burst.kinds, scores, strict=True):
            wins[kind].append(score < scores[burst.best])
    return {
        kind: round(float(np.mean(won)), 4)
        for kind, won in wins.items()
        if won and kind != "untouched"
    }


def blinks_seen(sources: Sequence[Source]) -> dict[str, float]:
    """Return how well openness tells open eyes from painted blinks.

    ``paired``: share of faces whose eyes are more open than when they are closed. ``auc``: the same
    over all pairs of an open and a closed face, of different people too.
    """
    looks = [(one.image, blink(one.image, one.face), one.face.landmarks) for one in sources]
    opened = np.array([eye_openness(open_, points.astype(float)) for open_, _, points in looks])
    closed = np.array([eye_openness(shut, points.astype(float)) for _, shut, points in looks])
    return {
        "paired": round(float((closed < opened).mean()), 4),
        "auc": round(float((closed[:, None] < opened[None]).mean()), 4),
        "median_open": round(float(np.median(opened)), 4),
    }


def fitted_weights(bursts: Sequence[Judged], hold: float) -> dict[str, float]:
    """Fit the weights to bursts, near the present ones."""
    differences: list[list[float]] = []
    for burst in bursts:
        terms = [terms for _, terms in score_burst(burst.faces)]
        best = terms[burst.best]
        differences += [
            [best[name] - other[name] for name in TERM_NAMES]
            for index, other in enumerate(terms)
            if index != burst.best and best and other
        ]
    usual = np.array([DEFAULT_WEIGHTS[name] for name in TERM_NAMES])
    found = fit_weights(np.array(differences), usual, hold)
    return {name: round(float(one), 3) for name, one in zip(TERM_NAMES, found, strict=True)}


def evaluate(data: Path, judge: Judge) -> Section:
    """Rank all bursts and measure the costs."""
    bursts, sources = judged_bursts(data, judge)
    reported = [burst for burst in bursts if not burst.is_for_tuning]
    tuned = [burst for burst in bursts if burst.is_for_tuning]
    fresh = fresh_bursts(data, judge)
    rankings = {
        "ours": ranking(reported, lambda burst: burst.scores(DEFAULT_WEIGHTS)),
        "largest_face": ranking(reported, lambda burst: burst.widths),
        "frame_sharpness": ranking(reported, lambda burst: burst.sharpness),
        "ours_on_tuning_half": ranking(tuned, lambda burst: burst.scores(DEFAULT_WEIGHTS)),
        "ours_on_fresh_people": ranking(fresh, lambda burst: burst.scores(DEFAULT_WEIGHTS)),
    }
    by_kind = wins_by_kind(reported)
    blinks = blinks_seen([source for source in sources if not source.is_for_tuning])
    costs = measure_costs(data, [source.image for source in sources])
    rows: list[Sequence[object]] = [(name, *row.values()) for name, row in rankings.items()]
    text = _TEXT.format(
        bursts=len(reported),
        clips=sum(burst.from_clip for burst in reported),
        tuned=len(tuned),
        fresh=len(fresh),
        rankings=table(("rule", "top1", "top3"), rows),
        kinds=table(("kind", "share"), list(by_kind.items())),
        eyes=table(tuple(blinks), [tuple(blinks.values())]),
        costs=table(tuple(costs), [tuple(costs.values())]),
    )
    metrics = {"bursts": {**rankings, "by_kind": by_kind}, "eyes": blinks, "costs": costs}
    return Section(name="moments", title="Moments", metrics=metrics, markdown=text)


_TEXT = f"""{{bursts}} bursts of {BURST_FRAMES} frames, {{clips}} of them from clips: one frame as
it is, ten made worse. The good frame should come first, or among the first three; ties count
against it. Weights lie near a fit on {{tuned}} bursts of other people and clips; but the figures of
both halves were seen while the terms were made, so {{fresh}} bursts of people who were in neither
half were ranked once, at the end (`ours_on_fresh_people`, small photos of single faces).

{{rankings}}Share of worse frames that score below the good one:

{{kinds}}Open eyes against blinks that were painted on the same faces (real blinks with known truth
were not at hand; the fields of the measure were chosen on the faces of both halves): `paired`
compares each face with itself, `auc` every open face with every closed one.

{{eyes}}Costs, by processor time on one core: scoring and choosing per face; a ring of
{RING_SECONDS} s of 1920x1080 at {RING_FRAME_RATE} fps, JPEG quality {RING_QUALITY}, of photos
scaled up with the noise of a sensor; seconds of video per second of analysis.

{{costs}}"""


def main() -> None:
    """Measure, and keep the section for the report."""
    parser = argparse.ArgumentParser(description="Rank bursts whose best frame is known.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the evaluation data")
    parser.add_argument("--fit", action="store_true", help="fit weights on the tuning half instead")
    parser.add_argument("--threads", type=int, default=1, help="computing threads")
    arguments = parser.parse_args()
    bound_threads(arguments.threads)
    try:
        judge = Judge()
        if arguments.fit:
            bursts, _ = judged_bursts(arguments.data, judge)
            print(fitted_weights([one for one in bursts if one.is_for_tuning], hold=1.0))
            return
        section = evaluate(arguments.data, judge)
    except InferenceError as error:
        sys.exit(str(error))
    print(section.markdown)
    print(f"wrote {save(section)}")


if __name__ == "__main__":
    main()
