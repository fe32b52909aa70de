"""Photos and frames of clips that bursts are made of, in two halves that share no person."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from inference.errors import DatasetError
from inference.evaluation.composed import read_photo
from inference.types import EmotionPrediction, Face, RGBImage

LONGEST_SIDE = 800
WIDEST_FACE = 220.0
NARROWEST_FACE = 44.0
MIN_SCORE = 0.98

Detect = Callable[[RGBImage], Sequence[Face]]
Read = Callable[[RGBImage, Face], EmotionPrediction]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A picture with one clear face.

    Attributes:
        person: Who, or which clip; no person is in both halves.
        image: ``(H, W, 3)`` uint8 RGB.
        face: In pixels of ``image``.
        emotions: What it expresses.
        from_clip: Whether it is a frame of a clip.
    """

    person: str
    image: RGBImage
    face: Face
    emotions: EmotionPrediction
    from_clip: bool = False

    @property
    def is_for_tuning(self) -> bool:
        """Whether weights may be fitted on it; the others are reported."""
        return hashlib.sha256(self.person.encode()).digest()[0] % 2 == 0


def read_sources(
    data: Path, detect: Detect, read: Read, per_person: int = 12, strangers: int = 120
) -> list[Source]:
    """Read photos of known people, photos of strangers, and frames of clips.

    Args:
        data: Folder with the evaluation data.
        detect: Finds faces.
        read: Reads an expression.
        per_person: Photos of each known person.
        strangers: Photos of other people, one each.

    Raises:
        DatasetError: There is nothing to read.
    """
    return _usable(_pictures(data, per_person, strangers), data, detect, read)


def read_fresh_sources(data: Path, detect: Detect, read: Read, most: int = 160) -> list[Source]:
    """Read photos of people whom ``read_sources`` does not read, for a look without any choice.

    Raises:
        DatasetError: There is nothing to read.
    """
    known = {person for person, _ in _strangers(data, 0)}
    fresh = [(person, path) for person, path in _strangers(data, 4) if person not in known]
    pictures = ((person, read_photo(path), False) for person, path in fresh[:most])
    return _usable(pictures, data, detect, read)


def _usable(
    pictures: Iterable[tuple[str, RGBImage, bool]], data: Path, detect: Detect, read: Read
) -> list[Source]:
    sources = [
        source
        for person, image, from_clip in pictures
        if (source := _source(person, image, detect, read, from_clip=from_clip)) is not None
    ]
    if not sources:
        raise DatasetError(f"no photos of faces in {data}")
    return sources


def neutral_of(source: Source, sources: Sequence[Source]) -> RGBImage | None:
    """Return the same person without expression, framed like the source.

    Only where the source expresses something, and clips have none: their frames are too alike.
    """
    if source.emotions.label in {None, "neutral"} or source.from_clip:
        return None
    for other in sources:
        if other is not source and other.person == source.person:
            share = other.emotions.probabilities.get("neutral", 0.0)
            if share > 0.6 and 0.8 <= other.face.width / source.face.width <= 1.6:
                scale = source.face.width / other.face.width
                method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
                scaled = cv2.resize(other.image, None, fx=scale, fy=scale, interpolation=method)
                return np.asarray(scaled, dtype=np.uint8)
    return None


def _pictures(data: Path, per_person: int, strangers: int) -> Iterator[tuple[str, RGBImage, bool]]:
    for group in ("blackpink", "twice"):
        for folder in sorted((data / "faces" / "kpop" / group).glob("*/")):
            for path in sorted(folder.glob("*"))[:per_person]:
                yield folder.name, read_photo(path), False
    for person, path in _strangers(data, 0)[:strangers]:
        yield person, read_photo(path), False
    for path in sorted((data / "videos").glob("*.mp4")):
        for image in _frames(path):
            yield path.stem, image, True


def _strangers(data: Path, first: int) -> list[tuple[str, Path]]:
    """Return every eighth photo of a stranger, with a name, from ``first`` on."""
    paths = sorted((data / "faces" / "lfw_unpaired").glob("*.jpg"))[first::8]
    return [(path.stem.rsplit("_", 1)[0], path) for path in paths]


def _frames(path: Path, every_seconds: float = 1.0, most: int = 12) -> Iterator[RGBImage]:
    video = cv2.VideoCapture(str(path))
    step = max(round((video.get(cv2.CAP_PROP_FPS) or 25) * every_seconds), 1)
    for index in range(step * most):
        is_read, pixels = video.read()
        if not is_read:
            break
        if index % step == 0:
            yield np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    video.release()


def _source(
    person: str, image: RGBImage, detect: Detect, read: Read, *, from_clip: bool
) -> Source | None:
    """Scale a picture to a common size; ``None`` where it shows no face large enough."""
    face = _largest(detect(image))
    if face is None:
        return None
    scale = min(LONGEST_SIDE / max(image.shape[:2]), WIDEST_FACE / face.width, 1.0)
    if scale < 1:
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        image = np.asarray(small, dtype=np.uint8)
        face = _largest(detect(image))
    if face is None or face.score < MIN_SCORE or face.width < NARROWEST_FACE:
        return None
    return Source(person, image, face, read(image, face), from_clip)


def _largest(faces: Sequence[Face]) -> Face | None:
    return max(faces, key=lambda face: face.width, default=None)
