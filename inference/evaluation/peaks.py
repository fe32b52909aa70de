"""Are the known peaks of a film kept, and nothing that is flawed or shown already?

``python -m inference.evaluation.peaks --data DIR`` composes films of known stars with a known peak
in each shot (``clips.peaks``) and walks them as uploaded videos are. Counted are the peaks that
have a moment within half a second, and the moments that show a blurred face, closed eyes, or what
another moment of the same shot shows too.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from inference import pairing
from inference.device import bound_threads
from inference.engine.models import ShippedModels
from inference.engine.video import VIDEO_FRAME_RATE, WalkSettings, walk_video
from inference.errors import InferenceError
from inference.evaluation.bursts.sources import Source
from inference.evaluation.clips.peaks import SHOT_SECONDS, PeakShot, peak_frames, peak_shots
from inference.evaluation.composed import read_photo
from inference.evaluation.film import REFERENCES, enrol
from inference.evaluation.live import people_of
from inference.evaluation.report import Section, save, table
from inference.moments.candidates import ChosenMoment
from inference.moments.taste import Taste

MINUTES = 10.0
SEEDS = (2026,)
WITHIN_SECONDS = 0.5
COUNTS = ("shots", "peaks_kept", "moments", "near_equal", "flawed", "named", "named_wrong")
LEAST_SCORE, LEAST_WIDTH = 0.98, 60.0


def cast_peaks(
    people: Mapping[str, Sequence[Path]], seed: int
) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
    """Split everybody's photos, by chance, into references and those that the film may show."""
    draw = np.random.default_rng(seed)
    references, shown = {}, {}
    for name in sorted(people):
        photos = sorted(people[name])
        shuffled = [photos[index] for index in draw.permutation(len(photos))]
        references[name], shown[name] = shuffled[:REFERENCES], shuffled[REFERENCES:]
    return references, shown


def read_looks(shown: Mapping[str, Sequence[Path]], models: ShippedModels) -> list[Source]:
    """Read the photos that show one clear face, with what it expresses."""
    looks = []
    for name, paths in shown.items():
        for path in paths:
            image = read_photo(path)
            faces = models.detect(image)
            if len(faces) == 1 and faces[0].score >= LEAST_SCORE and faces[0].width >= LEAST_WIDTH:
                (emotions,) = models.read_emotions([(image, faces[0])])
                looks.append(Source(name, image, faces[0], emotions))
    return looks


def count(shots: Sequence[PeakShot], moments: Sequence[ChosenMoment]) -> dict[str, int]:
    """Count peaks with a moment, and moments that should not be there or bear a wrong name."""
    times = [moment.best.time for moment in moments]
    counts = Counter(shots=len(shots), moments=len(moments))
    counts["peaks_kept"] = sum(
        any(abs(time - shot.peak) <= WITHIN_SECONDS for time in times) for shot in shots
    )
    seen: set[tuple[int, str]] = set()
    for moment in sorted(moments, key=lambda one: one.best.time):
        number = min(int(moment.best.time / SHOT_SECONDS), len(shots) - 1)
        shot, star = shots[number], moment.best.star
        look = shot.shown_at(moment.best.time)
        counts["flawed"] += look == shot.flaw
        counts["near_equal"] += look != shot.flaw and (number, look) in seen
        seen.add((number, look))
        counts["named"] += star is not None
        counts["named_wrong"] += star is not None and star.name != shot.person
    return {name: counts[name] for name in COUNTS}


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Return the two shares that have a goal."""
    unwanted = counts["near_equal"] + counts["flawed"]
    return {
        "kept_share": round(counts["peaks_kept"] / max(counts["shots"], 1), 4),
        "unwanted_share": round(unwanted / max(counts["moments"], 1), 4),
    }


def measure(data: Path, models: ShippedModels, minutes: float, seed: int) -> dict[str, int]:
    """Compose one film and walk it."""
    references, shown = cast_peaks(people_of(data), seed)
    most = max(round(60 * minutes / SHOT_SECONDS), 1)
    shots = peak_shots(read_looks(shown, models), most, seed)
    frames = peak_frames(shots, VIDEO_FRAME_RATE, seed)
    found = walk_video(frames, models, enrol(references, models), WalkSettings(Taste()))
    return count(shots, [one for one in found if isinstance(one, ChosenMoment)])


def evaluate(data: Path, minutes: float, seeds: Sequence[int]) -> Section:
    """Measure a film of each seed, and all of them together."""
    pairing.prepare()
    models = ShippedModels()
    films = {str(seed): measure(data, models, minutes, seed) for seed in seeds}
    together = {name: sum(film[name] for film in films.values()) for name in COUNTS}
    metrics = {name: {**one, **shares(one)} for name, one in {**films, "all": together}.items()}
    rows = [[name, *one.values()] for name, one in metrics.items()]
    text = _INTRODUCTION.format(
        films=len(films), minutes=together["shots"] * SHOT_SECONDS / 60, within=WITHIN_SECONDS
    ) + table(["seed", *metrics["all"]], rows)
    return Section(name="peaks", title="Known peaks of a film", metrics=metrics, markdown=text)


_INTRODUCTION = (
    "{films} films, {minutes:.1f} minutes together, of shots of six seconds: a calm photo, once "
    "for half a second an expressive one of the same star (which is which says the emotion "
    "network), and at another time the expressive one blurred or with painted lids. Everybody is "
    "enrolled with photos that the film does not show, and films are walked as uploaded videos "
    "are. `peaks_kept`: peaks with a moment within {within} s; `near_equal`: moments that show "
    "what another of the same shot shows; `flawed`: blurred or eyes closed. The weights of the "
    "score were fitted on photos of some of the same people.\n\n"
)


def main() -> None:
    """Measure, and keep the section for the report."""
    parser = argparse.ArgumentParser(description="Count the known peaks that a film's moments hit.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the evaluation data")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of a film, at most")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    arguments = parser.parse_args()
    bound_threads(1)
    try:
        section = evaluate(arguments.data, arguments.minutes, arguments.seeds)
    except InferenceError as error:
        sys.exit(f"error: {error}")
    print(section.markdown)
    save(section)


if __name__ == "__main__":
    main()
