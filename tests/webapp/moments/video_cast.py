"""Videos to test with, and an analysis that finds what a test says."""

import itertools
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests import factories
from tests.inference.video.films import make_film
from webapp.accounts.models import User
from webapp.core.jobs import tasks
from webapp.core.models import Job
from webapp.moments.models import Video
from webapp.moments.video import storage as video_storage
from webapp.moments.video.services import ANALYSE
from webapp.people.models import Person
from webapp.vision.chosen import ChosenFrame, ChosenMoment
from webapp.vision.films.analysis import FacePath, Findings, Sample, Slice

RATE = 10
TICKS_PER_SECOND = 16_000
"""Of the MP4 files that ``make_film`` writes."""

_numbers = itertools.count(1)
BOX = (1000, 1000, 3000, 4000)
TERMS = {"eyes": 0.9, "sharpness": 0.8}
CALM = {"neutral": 1.0}


def frame_at(seconds: float, score: float = 0.7) -> ChosenFrame:
    """The frame of a film at this time, a multiple of a tenth of a second."""
    return ChosenFrame(
        number=round(seconds * TICKS_PER_SECOND),
        captured_at=round(1000 * seconds),
        score=score,
        terms=TERMS,
        reason="eyes open, sharp",
        box=(0.1, 0.1, 0.3, 0.4),
        emotion="happy",
        emotions={"happy": 0.8, "neutral": 0.2},
    )


def instant(seconds: float, *people: UUID, alternates: Iterable[float] = (0.1,)) -> ChosenMoment:
    """A moment, whose alternates follow after these many seconds."""
    others = [frame_at(round(seconds + later, 3), 0.5) for later in alternates]
    return ChosenMoment(people, (frame_at(seconds), *others))


@dataclass
class FakeAnalysis:
    """Finds in each slice those of its instants and samples that lie there.

    Attributes:
        length: Of the video in seconds.
        asked: The slices it was given.
    """

    length: float
    instants: list[ChosenMoment] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    asked: list[Slice] = field(default_factory=list)
    paths: list[FacePath] = field(default_factory=list)

    def __call__(
        self, path: Path, wanted: Slice, is_needed_elsewhere: Callable[[], bool] = lambda: False
    ) -> Findings:
        """Answer like ``analyse_slice``; who needs the worker elsewhere gets it after 10 s."""
        if is_needed_elsewhere():
            wanted = replace(wanted, stop=wanted.start + 10)
        self.asked.append(wanted)
        here = [one for one in self.instants if wanted.start <= one.best.seconds < wanted.stop]
        bins = [one for one in self.samples if wanted.start <= one.second < wanted.stop]
        paths = [one for one in self.paths if wanted.start <= one.boxes[0][0] / 1000 < wanted.stop]
        reached, is_over = min(self.length, wanted.stop), self.length <= wanted.stop
        return Findings(tuple(here), tuple(bins), reached, is_over, 0, tuple(paths), wanted.stop)


@cache
def _film(seconds: float) -> bytes:
    """Return a film of this length, encoded once for all tests of a process."""
    with tempfile.TemporaryDirectory() as folder:
        return make_film(Path(folder) / "film.mp4", seconds=seconds, rate=RATE).read_bytes()


def make_video(owner: User, seconds: float = 8.0, **fields: Any) -> Video:
    """Make a video whose file is there and whose analysis is queued."""
    film = _film(seconds)
    values = {"display_name": "fancam.mp4", "sha256": f"{next(_numbers):064d}"}
    video = Video.objects.create(owner=owner, bytes=len(film), **{**values, **fields})
    path = video_storage.file_of(video.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(film)
    factories.make_job(owner, ANALYSE, video.pk)
    return video


def analyse(video: Video, slices: int = 100) -> int:
    """Do the slices of a video that are queued, at most so many; returns how many there were."""
    for done in range(slices):
        job = Job.objects.filter(
            subject_id=video.pk, stage=ANALYSE, state=Job.State.PENDING
        ).first()
        if job is None:
            return done
        tasks.perform(job.pk)
    return slices


def three_moments(star: Person) -> FakeAnalysis:
    """Two slices with moments, and a third with nothing but samples."""
    return FakeAnalysis(
        length=65,
        instants=[instant(5.0, star.pk), instant(29.5, star.pk), instant(40.0)],
        samples=[Sample(star.pk, second, CALM, 40) for second in range(0, 65, 5)],
        paths=[
            FacePath(star.pk, ((4_000, *BOX), (6_000, *BOX))),
            FacePath(None, ((40_000, *BOX),)),
        ],
    )


def use(monkeypatch: pytest.MonkeyPatch, analysis: FakeAnalysis) -> FakeAnalysis:
    """Let the stage use this analysis."""
    monkeypatch.setattr("webapp.moments.video.slices.analyse_slice", analysis)
    return analysis


def files_below(folder: Path) -> list[str]:
    """Return the names of all files, relative to the folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
