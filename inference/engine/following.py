"""Where one star is on the pictures of a film, as precisely as they were looked at.

A walk names a track only once it is sure, and the star was there before that: her name counts for
the whole track, also backwards. What another name was surer of is not hers.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from inference.engine.analysis import Analysis
from inference.engine.camera import Camera
from inference.engine.galleries import LiveGallery
from inference.engine.models import LiveModels
from inference.engine.video import view_of
from inference.fancam.path import Sighting
from inference.moments.observer import Observer
from inference.moments.taste import NOT_WANTED
from inference.tracking.tracker import Tracker
from inference.types import RGBImage

_SEARCH_EVERY = 2

Box = tuple[float, float, float, float]


@dataclass
class _Walked:
    """What was seen of all faces.

    Attributes:
        times: Of the pictures.
        boxes: By picture and track, as shares of the picture.
        votes: By track: on how many pictures each star was surely it.
    """

    times: list[float] = field(default_factory=list)
    boxes: list[dict[int, Box]] = field(default_factory=list)
    votes: defaultdict[int, defaultdict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )

    def of_star(self, star: str) -> set[int]:
        """Return the tracks that are hers."""
        return {
            track
            for track, votes in self.votes.items()
            if votes[star] and votes[star] >= max(votes.values())
        }


def follow_star(
    frames: Iterable[tuple[float, RGBImage]],
    models: LiveModels,
    gallery: LiveGallery,
    star: str,
    tell: Callable[[float], None] = lambda _: None,
) -> list[Sighting]:
    """Look for a star on every picture.

    Args:
        frames: Time in seconds of the film, rising, and ``(H, W, 3)`` uint8 RGB; about eight a
            second are enough.
        models: The networks.
        gallery: Who can be named.
        star: Her key in the gallery.
        tell: Called with the time of each picture; may raise to stop.

    Returns:
        One for each picture, with her box as shares of its width and height, or ``None``.
    """
    walked = _walk(frames, models, gallery, tell)
    hers = walked.of_star(star)
    return [
        Sighting(time, _largest(box for track, box in boxes.items() if track in hers))
        for time, boxes in zip(walked.times, walked.boxes, strict=True)
    ]


def _walk(
    frames: Iterable[tuple[float, RGBImage]],
    models: LiveModels,
    gallery: LiveGallery,
    tell: Callable[[float], None],
) -> _Walked:
    observer = Observer(NOT_WANTED, models.space.threshold)
    camera = Camera((0, "fancam"), "", Tracker(models.space), observer)
    analysis, walked = Analysis(models), _Walked()
    for time, image in frames:
        view = view_of(camera, time, image, frozenset({"names"}))
        analysis.find([view], _SEARCH_EVERY)
        analysis.describe([view], {"": gallery})
        height, width = view.decoded.image.shape[:2]
        boxes: dict[int, Box] = {}
        for track, face in view.seen():
            x1, y1, x2, y2 = (float(side) for side in face.box)
            boxes[track.id] = (x1 / width, y1 / height, x2 / width, y2 / height)
            if track.name is not None and track.name.is_sure:
                walked.votes[track.id][track.name.key] += 1
        walked.times.append(time)
        walked.boxes.append(boxes)
        tell(time)
    return walked


def _largest(boxes: Iterator[Box]) -> Box | None:
    return max(boxes, key=lambda box: box[3] - box[1], default=None)
