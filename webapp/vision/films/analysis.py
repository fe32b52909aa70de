"""The moments and emotions of a part of a video, as plain values."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from django.utils.translation import gettext

from webapp.vision.chosen import ChosenMoment, scored_frame
from webapp.vision.engine.messages import Taste
from webapp.vision.engine.roster import Roster
from webapp.vision.gallery.spaces import learnt_postprocessing, to_rows
from webapp.vision.models.loading import fit_threads, live_models, lock, model_tag, plain_errors
from webapp.vision.sandbox.videos import Stretch, StretchFrame, open_stretch
from webapp.vision.values import Sample, UnavailableError

if TYPE_CHECKING:
    from inference.engine.galleries import LiveGallery
    from inference.engine.models import LiveModels, Sighting
    from inference.engine.video import SeenTrack, WalkSettings
    from inference.moments.candidates import ChosenMoment as SelectedMoment
    from inference.moments.candidates import EarlierMoment
    from inference.protocol.messages import Models
    from inference.recognition.postprocessing import PostProcessing
    from inference.types import Embeddings, RGBImage

ANALYSED_SIDE = 800
"""Pixels of the longer side in which faces are looked for; the kept frames have all pixels."""

ASK_SECONDS = 1.0

_NO_PIXELS = np.zeros((0, 0, 3), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class FacePath:
    """Where one face was during a slice.

    Attributes:
        person: Whose it surely is; ``None`` for somebody unknown.
        boxes: Milliseconds of the video, then ``x1 y1 x2 y2`` in ten-thousandths of the upright
            frame's width and height; rising in time, never empty.
    """

    person: UUID | None
    boxes: tuple[tuple[int, int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A named moment of the parts before; the next ones keep their distance and look otherwise.

    Attributes:
        look: As :class:`webapp.vision.chosen.ChosenMoment` has it.
    """

    person: UUID
    seconds: float
    score: float
    emotion: str = ""
    look: bytes = b""


@dataclass(frozen=True, slots=True)
class Slice:
    """What is to be analysed.

    Attributes:
        start: In seconds, a multiple of the bins of a timeline; ``stop`` likewise.
        roster: Who can be named; ``None`` without the owner's consent: no embedding is made then.
        taste: Of the owner.
        earlier: Named moments before, of the last minute, and all that have a look.
    """

    start: float
    stop: float
    roster: Roster | None
    taste: Taste
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """What a slice of a video holds.

    Attributes:
        moments: In the order of time.
        samples: Of named stars only.
        reached: Time of the last frame looked at in seconds; 0 where there was none.
        is_over: Whether the video ends within the slice.
        faults: Packets that could not be decoded.
        paths: Where each face was.
        stop: Where it ended: as was wanted, or sooner because the worker was needed elsewhere.
    """

    moments: tuple[ChosenMoment, ...]
    samples: tuple[Sample, ...]
    reached: float
    is_over: bool
    faults: int
    paths: tuple[FacePath, ...] = ()
    stop: float = math.inf


def analyse_slice(
    path: Path, wanted: Slice, is_needed_elsewhere: Callable[[], bool] = lambda: False
) -> Findings:
    """Look for moments in a part of a video; seconds to minutes.

    Doing it twice gives the same, as long as nobody needs the worker.

    Args:
        path: The video.
        wanted: What of it.
        is_needed_elsewhere: Asked every second; from then on the slice ends with the bin of the
            timeline that is being looked at, so that who waits gets the worker soon.

    Raises:
        UnavailableError: A model is missing.
        webapp.vision.sandbox.videos.UnreadableVideoError: The file is at fault.
        webapp.vision.sandbox.videos.ReaderDiedError: The reading process crashed.
    """
    from inference.engine.video import LEAD_SECONDS, TAIL_SECONDS, VIDEO_FRAME_RATE

    begin, end = max(0.0, wanted.start - LEAD_SECONDS), wanted.stop + TAIL_SECONDS
    step = 1 / VIDEO_FRAME_RATE
    with (
        lock,
        plain_errors(gettext("The search for moments")),
        open_stretch(path, begin, end, step=step, side=ANALYSED_SIDE) as stretch,
    ):
        found = _walk(stretch, wanted, is_needed_elsewhere)
    # What lies behind the slice is the next one's, though it ends within our tail.
    is_over = stretch.is_over and stretch.reached < found.stop
    return replace(found, reached=stretch.reached, is_over=is_over, faults=stretch.faults)


