"""The recognition section of the report: people-disjoint figures, marked where no evidence."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from inference.evaluation.naming.people_disjoint import GroupScores
from inference.evaluation.report import Section, table

SEEN: dict[str, tuple[str, ...]] = {
    "encore": ("bts_group", "girlgroup15_crops"),
    "encore-resnet": ("bts_group", "girlgroup15_crops"),
    "stars": ("bts_group", "girlgroup15_crops"),
}
"""Groups of whom an embedder's own network saw photos; see its model card."""

Measured = Mapping[str, Mapping[str, GroupScores]]

_HEAD = (
    "left out",
    "people, faces",
    "EER",
    "rank-1 1",
    "3",
    "5",
    "threshold",
    "named right (95 %)",
    "wrong name (95 %)",
    "strangers named (95 %)",
    "best at 5/1",
)


def metrics_of(groups: Mapping[str, GroupScores]) -> dict[str, Any]:
    """Lay the scores of one embedder out by group, with the mean of the groups."""
    by_group = {name: _flat(scores) for name, scores in groups.items()}
    keys = next(iter(by_group.values())).keys()
    mean = {
        key: float(np.mean([scores[key] for scores in by_group.values()]))
        for key in keys
        if key not in {"faces", "people", "threshold"} and not key.endswith(("_low", "_high"))
    }
    return {**by_group, "mean": mean}


def _flat(scores: GroupScores) -> dict[str, float]:
    values: dict[str, float] = {
        "faces": scores.faces,
        "people": scores.people,
        "pair_eer": scores.pair_eer,
        "threshold": scores.chosen.threshold,
        "named_right": scores.chosen.named_right,
        "wrong_name": scores.chosen.wrong_name,
        "strangers_accepted": scores.chosen.strangers_accepted,
        "best_named_right": scores.best.named_right,
    }
    values |= {f"rank1_{count}shot": rate for count, rate in scores.rank_one.items()}
    for rate, (low, high) in scores.interval.items():
        values |= {f"{rate}_low": low, f"{rate}_high": high}
    for light, row in scores.lit.items():
        values[f"{light}_named_right"] = row.named_right
        values[f"{light}_strangers_accepted"] = row.strangers_accepted
        values[f"{light}_best_named_right"] = scores.lit_best[light].named_right
    if scores.lit:
        for key in ("named_right", "best_named_right"):
            lit = [values[f"{light}_{key}"] for light in scores.lit]
            values[f"lights_{key}"] = float(np.mean(lit))
    return values


def section(
    measured: Measured,
    extra: Mapping[str, Mapping[str, float]],
    faces: int,
    labels_without_face: int,
) -> Section:
    """Write tables and metrics."""
    people_disjoint = {name: metrics_of(groups) for name, groups in measured.items()}
    metrics = {
        "people_disjoint": people_disjoint,
        "embedders": {name: dict(values) for name, values in extra.items()},
        "faces": faces,
        "labels_without_face": labels_without_face,
    }
    words = (
        f"K-pop: {faces} faces, one group of people left out at a time. Mean, whitening, usual "
        "levels and threshold come from the other groups alone; the threshold lets 2 % of "
        "strangers and 0.5 % wrong names through there, each of them left out in turn. Half of "
        "the people are enrolled with five photos, 20 draws, and their references adapt the "
        "post-processing (`library_postprocessing`). In percent; intervals from people drawn "
        "again; *best at 5/1* is the lowest threshold that keeps 5 % of strangers and 1 % wrong "
        "names on the group itself, which nobody can know beforehand.\n\n"
        "**Groups with a star were seen by the network itself in training (other photos or the "
        "same): those rows are no evidence.** The download of `stars` learnt from pictures of "
        "celebrities; whether these people were among them is not known. That the threshold "
        "moves half-way with a library's similarities, the pull of its mean and the shrinkage were "
        "decided with all groups in sight, so these figures are a little kind; labels whose face "
        "was not found are left out.\n\n"
    )
    parts = [words]
    for name, groups in measured.items():
        parts.append(f"### {name}\n\n" + table(_HEAD, _rows(name, groups)))
    if any(scores.lit for groups in measured.values() for scores in groups.values()):
        parts.append(_light_table(people_disjoint))
    parts.append(_embedder_table(extra))
    return Section(
        name="recognition", title="Recognition", metrics=metrics, markdown="".join(parts)
    )


