"""What setting references aside changes, on people nothing was tuned on.

``python -m inference.evaluation.naming.references --data DIR`` leaves out one group of people at a
time, and enrols half of it (``people_disjoint``), with the references as they are, with a picture
of a stranger among those of every second person, or with one under the hall's light. Strangers,
wrong names and right ones are counted with all references and without those that
``inference.recognition.references`` sets aside. People with few references are asked about with the
post-processing as shipped, and adapted to them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from inference.recognition.references import unlike_others
from inference.types import Embeddings

EMBEDDERS = ("encore", "stars")
DRAWS = 6
COUNTS = (4, 5, 8)
FEW = (1, 2)
KINDS = ("as they are", "a stranger's", "a dark one")
SPOILT_SHARE = 0.5
POOR_LIGHT = "hall"

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Enrolment:
    """Half of a group, enrolled.

    Attributes:
        raw: ``(N, D)`` references.
        people: Whose each is.
        is_spoilt: ``(N,)`` which of them should not be there.
        known: Rows of faces of the enrolled people.
        strangers: Rows of faces of the others.
    """

    raw: Embeddings
    people: list[str]
    is_spoilt: Flags
    known: Indices
    strangers: Indices


def enrol(faces: KnownFaces, group: str, count: int, kind: str) -> list[Enrolment]:
    """Draw halves of a group with ``count`` references each, some of them spoilt."""
    rows, draw = faces.rows_of([group]), np.random.default_rng(SEED)
    everybody = np.unique(faces.people[rows])
    found = []
    for _ in range(DRAWS):
        enrolled = sorted(draw.permutation(everybody)[: len(everybody) // 2].tolist())
        references, known, strangers = split_people(faces, rows, enrolled, count, draw)
        raw, spoilt = faces.raw[references].copy(), np.zeros(len(references), dtype=bool)
        for person in enrolled if kind != KINDS[0] else ():
            if draw.random() >= SPOILT_SHARE:
                continue
            place = draw.choice(np.flatnonzero(faces.people[references] == person))
            spoilt[place] = True
            if kind == KINDS[1]:
                raw[place] = faces.raw[draw.choice(strangers)]
            else:
                raw[place] = faces.lit[POOR_LIGHT][references[place]]
        people = faces.people[references].tolist()
        found.append(Enrolment(raw, people, spoilt, known, strangers))
    return found


def rates(
    faces: KnownFaces,
    enrolments: Sequence[Enrolment],
    statistics: Statistics,
    threshold: float,
    *,
    sets_aside: bool = False,
    adapts: bool = True,
) -> dict[str, float]:
    """Return shares of the faces asked about, and of the references that were set aside.

    Without ``adapts`` the references teach nothing, as where a post-processing is used as shipped.
    """
    hits: dict[str, list[Flags]] = {"right": [], "wrong": [], "strangers": []}
    spoilt_found, good_lost = [], []
    for one in enrolments:
        processing = adapt(statistics, threshold, one.raw, one.people)
        aside = np.zeros(len(one.raw), dtype=bool)
        if sets_aside:
            aside = unlike_others(processing.apply(one.raw), one.people)
        raw = one.raw[~aside]
        people = [person for person, gone in zip(one.people, aside, strict=True) if not gone]
        processing = adapt(statistics, threshold, raw if adapts else None, people)
        gallery = Gallery(people, processing.apply(raw), processing.threshold)
        near = gallery.similarities(processing.apply(faces.raw[one.known]))
        is_named = faces.nearest(near, one.known) >= processing.threshold
        is_right = np.array(gallery.keys)[near.argmax(axis=1)] == faces.people[one.known]
        far = gallery.similarities(processing.apply(faces.raw[one.strangers]))
        hits["right"].append(is_named & is_right)
        hits["wrong"].append(is_named & ~is_right)
        hits["strangers"].append(faces.nearest(far, one.strangers) >= processing.threshold)
        spoilt_found.append(aside[one.is_spoilt])
        good_lost.append(aside[~one.is_spoilt])
    shares = {key: float(np.concatenate(flags).mean()) for key, flags in hits.items()}
    found = np.concatenate(spoilt_found)
    return {
        **shares,
        "spoilt_found": float(found.mean()) if len(found) else 0.0,
        "good_lost": float(np.concatenate(good_lost).mean()),
    }


def measure(faces: KnownFaces) -> dict[str, dict[str, float]]:
    """Leave out each group in turn; returns the means by kind, references and whether set aside."""
    groups = np.unique(faces.groups).tolist()
    found: dict[str, list[dict[str, float]]] = {}
    for group in groups:
        others = [one for one in groups if one != group]
        statistics, threshold = learn_from(faces, others)
        for count in FEW:
            few = enrol(faces, group, count, KINDS[0])
            usual = unadapted_threshold(faces, others)
            shipped = rates(faces, few, statistics, usual, adapts=False)
            found.setdefault(f"{KINDS[0]}, {count}, as shipped", []).append(shipped)
            adapted = rates(faces, few, statistics, threshold)
            found.setdefault(f"{KINDS[0]}, {count}, adapted", []).append(adapted)
        for kind in KINDS:
            for count in COUNTS:
                enrolments = enrol(faces, group, count, kind)
                for sets_aside in (False, True):
                    name = f"{kind}, {count}, {'set aside' if sets_aside else 'all'}"
                    one = rates(faces, enrolments, statistics, threshold, sets_aside=sets_aside)
                    found.setdefault(name, []).append(one)
    return {
        name: {key: float(np.mean([one[key] for one in several])) for key in several[0]}
        for name, several in found.items()
    }


_HEAD = ("references, each, used", "right", "wrong", "strangers", "spoilt found", "good lost")


def evaluate(data: Path, cache: Path, weights_dir: Path | None) -> Section:
    """Measure the embedders of the product."""
    downloads = folder_of_downloads(data, weights_dir)
    labelled = find_labelled_faces(all_kpop(data), lambda: load_detector("mtcnn"), cache)
    raw = RawEmbeddings(labelled, downloads, cache)
    metrics: dict[str, Mapping[str, Mapping[str, float]]] = {}
    text = _INTRODUCTION
    for name, shares in embedders_to_compare(downloads).items():
        if name not in EMBEDDERS:
            continue
        found = metrics[name] = measure(known_faces(labelled, raw, shares, (POOR_LIGHT,)))
        rows = [[key, *(f"{100 * value:.1f}" for value in one.values())]
                for key, one in found.items()]  # fmt: skip
        text += f"\n### {name}\n\n{table(_HEAD, rows)}"
        print(text.rpartition("###")[2], flush=True)
    return Section(name="references", title="References set aside", metrics=metrics, markdown=text)


_INTRODUCTION = (
    "Half of a group's people enrolled with so many references each; as they are, or with one of "
    "every second person's replaced by a picture of a stranger, or taken again under the hall's "
    "light. One group left out at a time, in percent of faces, mean of the groups. *Spoilt found* "
    "and *good lost* are the shares of such, and of all other, references that are set aside.\n"
)


def main() -> None:
    """Measure, and keep the section for the report."""
    run("Measure what setting references aside changes.", evaluate)


if __name__ == "__main__":
    main()
