"""Measure person masks: ``python -m inference.evaluation.segmentation --data DIR``.

Quality is measured on the validation photos of each set, on the mask that the product makes
(network and refinement, at the photo's own size). Times are measured on a picture enlarged to
12 megapixels.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.datasets.person_masks import Heads, MaskedPhoto, MaskSet, load_heads, load_mask_sets
from inference.datasets.stage_scenes import empty_crop
from inference.errors import InferenceError
from inference.evaluation.report import Section, chart_path, save, table
from inference.evaluation.subjects import measure_subjects
from inference.images.encoding import encode_jpeg
from inference.measures.masks import (
    boundary_f_score,
    intersection_over_union,
)
from inference.pipeline import FacePipeline
from inference.portrait.compositing import render_portrait
from inference.segmentation.segmenter import PersonSegmenter
from inference.segmentation.unet import WORKING_SIDE
from inference.types import Face, RGBImage


def score_photos(segmenter: PersonSegmenter, photos: list[MaskedPhoto]) -> NDArray[np.float64]:
    """Return ``(N, 2)``: IoU and boundary F-score of the product's mask of each photo."""
    rows = []
    for photo in photos:
        predicted, truth = segmenter.segment(photo.image) > 0.5, photo.mask > 127
        rows.append((intersection_over_union(predicted, truth), boundary_f_score(predicted, truth)))
    return np.array(rows)


def presence(
    segmenter: PersonSegmenter,
    sets: list[MaskSet],
    find_faces: Callable[[RGBImage], Sequence[Face]],
) -> dict[str, float]:
    """Return how often people are overlooked, and how often empty scenes are said to hold some.

    The empty scenes are the parts of validation photos where the mask is empty.
    """

    def is_seen(image: RGBImage) -> bool:
        faceless = None if find_faces(image) else image
        return segmenter.has_person(segmenter.segment(image), faceless)

    rng = np.random.default_rng(0)
    photos = [photo for each in sets for photo in each.validation]
    found = [is_seen(p.image) for p in photos if p.mask.any()]
    crops = [crop for photo in photos if (crop := empty_crop(photo, rng)) is not None]
    invented = [is_seen(np.ascontiguousarray(crop)) for crop in crops]
    return {
        "overlooked": 1 - float(np.mean(found)),
        "invented": float(np.mean(invented)) if invented else 0.0,
        "empty_scenes": len(crops),
    }


def network_milliseconds(segmenter: PersonSegmenter, runs: int = 15) -> float:
    """Return the median time of the network alone for a square photo at its working size."""
    image = np.zeros((WORKING_SIDE, WORKING_SIDE, 3), np.uint8)
    return 1000 * _median_seconds(lambda: segmenter.probability(image), runs)


def portrait_seconds(segmenter: PersonSegmenter, photo: RGBImage) -> dict[str, float]:
    """Return the seconds of each step from a photo, enlarged to 4000x3000, to its portrait JPEG."""
    large = np.asarray(cv2.resize(photo, (4000, 3000), interpolation=cv2.INTER_CUBIC), np.uint8)
    alpha = segmenter.segment(large)
    portrait = render_portrait(large, alpha, 0.5)
    seconds = {
        "mask": _median_seconds(lambda: segmenter.segment(large), 3),
        "blur": _median_seconds(lambda: render_portrait(large, alpha, 0.5), 3),
        "jpeg": _median_seconds(lambda: encode_jpeg(portrait), 3),
    }
    return seconds | {"total": sum(seconds.values())}


def _median_seconds(action: Callable[[], object], runs: int) -> float:
    action()
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds))


def draw_iou(scores: dict[str, NDArray[np.float64]]) -> str:
    """Draw the IoU of every photo, best first, a line for each set; return the link to it."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    for name, rows in scores.items():
        iou = np.sort(rows[:, 0])[::-1]
        axes.plot(np.linspace(0, 100, len(iou)), iou, label=name)
    axes.set(xlabel="photos, best first (%)", ylabel="IoU", ylim=(0, 1))
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False, fontsize="small")
    figure.savefig(chart_path("segmentation-iou"))
    plt.close(figure)
    return "![IoU of every validation photo](img/evaluation/segmentation-iou.svg)\n"


def evaluate(data: Path, segmenter: PersonSegmenter, heads: Heads | None = None) -> Section:
    """Measure quality on every set below ``data``, then the times.

    With ``heads`` of the photos it is measured too whether the mask is about whom one means.
    """
    root = data / "segmentation" if (data / "segmentation").is_dir() else data
    sets = [each for each in load_mask_sets(root, 512, heads) if each.validation]
    scores = {each.name: score_photos(segmenter, each.validation) for each in sets}
    metrics: dict[str, Any] = {
        name: {"iou": float(iou), "boundary_f": float(boundary), "photos": len(scores[name])}
        for name, (iou, boundary) in ((name, rows.mean(axis=0)) for name, rows in scores.items())
    }
    rows = [(name, m["photos"], m["iou"], m["boundary_f"]) for name, m in metrics.items()]
    found = presence(segmenter, sets, FacePipeline.load().find_faces)
    seconds = portrait_seconds(segmenter, sets[0].validation[0].image)
    network = network_milliseconds(segmenter)
    metrics |= {"presence": found, "network_ms": network, "portrait_12mp_seconds": seconds}
    text = (
        "Foreground IoU at 0.5 and boundary F-score (tolerance 0.75 % of the diagonal), mean over "
        "the validation photos of each set; the product's mask at the photo's own size.\n\n"
        + table(("set", "photos", "IoU", "boundary F"), rows)
        + draw_iou(scores)
        + f"\nA person is overlooked in {found['overlooked']:.1%} of the photos that show one, and "
        f"seen in {found['invented']:.1%} of {found['empty_scenes']} empty scenes. The network "
        f"takes {network:.0f} ms at {WORKING_SIDE}x{WORKING_SIDE} pixels.\n\n"
        "Seconds from a decoded photo of 12 megapixels to its portrait:\n\n"
        + table(("step", "seconds"), seconds.items())
    )
    if heads:
        metrics["subjects"], about_subjects = measure_subjects(segmenter, sets)
        text += about_subjects
    return Section(name="segmentation", title="Person masks", metrics=metrics, markdown=text)


def main() -> None:
    """Measure the shipped network, or another one given by its weights."""
    parser = argparse.ArgumentParser(description="Measure the person masks.")
    parser.add_argument("--data", type=Path, required=True, help="folder of data or of mask sets")
    parser.add_argument("--heads", type=Path, help="face boxes, as inference.training.heads finds")
    parser.add_argument("--weights", type=Path, help="weights of a run instead of the shipped ones")
    arguments = parser.parse_args()
    try:
        if arguments.weights:
            segmenter = PersonSegmenter.from_file(arguments.weights)
        else:
            segmenter = PersonSegmenter.load()
        heads = load_heads(arguments.heads) if arguments.heads else None
        section = evaluate(arguments.data, segmenter, heads)
    except InferenceError as error:
        sys.exit(f"error: {error}")
    print(section.markdown)
    if not arguments.weights:
        save(section)


if __name__ == "__main__":
    main()