def one_line(name: str, groups: Mapping[str, GroupScores]) -> str:
    """Say the means of one embedder in a line."""
    mean = metrics_of(groups)["mean"]
    shown = ("pair_eer", "rank1_5shot", "named_right", "wrong_name", "strangers_accepted")
    return f"{name}: " + ", ".join(f"{key} {100 * mean[key]:.1f} %" for key in shown)


def _rows(name: str, groups: Mapping[str, GroupScores]) -> Iterable[Sequence[object]]:
    for group, scores in groups.items():
        chosen, seen = scores.chosen, "*" if group in SEEN.get(name, ()) else ""
        yield (
            f"{group}{seen}",
            f"{scores.people}, {scores.faces}",
            _percent(scores.pair_eer),
            *(_percent(rate) for rate in scores.rank_one.values()),
            chosen.threshold,
            _with_interval(chosen.named_right, scores.interval["named_right"]),
            _with_interval(chosen.wrong_name, scores.interval["wrong_name"]),
            _with_interval(chosen.strangers_accepted, scores.interval["strangers_accepted"]),
            _percent(scores.best.named_right),
        )
    mean = metrics_of(groups)["mean"]
    ranks = [_percent(mean[f"rank1_{count}shot"]) for count in (1, 3, 5)]
    rates = [_percent(mean[key]) for key in ("named_right", "wrong_name", "strangers_accepted")]
    best = _percent(mean["best_named_right"])
    yield ("mean", "", _percent(mean["pair_eer"]), *ranks, "", *rates, best)


def _light_table(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    lights = ("magenta", "blue", "red", "green", "hall", "lights")
    rows = [
        (
            f"{name}, {words}",
            *(_percent(values["mean"][f"{light}_{key}"]) for light in lights),
        )
        for name, values in metrics.items()
        for words, key in (
            ("threshold of the others", "named_right"),
            ("best at 5/1", "best_named_right"),
        )
    ]
    return (
        "### Stage light\n\nReferences in white light, probes under a light (gels that take 60 to "
        "90 % of the other channels, a hall at 18 % light), noise 9 of 255, JPEG 70; the faces "
        "were found in the photo as it is. Named right, mean of the groups.\n\n"
        + table(("embedder", *lights[:-1], "mean"), rows)
    )


def _embedder_table(extra: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        (
            name,
            values["adapted_threshold"],
            values["threshold"],
            round(values["usual_genuine"], 3),
            round(values["usual_impostor"], 3),
            _percent(values["lfw_pair_eer"]) if "lfw_pair_eer" in values else "not measured",
            round(values["milliseconds_per_face"], 1),
        )
        for name, values in extra.items()
    ]
    return (
        "### What is shipped\n\nThresholds, with the post-processing adapted to a library and as "
        "shipped, and the usual levels, from all groups, each asked about with statistics of the "
        "others; the EER of LFW folds 1 and 2; time per face at eight faces, mirror image "
        "included.\n\n"
        + table(
            (
                "embedder",
                "adapted",
                "as shipped",
                "usual genuine",
                "usual impostor",
                "LFW EER",
                "ms",
            ),
            rows,
        )
    )


def _percent(share: float) -> float:
    return round(100.0 * share, 1)


def _with_interval(share: float, bounds: tuple[float, float]) -> str:
    return f"{100 * share:.1f} ({100 * bounds[0]:.1f}-{100 * bounds[1]:.1f})"
