"""How sure a name is after how many looks, on tracks of people whom nothing was tuned on.

``python -m inference.evaluation.naming.tracks --data DIR`` composes tracks of six looks out of
K-pop photos: of one shot, in white light and under the five stage lights, and of six photos of a
person, each in one of these lights. What a camera sees lies between: its looks are not as alike as
the first, and not as different as the second. A track is asked about after each look, by the mean
so far; one group of people at a time is left out, with everything that is learnt made from the
others (``people_disjoint``). The margin that ships is the smallest at which, on average over the
groups, few tracks are *ever* surely given a wrong name and few strangers any.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.datasets.faces import find_labelled_faces
from inference.datasets.identities import all_kpop
from inference.datasets.stage_light import LIGHTS
from inference.detection import load_detector
from inference.evaluation.naming.command import run
from inference.evaluation.naming.embedders import folder_of_downloads
from inference.evaluation.naming.people_disjoint import (
    CHOSEN_STRANGERS,
    CHOSEN_WRONG_NAMES,
    REFERENCES,
    SEED,
    Indices,
    KnownFaces,
    learn_from,
    split_people,
    unadapted_threshold,
)
from inference.evaluation.naming.raw_embeddings import RawEmbeddings
from inference.evaluation.report import Section, table
from inference.evaluation.verification import known_faces
from inference.recognition.adaptation import Statistics, adapt
from inference.recognition.gallery import Gallery
from inference.recognition.postprocessing import unit_rows
from inference.recognition.thresholds import SHARES
from inference.tracking.naming import SURE_MARGIN, sure_threshold
from inference.types import Embeddings

LOOKS = 6
DRAWS = 10
MARGINS = (0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.15)
KINDS = ("one shot", "six photos")

_SHOWN_LOOKS = (1, 2, 4, 6)

Similarities = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrackAnswers:
    """Similarities after each look, above the library's threshold.

    Attributes:
        right: ``(T, LOOKS)`` of each known person's track to that person.
        wrong: ``(T, LOOKS)`` of the same tracks to the nearest other person.
        strangers: ``(S, LOOKS)`` of tracks of people not enrolled to the nearest person.
    """

    right: Similarities
    wrong: Similarities
    strangers: Similarities

    def rates(self, threshold: float, margin: float) -> dict[str, float]:
        """Return what is surely named: right after some looks, wrong and strangers after any."""
        limits = np.array(
            [sure_threshold(threshold, count, margin) for count in range(1, LOOKS + 1)]
        )
        is_right = (self.right >= limits) & (self.right > self.wrong)
        is_wrong = (self.wrong >= limits) & (self.wrong >= self.right)
        named = {f"right_{count}": float(is_right[:, count - 1].mean()) for count in _SHOWN_LOOKS}
        return {
            **named,
            "ever_wrong": float(is_wrong.any(axis=1).mean()),
            "ever_strangers": float((self.strangers >= limits).any(axis=1).mean()),
        }


def compose(
    faces: KnownFaces, rows: Indices, usable: Indices, kind: str, draw: np.random.Generator
) -> tuple[Embeddings, Indices]:
    """Compose a track beginning with each of some faces.

    Args:
        faces: All faces.
        rows: The first looks.
        usable: Which faces later looks may be.
        kind: One of ``KINDS``.
        draw: Chance.

    Returns:
        ``(T, LOOKS, D)`` unit means of the first looks, and the ``(T,)`` first looks; who has too
        few photos gets no track of six.
    """
    seen = np.stack([faces.raw, *faces.lit.values()])
    tracks, begun = [], []
    for row in rows:
        if kind == KINDS[0]:
            looks = seen[draw.permutation(len(seen))[:LOOKS], row]
        else:
            others = usable[(faces.people[usable] == faces.people[row]) & (usable != row)]
            if len(others) < LOOKS - 1:
                continue
            photos = np.array([row, *draw.permutation(others)[: LOOKS - 1]])
            looks = seen[draw.integers(0, len(seen), LOOKS), photos]
        tracks.append(unit_rows(np.cumsum(looks, axis=0)))
        begun.append(row)
    return np.stack(tracks), np.array(begun)


def ask_tracks(
    faces: KnownFaces, group: str, statistics: Statistics, kind: str, *, adapts: bool
) -> TrackAnswers:
    """Enrol half of a group's people at a time, in white light, and ask about tracks of all."""
    rows = faces.rows_of([group])
    everybody = np.unique(faces.people[rows])
    draw = np.random.default_rng(SEED)
    known_found, strangers_found = [], []
    for _ in range(DRAWS):
        enrolled = sorted(draw.permutation(everybody)[: len(everybody) // 2].tolist())
        references, known, strangers = split_people(faces, rows, enrolled, REFERENCES, draw)
        people = faces.people[references].tolist()
        taught = faces.raw[references] if adapts else None
        processing = adapt(statistics, 0.0, taught, people)
        gallery = Gallery(people, processing.apply(faces.raw[references]), 0.0)
        usable = np.setdiff1d(rows, references)
        means, begun = compose(faces, known, usable, kind, draw)
        nearness = _nearness(gallery, processing.apply(_flat(means))) - processing.threshold
        is_own = np.array(gallery.keys) == faces.people[begun][:, None, None]
        right = np.where(is_own, nearness, -2.0).max(axis=2)
        known_found.append((right, np.where(is_own, -2.0, nearness).max(axis=2)))
        means, _ = compose(faces, strangers, usable, kind, draw)
        nearness = _nearness(gallery, processing.apply(_flat(means))) - processing.threshold
        strangers_found.append(nearness.max(axis=2))
    return TrackAnswers(
        np.concatenate([right for right, _ in known_found]),
        np.concatenate([wrong for _, wrong in known_found]),
        np.concatenate(strangers_found),
    )


def _flat(means: Embeddings) -> Embeddings:
    return means.reshape(-1, means.shape[2])


def _nearness(gallery: Gallery[str], probes: Embeddings) -> Similarities:
    """Return ``(T, LOOKS, K)``."""
    found = gallery.similarities(probes).astype(np.float64)
    return found.reshape(-1, LOOKS, found.shape[1])


def mean_rates(rates: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Average over groups, each group alike."""
    return {key: float(np.mean([one[key] for one in rates])) for key in rates[0]}


def smallest_margin(by_margin: Mapping[float, Sequence[Mapping[str, float]]]) -> float:
    """Return the smallest margin that keeps both promises for every kind of track.

    Args:
        by_margin: Rates of each kind of track, averaged over groups.
    """
    kept = [
        margin
        for margin, kinds in by_margin.items()
        if all(
            rates["ever_wrong"] <= CHOSEN_WRONG_NAMES
            and rates["ever_strangers"] <= CHOSEN_STRANGERS
            for rates in kinds
        )
    ]
    return min(kept, default=max(by_margin))


def measure(faces: KnownFaces, *, adapts: bool) -> tuple[dict[str, dict[str, float]], float]:
    """Leave out each group in turn; returns rates by kind and margin, and the smallest margin."""
    groups = np.unique(faces.groups).tolist()
    asked: dict[str, list[tuple[TrackAnswers, float]]] = {kind: [] for kind in KINDS}
    for group in groups:
        others = [other for other in groups if other != group]
        statistics, threshold = learn_from(faces, others)
        if not adapts:
            statistics = replace(statistics, levels=None)
            threshold = unadapted_threshold(faces, others)
        for kind in KINDS:
            answers = ask_tracks(faces, group, statistics, kind, adapts=adapts)
            asked[kind].append((answers, threshold))
    rates = {
        margin: [
            mean_rates([answers.rates(threshold, margin) for answers, threshold in asked[kind]])
            for kind in KINDS
        ]
        for margin in MARGINS
    }
    metrics = {
        f"{kind}, margin {margin}": one
        for margin, kinds in rates.items()
        for kind, one in zip(KINDS, kinds, strict=True)
    }
    return metrics, smallest_margin(rates)


def evaluate(data: Path, cache: Path, weights_dir: Path | None) -> Section:
    """Measure tracks of the shipped embedder, with a library's own post-processing and without."""
    photos = all_kpop(data)
    faces = find_labelled_faces(photos, lambda: load_detector("mtcnn"), cache)
    raw = RawEmbeddings(faces, folder_of_downloads(data, weights_dir), cache)
    known = known_faces(faces, raw, SHARES["encore"], LIGHTS)
    metrics: dict[str, dict[str, float]] = {}
    text = _INTRODUCTION
    for name, adapts in (("library", True), ("shipped", False)):
        found, margin = measure(known, adapts=adapts)
        metrics |= {f"{name}, {key}": values for key, values in found.items()}
        rows = [[key, *(f"{100 * value:.1f}" for value in values.values())]
                for key, values in found.items()]  # fmt: skip
        text += f"\n### With the {name} post-processing: smallest margin {margin}\n\n"
        text += table(["tracks", *next(iter(found.values()))], rows)
    return Section(name="tracks", title="Names of tracks", metrics=metrics, markdown=text)


_INTRODUCTION = (
    f"Tracks of {LOOKS} looks; rates in per cent, each group of people left out alike. A name is "
    f"sure at the threshold plus margin / sqrt(looks); the shipped margin is {SURE_MARGIN}. "
    "`right_n` is surely named right after n looks; `ever_wrong` and `ever_strangers` count tracks "
    "that were surely named wrongly after any of their looks.\n"
)


def main() -> None:
    """Measure, and keep the section for the report."""
    run("Measure how sure names of tracks are.", evaluate)


if __name__ == "__main__":
    main()
