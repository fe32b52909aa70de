"""Naming group photos where it is known which groups played, on people nothing was tuned on.

``python -m inference.evaluation.naming.line_up --data DIR`` enrols all members of a group with five
photos and asks about photos of several of them, as they are where there are such photos, and else
composed of one face of each. One group at a time is left out, with everything that is learnt made
from the others (``people_disjoint``); the rules, too, are chosen inside those. Strangers are people
of yet another group, of whom the statistics know nothing: alone in a photo, and beside members, of
whom three in ten are missing. In a third kind of photo one of the members was not enrolled.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.datasets.faces import find_labelled_faces
from inference.datasets.identities import all_kpop
from inference.detection import load_detector
from inference.errors import DatasetError
from inference.evaluation.naming.command import run
from inference.evaluation.naming.embedders import embedders_to_compare, folder_of_downloads
from inference.evaluation.naming.group_photos import Library, Scene, Usual, ask
from inference.evaluation.naming.people_disjoint import (
    KnownFaces,
    learn_from,
    usual_levels,
)
from inference.evaluation.naming.raw_embeddings import RawEmbeddings
from inference.evaluation.report import Section, table
from inference.evaluation.verification import known_faces
from inference.recognition.assignment import assign
from inference.recognition.line_up import (
    LEAST_SURE,
    LineUpRules,
    by_elimination,
    shipped_rules,
    sure_pairs,
)
from inference.recognition.thresholds import ADAPTED_THRESHOLDS

EMBEDDERS = ("encore", "stars")
OTHERS = 0.1
"""How far above the threshold people outside the line-up have to be; set, not chosen."""

ALONE, BESIDE = (0.0, 0.03), (0.12, 0.15, 0.18, 0.2)
"""Up to how far below the threshold the product looks for candidates at all."""
MARGINS = (0.02, 0.04, 0.06, 0.08, 0.1, 0.12)
CHOSEN_ALONE, CHOSEN_BESIDE, CHOSEN_WRONG = 0.02, 0.05, 0.005
"""Strangers alone and beside members, and wrong names, that the rules may let through among the
groups inside which they are chosen."""


Found = tuple[list[tuple[int, int]], list[tuple[tuple[int, int], float]]]


def _found(scene: Scene, alone: float, beside: float) -> Found:
    """Return the sure pairs, and those by elimination with what the photo loses without each."""
    everybody = np.ones(scene.excess.shape[1], dtype=bool)
    sure = sure_pairs(
        scene.excess, everybody, LineUpRules(alone, beside, 0.0, OTHERS), scene.weights
    )
    if len(sure) < LEAST_SURE:
        return sure, []
    left = scene.excess.copy()
    left[[face for face, _ in sure]] = -1.0
    left[:, [person for _, person in sure]] = -1.0
    return sure, by_elimination(left, beside, scene.weights)


def _shares(
    scenes: Sequence[Scene], named: Sequence[Sequence[tuple[int, int]]]
) -> dict[str, float]:
    """Return shares of the faces of enrolled people, and of those of nobody, that bear a name."""
    known = sum(int((scene.truth >= 0).sum()) for scene in scenes)
    nobody = sum(int((scene.truth < 0).sum()) for scene in scenes)
    right = wrong = strangers = 0
    for scene, pairs in zip(scenes, named, strict=True):
        truths = [(int(scene.truth[face]), person) for face, person in pairs]
        right += sum(truth == person for truth, person in truths)
        wrong += sum(truth not in (-1, person) for truth, person in truths)
        strangers += sum(truth == -1 for truth, _ in truths)
    return {
        "right": right / max(known, 1),
        "wrong": wrong / max(known, 1),
        "nobody": strangers / max(nobody, 1),
    }


def without_line_up(library: Library) -> dict[str, float]:
    """Return what happens by the library's threshold alone."""
    scenes = library.scenes["members"]
    shares = _shares(scenes, [assign(scene.excess, scene.weights) for scene in scenes])
    return {"usual_right": shares["right"], "usual_wrong": shares["wrong"]}


def with_line_up(library: Library) -> dict[LineUpRules, dict[str, float]]:
    """Return what happens by each choice of rules."""
    rates: dict[LineUpRules, dict[str, float]] = {}
    for alone, beside in product(ALONE, BESIDE):
        found = {
            kind: [_found(scene, alone, beside) for scene in scenes]
            for kind, scenes in library.scenes.items()
        }
        for margin in MARGINS:
            shares = {
                kind: _shares(
                    library.scenes[kind],
                    [
                        [*sure, *(pair for pair, lost in more if lost >= margin)]
                        for sure, more in one
                    ],
                )
                for kind, one in found.items()
            }
            rates[LineUpRules(alone, beside, margin, OTHERS)] = {
                "right": shares["members"]["right"],
                "wrong": shares["members"]["wrong"],
                "strangers_alone": float((library.alone + alone >= 0).mean()),
                "strangers_beside": shares["stranger_beside"]["nobody"],
                "unknown_members": shares["member_unknown"]["nobody"],
            }
    return rates


Rates = Mapping[LineUpRules, Mapping[str, float]]


def mean_of(rates: Sequence[Rates]) -> dict[LineUpRules, dict[str, float]]:
    """Average over libraries, each alike."""
    return {
        rules: {key: float(np.mean([one[rules][key] for one in rates])) for key in first}
        for rules, first in rates[0].items()
    }


