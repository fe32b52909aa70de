"""How large and how pure the groups are in which unnamed faces are shown to be named.

``python -m inference.evaluation.naming.grouping --data DIR`` groups the faces of each group of
K-pop people, with a post-processing learnt from the other groups alone, as a library that has
taught nothing else would know it; then all of them together. Labels are used only to count.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.datasets.faces import find_labelled_faces
from inference.datasets.identities import all_kpop
from inference.detection import load_detector
from inference.evaluation.naming.command import run
from inference.evaluation.naming.embedders import embedders_to_compare, folder_of_downloads
from inference.evaluation.naming.people_disjoint import KnownFaces, learn_from
from inference.evaluation.naming.raw_embeddings import RawEmbeddings
from inference.evaluation.report import Section, table
from inference.evaluation.verification import known_faces
from inference.recognition.adaptation import adapt
from inference.recognition.grouping import ALONE, Labels, group_faces

EMBEDDERS = ("encore", "stars")
ALL = "all together"


@dataclass(frozen=True, slots=True)
class GroupingScores:
    """What came of grouping some faces.

    Attributes:
        faces: How many faces.
        people: How many people they show.
        groups: How many groups there are.
        grouped: Share of the faces that are in one.
        purity: Share of the grouped faces that show whom most of their group show.
        median_size: Faces in the group in the middle.
        largest: Faces in the largest group.
        named_by_ten: Share of all faces that are named after naming the ten largest groups.
    """

    faces: int
    people: int
    groups: int
    grouped: float
    purity: float
    median_size: float
    largest: int
    named_by_ten: float


def score(labels: Labels, people: NDArray[np.str_]) -> GroupingScores:
    """Compare groups with who is in them."""
    numbers = [number for number in np.unique(labels) if number != ALONE]
    sizes = sorted((int((labels == number).sum()) for number in numbers), reverse=True)
    right = sum(
        int(np.unique(people[labels == number], return_counts=True)[1].max()) for number in numbers
    )
    return GroupingScores(
        faces=len(labels),
        people=len(np.unique(people)),
        groups=len(sizes),
        grouped=sum(sizes) / max(1, len(labels)),
        purity=right / max(1, sum(sizes)),
        median_size=float(np.median(sizes)) if sizes else 0.0,
        largest=max(sizes, default=0),
        named_by_ten=sum(sizes[:10]) / max(1, len(labels)),
    )


def measure(faces: KnownFaces) -> dict[str, GroupingScores]:
    """Group each group of people as one that nothing was learnt from, then everybody."""
    groups = np.unique(faces.groups).tolist()
    rows = np.zeros_like(faces.raw)
    scores: dict[str, GroupingScores] = {}
    for left_out in groups:
        statistics, threshold = learn_from(faces, [one for one in groups if one != left_out])
        here = faces.groups == left_out
        rows[here] = adapt(statistics, threshold).apply(faces.raw[here])
        scores[left_out] = score(group_faces(rows[here], threshold), faces.people[here])
    statistics, threshold = learn_from(faces, groups)
    together = adapt(statistics, threshold).apply(faces.raw)
    scores[ALL] = score(group_faces(together, threshold), faces.people)
    return scores


def section(measured: Mapping[str, Mapping[str, GroupingScores]]) -> Section:
    """Write a table for each embedder."""
    words = (
        "Unnamed faces are grouped by likeness (HDBSCAN) for the list of faces to sort. Each group "
        "of K-pop people is grouped with a post-processing learnt from the other groups; for "
        f"*{ALL}* it is learnt from everybody, which is no evidence for strangers. *purity*: share "
        "of the grouped faces that show whom most of their group show; *by ten*: share of all "
        "faces that have a name after the ten largest groups were named. The rules were chosen "
        "with these groups in sight. Which groups a network saw in training is told under "
        "Recognition.\n\n"
    )
    head = ("faces", "people", "groups", "grouped", "purity", "median", "largest", "by ten")
    parts = [words]
    for name, scores in measured.items():
        rows = [(group, *asdict(one).values()) for group, one in scores.items()]
        parts.append(f"### {name}\n\n" + table(("group of people", *head), rows))
    metrics = {
        name: {group: asdict(one) for group, one in scores.items()}
        for name, scores in measured.items()
    }
    return Section(
        name="grouping",
        title="Groups of unnamed faces",
        metrics=metrics,
        markdown="".join(parts),
    )


def evaluate(data: Path, cache: Path, weights_dir: Path | None) -> Section:
    """Measure the embedders of the product that are there."""
    downloads = folder_of_downloads(data, weights_dir)
    faces = find_labelled_faces(all_kpop(data), lambda: load_detector("mtcnn"), cache)
    raw = RawEmbeddings(faces, downloads, cache)
    compared = embedders_to_compare(downloads)
    return section(
        {
            name: measure(known_faces(faces, raw, compared[name], ()))
            for name in EMBEDDERS
            if name in compared
        }
    )


def main() -> None:
    """Measure, and keep the section for the report."""
    run("Measure groups of faces without a name.", evaluate)


if __name__ == "__main__":
    main()
