"""Whether a second opinion, learnt from a library's own faces, beats the gallery on new people.

``python -m inference.evaluation.naming.second_opinion --data DIR`` enrols half of a group's people
with 5, 10 or 20 photos, in a space and with a threshold that were learnt without that group, as
``people_disjoint`` does. The product's own comparison then decides on these photos alone whether
the second opinion is used. Asked about are the other photos of these people, and the group's other
people as strangers, who are harder than any that a library has to learn from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.datasets.faces import find_labelled_faces
from inference.datasets.identities import all_kpop
from inference.detection import load_detector
from inference.evaluation.naming.command import run
from inference.evaluation.naming.embedders import embedders_to_compare, folder_of_downloads
from inference.evaluation.naming.people_disjoint import (
    SEED,
    Answers,
    Indices,
    KnownFaces,
    best_point,
    learn_from,
    split_people,
)
from inference.evaluation.naming.raw_embeddings import RawEmbeddings
from inference.evaluation.report import Section, table
from inference.evaluation.verification import known_faces
from inference.recognition.adaptation import Statistics, adapt
from inference.recognition.gallery import Gallery
from inference.recognition.postprocessing import PostProcessing
from inference.recognition.second_opinion import (
    BAR,
    Asked,
    Faces,
    ask,
    compare_with_gallery,
    learn,
)
from inference.types import Embeddings

EMBEDDERS = ("encore", "stars")
GROUPS = ("blackpink", "twice")
REFERENCES = (5, 10, 20)
BARS = (0.0, 0.3, BAR)
DRAWS = 12
STRANGERS = 300
"""Faces of other groups that the library knows; so many are learnt from."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened over all draws.

    Attributes:
        shares: By bar, named right and wrong of known faces, and strangers named.
        used: In which share of the draws the product would use it.
        best: Named right at the lowest bar that keeps both promises, known only afterwards: by the
            gallery, and by the softmax alone without any gallery.
    """

    shares: dict[float, tuple[float, float, float]]
    used: float
    best: tuple[float, float]


def measure(
    faces: KnownFaces, group: str, count: int, statistics: Statistics, threshold: float
) -> Outcome:
    """Enrol half of a group again and again, and ask both about the rest."""
    rows, draw = faces.rows_of([group]), np.random.default_rng(SEED)
    everybody = np.unique(faces.people[rows])
    others = np.flatnonzero(faces.groups != group)
    asked: list[Asked] = []
    used: list[bool] = []
    scores: list[tuple[Answers, Answers]] = []
    for _ in range(DRAWS):
        enrolled = sorted(draw.permutation(everybody)[: max(2, len(everybody) // 2)].tolist())
        references, known, strangers = split_people(faces, rows, enrolled, count, draw)
        taught = faces.raw[references], faces.people[references].tolist()
        space = adapt(statistics, threshold, *taught)
        own = _faces(faces, references, space)
        learnt_from = draw.permutation(others)[:STRANGERS]
        foreign = _faces(faces, learnt_from, space, by_person=True)
        used.append(compare_with_gallery(own, foreign, space.threshold).is_better)
        gallery = Gallery(own.people, own.rows, space.threshold)
        opinion = learn(own, foreign.rows)
        probes = _faces(faces, known, space), _faces(faces, strangers, space)
        asked.append(ask(gallery, opinion, *probes))
        by_gallery = _answers(gallery.similarities, gallery.keys, *probes)
        scores.append((by_gallery, _answers(opinion.probabilities, opinion.people, *probes)))
    best = [best_point(_joined(side)).named_right for side in zip(*scores, strict=True)]
    shares = {bar: _shares(asked, bar) for bar in BARS}
    return Outcome(shares, float(np.mean(used)), (best[0], best[1]))


def _answers(
    score: Callable[[Embeddings], NDArray[np.float32]],
    keys: Sequence[str],
    known: Faces[str],
    strangers: Faces[str],
) -> Answers:
    scores, passed = score(known.rows), score(strangers.rows)
    people = np.array(known.people)
    is_right = np.array(keys)[scores.argmax(axis=1)] == people
    nearest = scores.max(axis=1).astype(np.float64), passed.max(axis=1).astype(np.float64)
    return Answers(nearest[0], is_right, people, nearest[1], np.array(strangers.people))


def _joined(answers: Sequence[Answers]) -> Answers:
    names = [field.name for field in fields(Answers)]
    return Answers(*(np.concatenate([getattr(one, name) for one in answers]) for name in names))


def _faces(
    faces: KnownFaces, places: Indices, space: PostProcessing, *, by_person: bool = False
) -> Faces[str]:
    people = faces.people[places].tolist()
    apart = people if by_person else places.tolist()
    return Faces(space.apply(faces.raw[places]), people, apart)


def _shares(asked: Sequence[Asked], bar: float) -> tuple[float, float, float]:
    tallies = [one.tally(one.named(bar)) for one in asked]
    known = max(sum(int(one.is_known.sum()) for one in asked), 1)
    strangers = max(sum(int((~one.is_known).sum()) for one in asked), 1)
    return (
        sum(one.right for one in tallies) / known,
        sum(one.wrong for one in tallies) / known,
        sum(one.strangers for one in tallies) / strangers,
    )


def evaluate(data: Path, cache: Path, weights_dir: Path | None) -> Section:
    """Measure the embedders of the product."""
    downloads = folder_of_downloads(data, weights_dir)
    labelled = find_labelled_faces(all_kpop(data), lambda: load_detector("mtcnn"), cache)
    raw = RawEmbeddings(labelled, downloads, cache)
    metrics: dict[str, dict[str, dict[str, float]]] = {}
    rows = []
    for name, shares in embedders_to_compare(downloads).items():
        if name not in EMBEDDERS:
            continue
        faces = known_faces(labelled, raw, shares, ())
        for group in GROUPS:
            rest = [one for one in np.unique(faces.groups).tolist() if one != group]
            learnt = learn_from(faces, rest)
            for count in REFERENCES:
                found = measure(faces, group, count, *learnt)
                cells = [_cell(found.shares[bar]) for bar in BARS]
                rows.append(
                    [
                        name,
                        group,
                        str(count),
                        *cells,
                        f"{100 * found.used:.0f} %",
                        *(f"{100 * one:.1f}" for one in found.best),
                    ]
                )
                metrics.setdefault(name, {})[f"{group}_{count}"] = _numbers(found)
    return Section(
        name="second_opinion",
        title="A second opinion for one group",
        metrics=metrics,
        markdown=_INTRODUCTION + table(_HEAD, rows),
    )


def _cell(shares: tuple[float, float, float]) -> str:
    return " / ".join(f"{100 * share:.1f}" for share in shares)


def _numbers(found: Outcome) -> dict[str, float]:
    names = ("right", "wrong", "strangers")
    alone = dict(zip((f"gallery_{name}" for name in names), found.shares[0.0], strict=True))
    return {
        **alone,
        **dict(zip(names, found.shares[BAR], strict=True)),
        "used": found.used,
        "best_gallery": found.best[0],
        "best_softmax": found.best[1],
    }


_HEAD = ("embedder", "left out", "photos a person", "gallery alone",
         *(f"bar {bar}" for bar in BARS[1:]), "would be used",
         "best: gallery", "best: softmax")  # fmt: skip

_INTRODUCTION = (
    "Named right / wrong names / strangers named, in percent. Space and threshold know nothing of "
    "the group; half of its people are enrolled, twelve times, the other half are the strangers. "
    f"The product uses bar {BAR}, and only where its own comparison on the enrolled photos shows "
    "fewer errors by more than chance; *would be used* says how often that was so. "
    "*Best* are right names at the lowest bar that keeps both promises, known only afterwards: of "
    "the gallery, and of the softmax alone, without any gallery.\n\n"
)


def main() -> None:
    """Measure, and keep the section for the report."""
    run("Measure the second opinion.", evaluate)


if __name__ == "__main__":
    main()
