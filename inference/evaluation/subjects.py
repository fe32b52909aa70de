"""Measures masks of whom one means: composed crowds of held-back people, and photos of one person.

No photo with masks of single people is at hand, so crowds are composed, three to six people from
photos that were not trained on, one of them prompted. What is visible of whom is then known.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.datasets.person_masks import MaskedPhoto, MaskSet
from inference.datasets.subject_scenes import Scene, SubjectSceneMaker
from inference.evaluation.report import table
from inference.segmentation.segmenter import PersonSegmenter
from inference.types import RGBImage

CROWDS = 100
CROWD_SIDE = 384
LEAST_VISIBLE = 0.01
"""Share of the picture that a prompted person must show to be asked for."""


def compose_crowd(maker: SubjectSceneMaker, rng: np.random.Generator) -> tuple[Scene, int]:
    """Return three to six people on a picture without others, and the one who is meant."""
    while True:
        background = maker.bare_background(CROWD_SIDE, rng)
        scene = maker.compose(CROWD_SIDE, int(rng.integers(3, 7)), rng, background)
        able = [
            person
            for person in scene.promptable()
            if float(scene.visible[person].mean()) >= LEAST_VISIBLE
        ]
        if able:
            return scene, int(rng.choice(able))


def score_crowds(segmenter: PersonSegmenter, sets: Sequence[MaskSet]) -> dict[str, float]:
    """Score crowds in which one person is meant.

    Returns:
        ``iou`` of the mask with what is visible of that person, mean over the crowds, and
        ``wrong_kept``, which share of the other people's pixels is in the mask; each once more
        with ``told_`` before, where the prompt also tells of the other heads that can be seen.
    """
    held_back = [replace(each, training=each.validation) for each in sets]
    maker, rng = SubjectSceneMaker(held_back, crowds=[]), np.random.default_rng(20)
    scores: dict[str, list[tuple[float, int, int]]] = {"": [], "told_": []}
    for _ in range(CROWDS):
        scene, meant = compose_crowd(maker, rng)
        heads = scene.seen_heads([meant])
        others = scene.seen_heads(set(scene.promptable()) - {meant})
        picture: RGBImage = np.clip(scene.picture * 255, 0, 255).astype(np.uint8)
        for key, told in (("", []), ("told_", others)):
            mask = segmenter.segment(picture, heads, told) > 0.5
            scores[key].append(_crowd_score(mask, np.stack(scene.visible) > 0.5, meant))
    result = {}
    for key, rows in scores.items():
        overlaps, kept, wrong = zip(*rows, strict=True)
        result[f"{key}iou"] = float(np.mean(overlaps))
        result[f"{key}wrong_kept"] = sum(kept) / max(sum(wrong), 1)
    return result


def _crowd_score(
    mask: NDArray[np.bool_], visible: NDArray[np.bool_], meant: int
) -> tuple[float, int, int]:
    """Return the IoU, how many pixels of others the mask holds, and how many there are."""
    wrong = np.delete(visible, meant, axis=0).any(axis=0) & ~visible[meant]
    return _iou(mask, visible[meant]), int((mask & wrong).sum()), int(wrong.sum())


def score_single(segmenter: PersonSegmenter, photos: Sequence[MaskedPhoto]) -> tuple[float, float]:
    """Return the IoU on photos of one person, without a prompt and with one on the head."""
    plain = [_iou(segmenter.segment(p.image) > 0.5, p.mask > 127) for p in photos]
    told = [_iou(segmenter.segment(p.image, p.heads) > 0.5, p.mask > 127) for p in photos]
    return float(np.mean(plain)), float(np.mean(told))


def _iou(mask: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    union = int((mask | truth).sum())
    return int((mask & truth).sum()) / union if union else 1.0


def measure_subjects(
    segmenter: PersonSegmenter, sets: Sequence[MaskSet]
) -> tuple[dict[str, Any], str]:
    """Measure whom the mask is about; returns the figures and their page."""
    crowds = score_crowds(segmenter, sets)
    single = {
        each.name: score_single(segmenter, known)
        for each in sets
        if (known := [photo for photo in each.validation if len(photo.heads) == 1])
    }
    text = (
        f"\n### Whom\n\n{CROWDS} crowds composed of three to six held-back people, one of them "
        f"prompted by a disc on the head: IoU {crowds['iou']:.3f} with what is visible of that "
        f"person; {crowds['wrong_kept']:.1%} of the other people's pixels are kept. Where the "
        "prompt tells of the other heads that can be seen, as the product's does: "
        f"{crowds['told_iou']:.3f} and {crowds['told_wrong_kept']:.1%}. Photos of one person, "
        "without a prompt and with one:\n\n"
        + table(("set", "without", "prompted"), [(name, *pair) for name, pair in single.items()])
    )
    figures = {name: {"without": a, "prompted": b} for name, (a, b) in single.items()}
    return {"crowds": crowds, "single": figures}, text
