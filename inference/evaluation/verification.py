"""How well the embedders tell K-pop people apart whom nothing was tuned on.

``python -m inference.evaluation.verification --data DIR`` leaves one group of people out at a time
and learns mean, whitening, usual levels and threshold from the others (``people_disjoint``); probes
are asked about in white light and under five stage lights. A network's own training is not
repeated: where it saw a group, the figures are marked and are no evidence. With ``--lfw`` it
stands beside LFW, only to show how little that says. Raw embeddings are kept in the cache, by hash
of the weights.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.datasets.faces import LabelledFace, find_labelled_faces, read_photo
from inference.datasets.identities import LabelledPhoto, all_kpop, groups_of
from inference.datasets.stage_light import LIGHTS, OTHER_LIGHTS
from inference.detection import load_detector
from inference.errors import DatasetError, InferenceError
from inference.evaluation.naming import report as recognition_report
from inference.evaluation.naming.embedders import (
    Shares,
    embedders_to_compare,
    folder_of_downloads,
    load_part,
)
from inference.evaluation.naming.identification import equal_error_rate
from inference.evaluation.naming.people_disjoint import (
    GroupScores,
    KnownFaces,
    learn_from,
    measure_group,
    unadapted_threshold,
)
from inference.evaluation.naming.raw_embeddings import RawEmbeddings
from inference.evaluation.report import Section, save
from inference.recognition.adaptation import adapt
from inference.recognition.embedder import NetworkEmbedder
from inference.recognition.postprocessing import Part

CACHE = Path("var/cache/recognition")


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


@dataclass(frozen=True, eq=False)
class LfwPairs:
    """The pairs of LFW whose faces were found.

    Attributes:
        raw: Of the faces.
        ends: ``(P, 2)`` indices into them.
        same: ``(P,)`` whether a pair shows one person.
    """

    raw: RawEmbeddings
    ends: NDArray[np.int64]
    same: NDArray[np.bool_]

    @classmethod
    def find(cls, data: Path, downloads: Path, cache: Path) -> "LfwPairs":
        """Find the faces; pairs with a face not found are left out."""
        photos, pairs, same = lfw_pairs(data)
        faces = find_labelled_faces(photos, lambda: load_detector("mtcnn"), cache)
        place = {face.photo: index for index, face in enumerate(faces)}
        is_found = np.array([photos[a] in place and photos[b] in place for a, b in pairs])
        ends = np.array([[place[photos[a]], place[photos[b]]] for a, b in pairs[is_found]])
        return cls(RawEmbeddings(faces, downloads, cache), ends, same[is_found])

    def equal_error(self, known: KnownFaces, shares: Shares) -> float:
        """Return the equal error rate with the post-processing learnt from all K-pop groups."""
        processing = adapt(known.statistics(np.unique(known.groups).tolist()), 0.0)
        rows = processing.apply(self.raw.side_by_side(shares))
        similarity = (rows[self.ends[:, 0]] * rows[self.ends[:, 1]]).sum(axis=1).astype(np.float64)
        return equal_error_rate(similarity[self.same], similarity[~self.same])


def what_is_shipped(known: KnownFaces) -> dict[str, float]:
    """Learn threshold and usual levels from all groups, as ``thresholds`` holds them."""
    groups = np.unique(known.groups).tolist()
    statistics, threshold = learn_from(known, groups)
    values = {
        "adapted_threshold": threshold,
        "threshold": unadapted_threshold(known, groups),
    }
    if statistics.levels is not None:
        values["usual_genuine"] = statistics.levels.genuine
        values["usual_impostor"] = statistics.levels.impostor
    return values


def milliseconds_per_face(embedder: NetworkEmbedder, faces: Sequence[LabelledFace]) -> float:
    """Time one photo with eight faces, the best of five, in milliseconds per face."""
    image = read_photo(faces[0].photo.path)
    crowd = [faces[0].face] * 8
    times = []
    for _ in range(6):
        began = time.perf_counter()
        embedder.embed_raw(image, crowd)
        times.append(time.perf_counter() - began)
    return 1000.0 * min(times[1:]) / len(crowd)


def known_faces(
    faces: Sequence[LabelledFace], raw: RawEmbeddings, shares: Shares, lights: Sequence[str]
) -> KnownFaces:
    """Lay out the raw embeddings of one embedder with people and groups."""
    groups = groups_of(face.photo for face in faces)
    people = [face.photo.person for face in faces]
    white = raw.side_by_side(shares)
    parts = tuple(Part(raw.rows(name).shape[1], share) for name, share in shares.items())
    return KnownFaces(
        white,
        np.array(people),
        np.array([groups[person] for person in people]),
        parts,
        {light: raw.side_by_side(shares, light) for light in lights},
        [raw.side_by_side(shares, light) for light in OTHER_LIGHTS],
        {light: raw.qualities(light) for light in ("", *lights)},
    )


def measure_embedder(faces: KnownFaces) -> dict[str, GroupScores]:
    """Leave out each group in turn."""
    return {
        group: measure_group(faces, group) for group in sorted(np.unique(faces.groups).tolist())
    }


def evaluate(
    data: Path,
    cache: Path,
    weights_dir: Path | None,
    names: Sequence[str] | None = None,
    *,
    with_lfw: bool = False,
) -> Section:
    """Measure every embedder that is there, or those named."""
    downloads = folder_of_downloads(data, weights_dir)
    photos = all_kpop(data)
    faces = find_labelled_faces(photos, lambda: load_detector("mtcnn"), cache)
    raw = RawEmbeddings(faces, downloads, cache)
    pairs = LfwPairs.find(data, downloads, cache) if with_lfw else None
    measured: dict[str, dict[str, GroupScores]] = {}
    extra: dict[str, dict[str, float]] = {}
    for name, shares in embedders_to_compare(downloads).items():
        if names and name not in names:
            continue
        known = known_faces(faces, raw, shares, LIGHTS)
        measured[name] = measure_embedder(known)
        extra[name] = what_is_shipped(known)
        loaded = [load_part(part, downloads) for part in shares]
        spent = sum(milliseconds_per_face(one, faces) for one in loaded)
        extra[name]["milliseconds_per_face"] = spent
        if pairs is not None:
            extra[name]["lfw_pair_eer"] = pairs.equal_error(known, shares)
        print(recognition_report.one_line(name, measured[name]), flush=True)
    return recognition_report.section(measured, extra, len(faces), len(photos) - len(faces))


def main() -> None:
    """Read the command line, measure, keep the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--weights-dir", type=Path, default=Path("var/weights"))
    parser.add_argument("--embedder", action="append", help="only this one; may be repeated")
    parser.add_argument("--lfw", action="store_true", help="also the pairs of LFW, minutes more")
    arguments = parser.parse_args()
    try:
        section = evaluate(
            arguments.data,
            arguments.cache,
            arguments.weights_dir,
            arguments.embedder,
            with_lfw=arguments.lfw,
        )
    except InferenceError as error:
        sys.exit(f"error: {error}")
    print(section.markdown)
    save(section)


if __name__ == "__main__":
    main()
