"""What the models and the server should reach, laid beside what was measured.

The table opens the report, so a missed goal is the first thing a reader sees, with its distance.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """One bar.

    Attributes:
        metric: Name in ``docs/metrics.json``.
        what: In words.
        bar: In the unit of the metric.
        at_most: Whether smaller is better.
    """

    metric: str
    what: str
    bar: float
    at_most: bool = False

    def missed_by(self, value: float) -> float:
        """Return the distance to the bar, 0 when it is met."""
        return max(0.0, value - self.bar if self.at_most else self.bar - value)


def _load_goals(run: str, what: str) -> tuple[Goal, ...]:
    """Return the bars that every run with many cameras has to meet."""
    metric = f"live_cameras.{run}"
    return (
        Goal(f"{metric}.answer_age_ms.p95", f"{what}, age p95 ms", 1000.0, at_most=True),
        Goal(f"{metric}.health_ms.p95", f"{what}, health p95 ms", 200.0, at_most=True),
        Goal(f"{metric}.fairness", f"{what}, slowest / fastest", 0.5),
    )


def _name_goals(
    embedder: str, what: str, bars: tuple[float, float, float, float]
) -> tuple[Goal, ...]:
    """Return the bars on people nothing was tuned on: right names, pairs, rank-1, stage lights."""
    metric = f"recognition.people_disjoint.{embedder}.mean"
    named_right, pair_eer, rank_one, lights = bars
    return (
        Goal(f"{metric}.named_right", f"{what}, right", named_right),
        Goal(f"{metric}.wrong_name", f"{what}, wrong", 0.01, at_most=True),
        Goal(f"{metric}.strangers_accepted", f"{what}, strangers named", 0.05, at_most=True),
        Goal(f"{metric}.pair_eer", f"{what}, pair equal error", pair_eer, at_most=True),
        Goal(f"{metric}.rank1_5shot", f"{what}, rank-1 with 5 photos", rank_one),
        Goal(f"{metric}.lights_best_named_right", f"{what}, right under lights at 5/1", lights),
    )


GOALS: tuple[Goal, ...] = (
    Goal("emotion.fer2013_private_test.accuracy", "emotion, FER2013 PrivateTest", 0.725),
    Goal("emotion.ferplus_test.accuracy", "emotion, FERPlus majority", 0.88),
    Goal("emotion.product_private_test.balanced_accuracy", "emotion, macro recall, FER2013", 0.65),
    Goal(
        "emotion.product_private_test.ferplus_balanced_accuracy",
        "emotion, macro recall, FERPlus",
        0.70,
    ),
    Goal("emotion.ece", "emotion, calibration error", 0.05, at_most=True),
    Goal("emotion.milliseconds_per_face.batch_8", "emotion, ms a face", 3.0, at_most=True),
    Goal("segmentation.mil_portraits_train.iou", "person mask, selfies, IoU", 0.94),
    Goal("segmentation.ccp_fullbody.iou", "person mask, full body, IoU", 0.92),
    Goal("segmentation.coco_single_person.iou", "person mask, single person, IoU", 0.65),
    Goal("segmentation.coco_mini_multi.iou", "person mask, several people, IoU", 0.40),
    Goal("segmentation.network_ms", "person mask, network, ms", 80.0, at_most=True),
    Goal("segmentation.portrait_12mp_seconds.total", "12 MP portrait, s", 3.0, at_most=True),
    *_name_goals(
        "encore", "names, shipped weights (saw two of four groups)", (0.74, 0.175, 0.91, 0.62)
    ),
    *_name_goals(
        "stars",
        "names, download stars (half of it saw two of four groups)",
        (0.84, 0.15, 0.94, 0.72),
    ),
    Goal("line_up.encore.mean.right", "line-up, shipped weights, right", 0.95),
    Goal("line_up.encore.mean.wrong", "line-up, shipped weights, wrong", 0.01, at_most=True),
    Goal("line_up.stars.mean.right", "line-up, download stars, right", 0.95),
    Goal("line_up.stars.mean.wrong", "line-up, download stars, wrong", 0.01, at_most=True),
    Goal("film.live_tracks.wrong_share", "film, wrong of named tracks, live", 0.02, at_most=True),
    Goal("film.video_moments.wrong_share", "film, wrong of named moments", 0.02, at_most=True),
    Goal("peaks.all.kept_share", "known peaks of a film with a moment within 0.5 s", 0.80),
    Goal(
        "peaks.all.unwanted_share",
        "moments of that film near-equal, blurred or eyes closed",
        0.05,
        at_most=True,
    ),
    Goal("live.composed.times_faster", "live engine, times the plain recipe", 4.0),
    Goal("live.composed.found_share", "live engine, share of its faces found", 0.97),
    Goal("photos.web_6_faces.seconds", "1200x630, 6 faces, s", 1.0, at_most=True),
    Goal("photos.12mp_7_faces.seconds", "12 MP, 7 faces and portrait, s", 5.0, at_most=True),
    Goal("moments.bursts.ours.top1", "bursts, best frame first", 0.60),
    Goal("moments.bursts.ours.top3", "bursts, best frame among three", 0.85),
    Goal("moments.costs.scoring_ms_per_face", "moments, ms a face", 2.0, at_most=True),
    Goal("moments.costs.ring_megabytes", "ring of 3 s at 1080p, MB", 30.0, at_most=True),
    Goal("moments.costs.video_times_real_time", "video, times real time on one core", 1.0),
    Goal("uploads.upload_acknowledged.p95", "upload acknowledged, p95 ms", 500.0, at_most=True),
    Goal("uploads.event_to_browser.p95", "event to browser, p95 ms", 300.0, at_most=True),
    Goal("uploads.resident_memory.max", "all processes, resident MB", 2500.0, at_most=True),
    Goal("live_cameras.browser.annotated_per_second", "live, 15 fps camera, annotated fps", 12.0),
    Goal(
        "live_cameras.browser.latency_ms.p95",
        "live, capture to display, p95 ms",
        250.0,
        at_most=True,
    ),
    Goal("live_cameras.browser.longest_gap_seconds", "live, longest gap, s", 1.0, at_most=True),
    Goal("live_cameras.browser.growth_mb.server", "live, growth, servers, MB", 50.0, at_most=True),
    Goal("live_cameras.browser.growth_mb.page", "live, growth, page, MB", 50.0, at_most=True),
    Goal(
        "live_cameras.recovery.annotated_seconds.worst",
        "live, annotated again after a kill, worst s",
        5.0,
        at_most=True,
    ),
    *_load_goals("fake_50", "live, 50 cameras, fake engine"),
    *_load_goals("real_50", "live, 50 cameras, real engine"),
    *_load_goals("real_4", "live, 4 cameras at 15 fps"),
)


def rows(values: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """Lay every goal that was measured beside its value.

    Args:
        values: Metric names as in ``docs/metrics.json``, joined by dots, to their values.

    Returns:
        Rows of what, measured, goal and how far it is missed; nothing for what was not measured.
    """
    return [
        (
            goal.what,
            float(values[goal.metric]),
            f"{'≤' if goal.at_most else '≥'} {goal.bar:.4g}",
            f"missed by {missed:.2g}"
            if (missed := goal.missed_by(float(values[goal.metric])))
            else "met",
        )
        for goal in GOALS
        if goal.metric in values
    ]