def _walk(stretch: Stretch, wanted: Slice, is_needed_elsewhere: Callable[[], bool]) -> Findings:
    """Walk over the frames of a slice with the models of this process."""
    from inference.engine.video import EmotionSample, SeenTrack, WalkSettings, walk_video
    from inference.moments.taste import read_taste

    models = live_models() if wanted.roster is not None else WithoutNames(live_models())
    gallery = gallery_of(wanted.roster, models) if wanted.roster is not None else None
    settings = WalkSettings(
        taste=read_taste(wanted.taste),
        start=wanted.start,
        end=wanted.stop,
        earlier=[_earlier(one) for one in wanted.earlier],
    )
    seen: dict[float, StretchFrame] = {}
    moments: list[ChosenMoment] = []
    samples: list[Sample] = []
    paths: list[FacePath] = []
    frames = _noted(_ending(stretch.frames, settings, is_needed_elsewhere), seen)
    for found in walk_video(frames, models, gallery, settings):
        if isinstance(found, EmotionSample):
            person = UUID(found.star.person)
            samples.append(Sample(person, found.second, found.emotions, found.count))
        elif isinstance(found, SeenTrack):
            paths.append(_path(found))
        else:
            moments.append(_chosen(found, seen))
    found_all = Findings(tuple(moments), tuple(samples), reached=0.0, is_over=False, faults=0)
    return replace(found_all, paths=tuple(paths), stop=settings.end)


def _ending(
    frames: Iterator[StretchFrame],
    settings: "WalkSettings",
    is_needed_elsewhere: Callable[[], bool],
) -> Iterator[StretchFrame]:
    """Pass frames on until the slice ends; it ends sooner once the worker is needed elsewhere.

    An end that was drawn nearer has all its frames, those of the tail too, so that the next slice
    goes on as if it had been planned like this.
    """
    from inference.engine.video import SAMPLE_SECONDS, TAIL_SECONDS

    planned, asked_at = settings.end, time.monotonic()
    for frame in frames:
        if settings.end < planned and frame.seconds >= settings.end + TAIL_SECONDS:
            return
        if settings.end == planned and time.monotonic() - asked_at >= ASK_SECONDS:
            asked_at = time.monotonic()
            if frame.seconds >= settings.start and is_needed_elsewhere():
                bins = int(frame.seconds // SAMPLE_SECONDS) + 1
                settings.end = min(planned, float(bins * SAMPLE_SECONDS))
        yield frame


def _noted(
    frames: Iterator[StretchFrame], seen: dict[float, StretchFrame]
) -> "Iterator[tuple[float, RGBImage]]":
    """Pass frames on, remembering by their times which they were; the pixels are not kept."""
    for frame in frames:
        fit_threads()
        seen[frame.seconds] = replace(frame, image=_NO_PIXELS)
        yield frame.seconds, frame.image


class WithoutNames:
    """Models that recognise nobody, for an owner who has not agreed to it."""

    def __init__(self, models: "LiveModels") -> None:
        self._models = models
        self.detect = models.detect
        self.refine = models.refine
        self.quality = models.quality
        self.read_emotions = models.read_emotions
        self.load_segmenter = models.load_segmenter

    @property
    def names(self) -> "Models":
        """Which model does what."""
        return {**self._models.names, "embedder": None}

    @property
    def space(self) -> "PostProcessing":
        """No similarity is enough."""
        return replace(self._models.space, threshold=2.0)

    def embed(self, sightings: "Sequence[Sighting]") -> "Embeddings":
        """Refuse; nobody may ask."""
        raise UnavailableError(gettext("Faces are not recognised without consent."))


def gallery_of(roster: Roster, models: "LiveModels") -> "LiveGallery | None":
    """Return who can be named, by the references that the present embedder made."""
    from inference.engine.galleries import LiveGallery
    from inference.recognition.gallery import Gallery

    tag = model_tag(models.names["embedder"] or "")
    rows = roster.usable(tag)
    if not rows:
        return None
    keys, learnt = [str(row.person) for row in rows], roster.space_of(tag)
    space = learnt_postprocessing(learnt) if learnt else models.space
    references = space.apply(to_rows([row.embedding for row in rows]))
    gallery = Gallery(keys, references, space.threshold)
    names = {str(person): name for person, name in roster.names.items()}
    return LiveGallery(revision=1, gallery=gallery, names=names, space=space)


def _chosen(moment: "SelectedMoment", seen: dict[float, StretchFrame]) -> ChosenMoment:
    frames = [(one, seen[one.time]) for one in moment.frames]
    return ChosenMoment(
        people=tuple(UUID(star.person) for star in moment.stars),
        frames=tuple(
            scored_frame(one, number=frame.tick, captured_at=round(1000 * frame.seconds))
            for one, frame in frames
        ),
        look=moment.best.signature.astype("<f2").tobytes() if len(moment.stars) == 1 else b"",
    )


def _path(track: "SeenTrack") -> FacePath:
    def share(edge: float) -> int:
        return round(10_000 * min(1.0, max(0.0, edge)))

    boxes = tuple((round(1000 * seconds), *map(share, box)) for seconds, *box in track.boxes)
    person = UUID(track.star.person) if track.star is not None else None
    return FacePath(person, boxes)  # type: ignore[arg-type]


def _earlier(one: Earlier) -> "EarlierMoment":
    """Return an earlier moment as the library has it; its names load with the models."""
    from inference.moments.candidates import EarlierMoment

    look = np.frombuffer(one.look, dtype="<f2").astype(np.float32) if one.look else None
    return EarlierMoment(str(one.person), one.seconds, one.score, one.emotion or None, look)
