"""How well the embedders tell people apart, above all K-pop people they have never seen.

``python -m inference.evaluation.verification --data DIR`` measures every embedder on this machine
beside the reference MobileFaceNet: pairs, rank-1 with few references, and open-set identification
with half of the people enrolled, which is what the product does. LFW stands beside it only to show
how little it says. The people and photos are those of ``held_out_kpop``.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.detection import load_detector
from inference.errors import DatasetError, InferenceError
from inference.evaluation.embedders import embedders_to_compare
from inference.evaluation.identification import (
    VerificationScores,
    equal_error_rate,
    measure,
    tar_at_far,
)
from inference.evaluation.report import Section, chart_path, save, table
from inference.recognition import FaceEmbedder
from inference.training.datasets.faces import (
    LabelledFace,
    embed_faces,
    find_labelled_faces,
    read_photo,
)
from inference.training.datasets.identities import LabelledPhoto, held_out_kpop

CACHE = Path("var/cache/recognition")
_SHOWN = (
    "pair_eer",
    "tar_at_far_1e_2",
    "tar_at_far_1e_3",
    "rank1_1shot",
    "rank1_3shot",
    "rank1_5shot",
)


def lfw_pairs(data: Path) -> tuple[list[LabelledPhoto], NDArray[np.int64], NDArray[np.bool_]]:
    """Read the pairs of LFW folds 1 and 2.

    Returns:
        The photos, ``(P, 2)`` indices into them, and whether a pair shows one person.
    """
    folder = data / "faces" / "lfw"
    table = folder / "pairs.txt"
    if not table.is_file():
        raise DatasetError(f"there is no {table}")
    photos: dict[tuple[str, int], int] = {}
    pairs: list[tuple[int, int]] = []
    same: list[bool] = []
    for line in table.read_text(encoding="utf-8").splitlines()[1:]:
        fields = line.split("\t")
        other = fields[0] if len(fields) == 3 else fields[2]
        ends = [(fields[0], int(fields[1])), (other, int(fields[-1]))]
        first, second = (photos.setdefault(end, len(photos)) for end in ends)
        pairs.append((first, second))
        same.append(len(fields) == 3)
    listed = [
        LabelledPhoto(folder / "images" / name / f"{name}_{number:04d}.jpg", name, "lfw")
        for name, number in photos
    ]
    return listed, np.array(pairs), np.array(same)


def measure_lfw(embedder: FaceEmbedder, data: Path, cache: Path) -> dict[str, float]:
    """Measure pair EER and TAR on LFW folds 1 and 2; pairs with a face not found are left out."""
    photos, pairs, same = lfw_pairs(data)
    faces = find_labelled_faces(photos, lambda: load_detector("mtcnn"), cache)
    place = {face.photo: index for index, face in enumerate(faces)}
    is_found = np.array([photos[a] in place and photos[b] in place for a, b in pairs])
    rows = embed_faces(embedder.embed, faces)
    ends = np.array([[place[photos[a]], place[photos[b]]] for a, b in pairs[is_found]])
    similarity = (rows[ends[:, 0]] * rows[ends[:, 1]]).sum(axis=1).astype(np.float64)
    genuine, impostor = similarity[same[is_found]], similarity[~same[is_found]]
    return {
        "pairs": float(is_found.sum()),
        "pair_eer": equal_error_rate(genuine, impostor),
        "tar_at_far_1e_2": tar_at_far(genuine, impostor, 1e-2),
    }


def milliseconds_per_face(embedder: FaceEmbedder, faces: Sequence[LabelledFace]) -> float:
    """Time one photo with eight faces, the best of five, in milliseconds per face."""
    image = read_photo(faces[0].photo.path)
    crowd = [faces[0].face] * 8
    times = []
    for _ in range(6):
        began = time.perf_counter()
        embedder.embed(image, crowd)
        times.append(time.perf_counter() - began)
    return 1000.0 * min(times[1:]) / len(crowd)


def evaluate(data: Path, cache: Path, weights_dir: Path | None) -> Section:
    """Measure every embedder that is there."""
    photos = held_out_kpop(data)
    faces = find_labelled_faces(photos, lambda: load_detector("mtcnn"), cache)
    people = [face.photo.person for face in faces]
    # Other photos of the members of bts_group were trained on; everybody else is new.
    is_new = np.array([face.photo.source != "bts_group" for face in faces])
    measured: dict[str, VerificationScores] = {}
    strict: dict[str, VerificationScores] = {}
    parts = ("kpop", "kpop_new_people", "lfw", "milliseconds_per_face")
    metrics: dict[str, Any] = {part: {} for part in parts}
    for name, loader in embedders_to_compare(data, weights_dir).items():
        embedder = loader()
        embeddings = embed_faces(embedder.embed, faces)
        measured[name] = measure(embeddings, people)
        strict[name] = measure(embeddings[is_new], [people[i] for i in np.flatnonzero(is_new)])
        metrics["kpop"][name] = _kpop_metrics(measured[name])
        metrics["kpop_new_people"][name] = _kpop_metrics(strict[name])
        metrics["lfw"][name] = measure_lfw(embedder, data, cache)
        metrics["milliseconds_per_face"][name] = milliseconds_per_face(embedder, faces)
        print(f"{name}: EER {measured[name].pair_eer:.4f}", flush=True)
    _draw_open_set(measured)
    metrics["faces"], metrics["labels_without_face"] = len(faces), len(photos) - len(faces)
    return Section(
        name="recognition",
        title="Recognition",
        metrics=metrics,
        markdown=_markdown(measured, strict, metrics),
    )


def _kpop_metrics(scores: VerificationScores) -> dict[str, Any]:
    values = asdict(scores)
    values["open_set"] = asdict(scores.chosen())
    return values


def _markdown(
    measured: dict[str, VerificationScores],
    strict: dict[str, VerificationScores],
    metrics: dict[str, Any],
) -> str:
    faces, people = (next(iter(measured.values())).faces, next(iter(measured.values())).people)
    chosen = [
        (
            name,
            row.threshold,
            _percent(row.named_right),
            _percent(row.wrong_name),
            _percent(row.strangers_accepted),
        )
        for name, row in ((name, scores.chosen()) for name, scores in measured.items())
    ]
    return (
        f"K-pop: {faces} faces of {people} people in photos no training saw, in percent; rank-1 "
        "with 1, 3 and 5 reference photos over 20 draws; LFW is the EER of folds 1 and 2. Time is "
        "per face at eight faces, mirror image included.\n\n"
        + _pair_table(measured, metrics)
        + "### New people\n\nThe same without the members of bts_group, of whom training saw other "
        f"photos: {next(iter(strict.values())).faces} faces of "
        f"{next(iter(strict.values())).people} people.\n\n"
        + _pair_table(strict, metrics)
        + "### Open set\n\nHalf of the people enrolled with five photos each, 20 draws; the lowest "
        "threshold with at most 1 % wrong names and 5 % strangers accepted.\n\n"
        + table(
            ("embedder", "threshold", "named right", "wrong name", "strangers accepted"), chosen
        )
        + "![Open set](img/evaluation/recognition-open-set.svg)\n"
    )


def _pair_table(measured: dict[str, VerificationScores], metrics: dict[str, Any]) -> str:
    head = ("embedder", "EER", "TAR@1e-2", "TAR@1e-3", "rank-1 1", "rank-1 3", "rank-1 5")
    rows = [
        (
            name,
            *(_percent(getattr(scores, measure_name)) for measure_name in _SHOWN),
            round(100 * metrics["lfw"][name]["pair_eer"], 2),
            round(metrics["milliseconds_per_face"][name], 1),
        )
        for name, scores in measured.items()
    ]
    return table((*head, "LFW EER", "ms"), rows)


def _percent(share: float) -> float:
    return round(100.0 * share, 1)


def _draw_open_set(measured: dict[str, VerificationScores]) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4))
    for name, scores in measured.items():
        strangers = [100 * row.strangers_accepted for row in scores.open_set]
        axes.plot(strangers, [100 * row.named_right for row in scores.open_set], label=name)
    axes.axvline(5.0, color="grey", linewidth=0.8)
    axes.set(xlabel="strangers accepted, %", ylabel="named right, %", xlim=(0, 30), ylim=(0, 100))
    axes.legend()
    figure.savefig(chart_path("recognition-open-set"))
    plt.close(figure)


def main() -> None:
    """Read the command line, measure, keep the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--weights-dir", type=Path, default=Path("var/weights"))
    arguments = parser.parse_args()
    try:
        section = evaluate(arguments.data, arguments.cache, arguments.weights_dir)
    except InferenceError as error:
        sys.exit(f"error: {error}")
    print(section.markdown)
    save(section)


if __name__ == "__main__":
    main()
