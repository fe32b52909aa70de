"""Whose names a film of known people bears, live and as an uploaded video.

``python -m inference.evaluation.film --data DIR`` composes a film of K-pop people (``clips.film``).
Half of them are enrolled with photos that the film does not show, and the library has learnt from
these; the others are strangers. The engine's own code follows the film like a camera, and walks it
like a video: counted are its tracks by the sure names they ever bore, and the moments of the video
by the name under which they would be filed.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from inference import pairing
from inference.detection import load_detector
from inference.device import bound_threads
from inference.engine.galleries import LiveGallery
from inference.engine.models import ShippedModels
from inference.engine.video import WalkSettings, walk_video
from inference.errors import DatasetError, InferenceError
from inference.evaluation.clips.comparison import Run, Seen, name_at
from inference.evaluation.clips.film import Place, compose_film
from inference.evaluation.clips.making import Clip
from inference.evaluation.composed import read_photo
from inference.evaluation.live import EngineRecipe, people_of
from inference.evaluation.report import Section, save, table
from inference.moments.candidates import ChosenMoment
from inference.moments.taste import Taste
from inference.recognition.adaptation import library_postprocessing
from inference.recognition.gallery import Gallery

SEED = 2026
SHOTS = 24
REFERENCES = 5
LEAST_SIGHTINGS = 3
"""A track of fewer frames has hardly been looked at."""

LATE_FRAMES = 6
"""So long, half a second, a track may bear the name of who was there just before."""

OUTCOMES = ("right", "wrong", "unknown", "strangers_named", "strangers_unknown")


def cast_film(
    people: Mapping[str, Sequence[Path]], seed: int
) -> tuple[dict[str, Sequence[Path]], dict[str, Sequence[Path]]]:
    """Choose who is enrolled, and by which photos.

    Returns:
        References of half of the people, and the photos of everybody that the film may show.
    """
    draw = np.random.default_rng(seed)
    usable = sorted(name for name, photos in people.items() if len(photos) > REFERENCES)
    enrolled = set(draw.permutation(usable)[: len(usable) // 2].tolist())
    shuffled = {
        name: [Path(path) for path in draw.permutation([str(path) for path in people[name]])]
        for name in usable
    }
    references: dict[str, Sequence[Path]] = {
        name: shuffled[name][:REFERENCES] for name in sorted(enrolled)
    }
    return references, {name: paths[REFERENCES:] for name, paths in shuffled.items()}


def enrol(references: Mapping[str, Sequence[Path]], models: ShippedModels) -> LiveGallery:
    """Enrol people as a library does that has learnt from them.

    Raises:
        DatasetError: There is no embedder, or no photo with one face.
    """
    embedder = models.names["embedder"]
    if embedder is None:
        raise DatasetError("no embedder is there")
    sightings, people = [], []
    for name, paths in references.items():
        for path in paths:
            image = read_photo(path)
            faces = models.detect(image)
            if len(faces) == 1:
                sightings.append((image, faces[0]))
                people.append(name)
    if not sightings:
        raise DatasetError("nobody could be enrolled")
    raw = np.concatenate([models.embed([one]) for one in sightings])
    space = library_postprocessing(embedder, raw, people)
    gallery = Gallery(people, space.apply(raw), space.threshold)
    return LiveGallery(1, gallery, {name: name for name in gallery.keys}, space)


def count_tracks(clip: Clip, run: Run, enrolled: frozenset[str]) -> dict[str, int]:
    """Count tracks by what became of them; a single wrong name makes a track wrong.

    Where a crossfade leads a track from one person to another it counts once for each of them,
    by the names it bore in front of that person.
    """
    sightings: Counter[tuple[int, str | None]] = Counter()
    names: defaultdict[tuple[int, str | None], set[str]] = defaultdict(set)
    for number, seen in enumerate(run.frames):
        for face in seen:
            recent = [place for places in clip.places[max(number - LATE_FRAMES, 0) : number]
                      for place in places]  # fmt: skip
            truth = name_at(face.box, clip.places[number]) or name_at(face.box, recent)
            sightings[face.track, truth] += 1
            if face.name is not None and not _is_late(face, [*clip.places[number], *recent], truth):
                names[face.track, truth].add(face.name)
    counts: Counter[str] = Counter()
    for (track, truth), count in sightings.items():
        if count >= LEAST_SIGHTINGS:
            counts[_outcome(truth, names[track, truth], enrolled)] += 1
    return {outcome: counts[outcome] for outcome in OUTCOMES}


def _is_late(face: Seen, places: Sequence[Place], truth: str | None) -> bool:
    """Tell whether a name is that of somebody else who fades out there or was there just before."""
    same = [place for place in places if place[2] == face.name]
    return face.name != truth and name_at(face.box, same) == face.name


def count_moments(
    clip: Clip, moments: Sequence[ChosenMoment], enrolled: frozenset[str]
) -> dict[str, int]:
    """Count moments by whether they are filed under the name of who is in the picture."""
    counts: Counter[str] = Counter()
    for moment in moments:
        best = moment.best
        number = min(round(best.time * clip.rate), len(clip.places) - 1)
        names = {best.star.name} if best.star is not None else set()
        counts[_outcome(name_at(best.box, clip.places[number]), names, enrolled)] += 1
    return {outcome: counts[outcome] for outcome in OUTCOMES}


def _outcome(truth: str | None, names: set[str], enrolled: frozenset[str]) -> str:
    if truth not in enrolled:
        return "strangers_named" if names else "strangers_unknown"
    if names - {truth}:
        return "wrong"
    return "right" if names else "unknown"


def wrong_share(counts: Mapping[str, int]) -> float:
    """Return the share of those with a name that bear a wrong one."""
    wrong = counts["wrong"] + counts["strangers_named"]
    return wrong / max(wrong + counts["right"], 1)


def walk(clip: Clip, models: ShippedModels, gallery: LiveGallery) -> list[ChosenMoment]:
    """Find the moments of a clip as those of an uploaded video."""
    frames = (
        (
            number / clip.rate,
            np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8),
        )
        for number, data in enumerate(clip.frames)
    )
    found = walk_video(frames, models, gallery, WalkSettings(Taste()))
    return [one for one in found if isinstance(one, ChosenMoment)]


def evaluate(data: Path, shots: int, seed: int) -> Section:
    """Compose the film and follow it twice."""
    pairing.prepare()
    models = ShippedModels()
    references, shown = cast_film(people_of(data), seed)
    clip = compose_film(shown, load_detector("mtcnn"), shots, seed)
    gallery = enrol(references, models)
    enrolled = frozenset(references)
    run = EngineRecipe(models).follow(clip, gallery)
    counts = {
        "live_tracks": count_tracks(clip, run, enrolled),
        "video_moments": count_moments(clip, walk(clip, models, gallery), enrolled),
    }
    metrics = {
        name: {**one, "wrong_share": round(wrong_share(one), 4)} for name, one in counts.items()
    }
    text = _INTRODUCTION.format(
        shots=shots, seconds=len(clip.frames) / clip.rate, enrolled=len(references),
        people=len(shown),
    )  # fmt: skip
    rows = [[name, *one.values()] for name, one in metrics.items()]
    text += table(["what", *OUTCOMES, "wrong share of the named"], rows)
    return Section(name="film", title="Names in a film", metrics=metrics, markdown=text)


_INTRODUCTION = (
    "A film of {shots} shots ({seconds:.0f} s) composed of photos: one to three people, zoom, pan, "
    "crossfade, gels and a dark hall, noise. {enrolled} of its {people} people, of two groups, are "
    "enrolled with photos it does not show. A track is wrong if it ever surely bore a wrong name; "
    "one that a crossfade leads to another person counts for each of them, and a name may be half "
    "a second late. "
    "The network never saw these groups, but thresholds and usual levels were chosen on them too, "
    "so the figures are a little kind. Where few are named, the share of the wrong says little.\n\n"
)


def main() -> None:
    """Measure, and keep the section for the report."""
    parser = argparse.ArgumentParser(description="Measure names in a composed film.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the evaluation data")
    parser.add_argument("--shots", type=int, default=SHOTS)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    bound_threads(1)
    try:
        section = evaluate(arguments.data, arguments.shots, arguments.seed)
    except InferenceError as error:
        sys.exit(f"error: {error}")
    print(section.markdown)
    save(section)


if __name__ == "__main__":
    main()