def choose_rules(rates: Rates) -> LineUpRules:
    """Return the rules that name most and keep what was promised; the strictest if none do.

    Strangers alone may be as many as without a line-up where that are too many already.
    """
    most_alone = max(CHOSEN_ALONE, min(one["strangers_alone"] for one in rates.values()))
    kept = [
        rules
        for rules, one in rates.items()
        if one["strangers_alone"] <= most_alone
        and one["strangers_beside"] <= CHOSEN_BESIDE
        and one["wrong"] <= CHOSEN_WRONG
    ]
    if not kept:
        return LineUpRules(min(ALONE), min(BESIDE), max(MARGINS), OTHERS)
    return max(kept, key=lambda rules: rates[rules]["right"])


class Measurement:
    """The libraries of one embedder.

    Args:
        faces: Of all groups.
        paths: ``(N,)`` photo of each face.
    """

    def __init__(self, faces: KnownFaces, paths: NDArray[np.str_]) -> None:
        self._faces, self._paths = faces, paths
        self.groups = np.unique(faces.groups).tolist()

    def left_out(self, group: str) -> tuple[LineUpRules, dict[str, float]]:
        """Choose rules without a group, and ask about it."""
        others = [one for one in self.groups if one != group]
        statistics, threshold = learn_from(self._faces, others)
        if statistics.levels is None:
            raise DatasetError("no levels were learnt")
        usual = Usual(threshold, statistics.levels)
        rules = choose_rules(self._inside(others, usual))
        rates, without = self._asked(group, self.groups, usual)
        return rules, {**rates[rules], **without}

    def shipped(self, threshold: float) -> LineUpRules:
        """Choose rules with all groups."""
        usual = Usual(threshold, usual_levels(self._faces, self.groups))
        return choose_rules(self._inside(self.groups, usual))

    def _inside(self, groups: Sequence[str], usual: Usual) -> Rates:
        return mean_of([self._asked(one, groups, usual)[0] for one in groups])

    def _asked(
        self, group: str, within: Sequence[str], usual: Usual
    ) -> tuple[Rates, dict[str, float]]:
        """Ask about a group, each other one of ``within`` being the strangers in turn.

        Returns:
            Rates by rules, and those without a line-up.
        """
        found = []
        for strangers in (one for one in within if one != group):
            others = [one for one in within if one not in (group, strangers)]
            library = ask(self._faces, self._paths, group, strangers, others, usual)
            found.append((with_line_up(library), without_line_up(library)))
        without = [one for _, one in found]
        mean = {key: float(np.mean([one[key] for one in without])) for key in without[0]}
        return mean_of([rates for rates, _ in found]), mean


_HEAD = ("left out", "alone / beside / margin", "right", "wrong", "right, usual", "wrong, usual",
         "stranger alone", "beside members", "member not enrolled")  # fmt: skip
_COLUMNS = ("right", "wrong", "usual_right", "usual_wrong", "strangers_alone", "strangers_beside",
            "unknown_members")  # fmt: skip


def evaluate(data: Path, cache: Path, weights_dir: Path | None) -> Section:
    """Measure the embedders of the product."""
    downloads = folder_of_downloads(data, weights_dir)
    labelled = find_labelled_faces(all_kpop(data), lambda: load_detector("mtcnn"), cache)
    raw = RawEmbeddings(labelled, downloads, cache)
    paths = np.array([str(face.photo.path) for face in labelled])
    metrics: dict[str, dict[str, object]] = {}
    text = _INTRODUCTION
    for name, shares in embedders_to_compare(downloads).items():
        if name not in EMBEDDERS:
            continue
        measurement = Measurement(known_faces(labelled, raw, shares, ()), paths)
        found = {group: measurement.left_out(group) for group in measurement.groups}
        mean = {key: float(np.mean([one[key] for _, one in found.values()])) for key in _COLUMNS}
        chosen = measurement.shipped(ADAPTED_THRESHOLDS[name])
        metrics[name] = {**{group: one for group, (_, one) in found.items()}, "mean": mean}
        rows = [
            [group, f"{rules.alone} / {rules.beside} / {rules.margin}", *_percent(one)]
            for group, (rules, one) in found.items()
        ]
        text += f"\n### {name}\n\n" + table(_HEAD, [*rows, ["mean", "", *_percent(mean)]])
        text += f"Chosen with all groups: {chosen}; shipped: {shipped_rules(name)}.\n"
        print(text.rpartition("###")[2], flush=True)
    return Section(name="line_up", title="Names by line-up", metrics=metrics, markdown=text)


def _percent(rates: Mapping[str, float]) -> list[str]:
    return [f"{100 * rates[key]:.1f}" for key in _COLUMNS]


_INTRODUCTION = (
    "Photos of several members of a group, all of whom are enrolled with five photos, and the "
    "concert's line-up says so; faces in percent, one group left out at a time, the rules chosen "
    "inside the others. *Usual* is the same without a line-up. Photos of bts_group are as they "
    "were taken, those of other groups are composed of one face of each member. Strangers are "
    "people of other groups. A member who was not enrolled is a stranger of the line-up's own.\n"
)


def main() -> None:
    """Measure, and keep the section for the report."""
    run("Measure names by line-up.", evaluate)


if __name__ == "__main__":
    main()
