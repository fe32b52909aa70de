"""Fancams: a star is looked for in a part of a video, then a tall window follows her."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from django.utils.translation import gettext, gettext_noop

from webapp.vision.engine.roster import Roster
from webapp.vision.films.analysis import ANALYSED_SIDE, gallery_of
from webapp.vision.films.making import CannotFilmError, caption_strip
from webapp.vision.models.loading import fit_threads, live_models, lock, plain_errors
from webapp.vision.sandbox.videos import StretchFrame, cut_fancam, open_stretch

if TYPE_CHECKING:
    from inference.fancam.path import Path as WindowPath
    from inference.fancam.path import Sighting
    from inference.types import RGBImage

Box = tuple[float, float, float, float]

LOOKS_A_SECOND = 8.0
PART_SECONDS = 30.0
"""So long a part is looked at in one go; in between others may use the models."""
LOOKING_SHARE = 0.5
"""Of the whole work, as progress tells it."""
WINDOWS_A_SECOND = 30
NOBODY = gettext_noop(
    "%(name)s was not found in this part of the video. Choose another part, or another star."
)


@dataclass(frozen=True, slots=True)
class FancamOrder:
    """What is wanted.

    Attributes:
        span: First and last second of the video.
        person: Whom it follows.
        caption: Written under the picture; empty for nothing.
    """

    span: tuple[float, float]
    person: UUID
    caption: str = ""


def make_fancam(
    source: Path, target: Path, order: FancamOrder, roster: Roster, tell: Callable[[float], None]
) -> float:
    """Write the fancam of a star; a second of film takes about a second.

    Args:
        source: The video.
        target: Written anew; a plan lies beside it meanwhile.
        order: What is wanted.
        roster: Who can be named.
        tell: Called with the share that is done; may raise to stop.

    Returns:
        The share of the part in which the star is seen.

    Raises:
        CannotFilmError: She is nowhere in it; the text says so.
        UnavailableError: A model is missing.
        webapp.vision.sandbox.videos.UnreadableVideoError: The file is at fault.
        webapp.vision.sandbox.videos.ReaderDiedError: The reading process crashed.
    """
    path, size = _plan(source, order, roster, lambda share: tell(LOOKING_SHARE * share))
    plan = target.with_name(f"{target.name}.plan.part")
    caption = caption_strip(order.caption, size)
    try:
        with plan.open("wb") as file:
            np.savez(file, times=path.times, windows=path.windows, caption=caption)
        rest = 1 - LOOKING_SHARE
        cut_fancam(source, target, plan, order.span, lambda done: tell(LOOKING_SHARE + rest * done))
    finally:
        plan.unlink(missing_ok=True)
    return float(path.is_seen.mean())


def _plan(
    source: Path, order: FancamOrder, roster: Roster, tell: Callable[[float], None]
) -> "tuple[WindowPath, tuple[int, int]]":
    """Return where the window goes, and the size of the fancam in pixels."""
    from inference.fancam.path import plan
    from inference.fancam.rendering import output_size

    sightings, size = _look(source, order, roster, tell)
    if size is None or all(one.box is None for one in sightings):
        name = roster.names.get(order.person, gettext("This star"))
        raise CannotFilmError(NOBODY % {"name": name})
    start, stop = order.span
    times = np.arange(start, stop, 1 / WINDOWS_A_SECOND)
    return plan(sightings, size, times), output_size(*size)


def _look(
    source: Path, order: FancamOrder, roster: Roster, tell: Callable[[float], None]
) -> "tuple[list[Sighting], tuple[int, int] | None]":
    """Return where the star is, in pixels of the upright picture, and that picture's size."""
    from inference.fancam.path import Sighting

    start, stop = order.span
    found: list[Sighting] = []
    size: tuple[int, int] | None = None
    tell_time = _tell_time(order.span, tell)
    begin = start
    while begin < stop:
        end = min(stop, begin + PART_SECONDS)
        seen, size_here = _look_at_part(source, (begin, end), order.person, roster, tell_time)
        size = size or size_here
        found += seen
        begin = end
    if size is None:
        return [], None
    return [Sighting(one.time, _in_pixels(one.box, size)) for one in found], size


def _in_pixels(box: Box | None, size: tuple[int, int]) -> Box | None:
    if box is None:
        return None
    x1, y1, x2, y2 = box
    return x1 * size[0], y1 * size[1], x2 * size[0], y2 * size[1]


def _tell_time(span: tuple[float, float], tell: Callable[[float], None]) -> Callable[[float], None]:
    """Return what turns a second of the video into a share of the part, once for each second."""
    start, stop = span
    told = start

    def tell_time(seconds: float) -> None:
        nonlocal told
        if seconds - told >= 1:
            told = seconds
            tell(min(1.0, (seconds - start) / (stop - start)))

    return tell_time


def _look_at_part(
    source: Path,
    part: tuple[float, float],
    person: UUID,
    roster: Roster,
    tell: Callable[[float], None],
) -> "tuple[list[Sighting], tuple[int, int] | None]":
    """Return where the star is in a part, as shares of the picture."""
    from inference.engine.following import follow_star

    size: tuple[int, int] | None = None

    def pictures(frames: Iterator[StretchFrame]) -> "Iterator[tuple[float, RGBImage]]":
        nonlocal size
        for frame in frames:
            size = (frame.width, frame.height)
            fit_threads()
            yield frame.seconds, frame.image

    with (
        lock,
        plain_errors(gettext("The search for a star")),
        open_stretch(source, *part, step=1 / LOOKS_A_SECOND, side=ANALYSED_SIDE) as stretch,
    ):
        models = live_models()
        gallery = gallery_of(roster, models)
        if gallery is None:
            return [], None
        found = follow_star(pictures(stretch.frames), models, gallery, str(person), tell)
    return found, size
