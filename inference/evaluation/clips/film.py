"""A film of known people as a stage camera would cut it, composed out of photos.

Shots of one to three people, each zoomed or panned over, crossfaded, under a gel or a dark hall,
with the noise of a sensor; who is where is known on every frame. The same seed composes the same
film.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.datasets.stage_light import JPEG_QUALITY, LIGHTS, NOISE, light_gains
from inference.detection import FaceDetector
from inference.errors import DatasetError
from inference.evaluation.clips.making import HEIGHT, WIDTH, Clip
from inference.evaluation.composed import read_photo
from inference.types import RGBImage

RATE = 12
SHOT_FRAMES, FADE_FRAMES = 30, 5
CANVAS_WIDTH, CANVAS_HEIGHT = 832, 468
"""A shot is larger than the picture, so that there is something to pan and zoom over."""

_TILES = {1: 400, 2: 320, 3: 250}
"""Side of a photo by how many stand in the shot."""

_WHITE = ""
_LEAST_SCORE = 0.99

Place = tuple[float, float, str]
Window = NDArray[np.float64]
"""``(left, top, width)`` of what is seen of a canvas."""


@dataclass(frozen=True, eq=False)
class Shot:
    """What stands before the camera, and how it moves.

    Attributes:
        canvas: ``(CANVAS_HEIGHT, CANVAS_WIDTH, 3)`` uint8 RGB.
        places: Centres of the faces in its pixels, with the people's names.
        gains: What the light leaves of red, green and blue.
        begin: Window at the first frame.
        end: At the last.
    """

    canvas: RGBImage
    places: Sequence[Place]
    gains: NDArray[np.float32]
    begin: Window
    end: Window

    def view(self, share: float) -> tuple[RGBImage, list[Place]]:
        """Return what is seen after a share of the shot, and where the faces are in it."""
        left, top, width = self.begin + share * (self.end - self.begin)
        scale = WIDTH / width
        matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
        seen = cv2.warpAffine(self.canvas, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
        lit = np.asarray(seen * self.gains, dtype=np.float32)
        places = [((x - left) * scale, (y - top) * scale, name) for x, y, name in self.places]
        return np.asarray(lit.clip(0, 255), dtype=np.uint8), places


def compose_film(
    people: Mapping[str, Sequence[Path]], detector: FaceDetector, shots: int, seed: int
) -> Clip:
    """Compose a film.

    Args:
        people: Name to photos that may be shown; those without one clear face are passed over.
        detector: Finds the face in each photo.
        shots: How many; one of people without a usable photo is left out.
        seed: For all that is chance.

    Raises:
        DatasetError: Nobody has a usable photo.
    """
    draw = np.random.default_rng(seed)
    frames: list[bytes] = []
    places: list[list[Place]] = []
    before: tuple[RGBImage, list[Place]] | None = None
    for shot in _shots(people, detector, shots, draw):
        for number in range(SHOT_FRAMES):
            image, there = shot.view(number / (SHOT_FRAMES - 1))
            if before is not None and number < FADE_FRAMES:
                share = (number + 1) / (FADE_FRAMES + 1)
                blended = cv2.addWeighted(image, share, before[0], 1 - share, 0)
                image, there = np.asarray(blended, dtype=np.uint8), [*there, *before[1]]
            frames.append(_noisy_jpeg(image, draw))
            places.append(there)
        before = shot.view(1.0)
    if not frames:
        raise DatasetError("no photo with one clear face to compose a film of")
    return Clip("film", frames, RATE, places)


def _shots(
    people: Mapping[str, Sequence[Path]],
    detector: FaceDetector,
    count: int,
    draw: np.random.Generator,
) -> Iterator[Shot]:
    names = sorted(people)
    for _ in range(count):
        cast = draw.permutation(names)[: int(draw.integers(1, 4))].tolist()
        canvas = np.full((CANVAS_HEIGHT, CANVAS_WIDTH, 3), draw.integers(10, 60), dtype=np.uint8)
        places: list[Place] = []
        for place, name in enumerate(cast):
            tile = _tile(
                draw.permutation([str(path) for path in people[name]]).tolist(), detector, len(cast)
            )
            if tile is None:
                continue
            photo, (x, y) = tile
            left = (2 * place + 1) * CANVAS_WIDTH // (2 * len(cast)) - photo.shape[1] // 2
            top = (CANVAS_HEIGHT - photo.shape[0]) // 2
            canvas[top : top + photo.shape[0], left : left + photo.shape[1]] = photo
            places.append((left + x, top + y, name))
        if not places:
            continue
        light = str(draw.choice([_WHITE, *LIGHTS]))
        gains = light_gains(light, draw) if light else np.ones(3, np.float32)
        yield Shot(canvas, places, gains, _window(draw), _window(draw))


def _window(draw: np.random.Generator) -> Window:
    """Draw what is seen of a canvas: all of its middle, or nearer, a little to a side."""
    width = draw.uniform(0.85, 1.0) * CANVAS_WIDTH
    height = width * HEIGHT / WIDTH
    return np.array(
        [
            draw.uniform(0, CANVAS_WIDTH - width),
            draw.uniform(0, max(CANVAS_HEIGHT - height, 0.0)),
            width,
        ]
    )


def _tile(
    paths: Sequence[str], detector: FaceDetector, beside: int
) -> tuple[RGBImage, tuple[float, float]] | None:
    """Return the first photo of one clear face, scaled, with the centre of the face."""
    for path in paths:
        photo = read_photo(Path(path))
        scale = _TILES[beside] / max(photo.shape[:2])
        small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        faces = detector.detect(np.asarray(small, dtype=np.uint8))
        if len(faces) == 1 and faces[0].score >= _LEAST_SCORE:
            x1, y1, x2, y2 = faces[0].box
            return np.asarray(small, dtype=np.uint8), ((x1 + x2) / 2, (y1 + y2) / 2)
    return None


def _noisy_jpeg(image: RGBImage, draw: np.random.Generator) -> bytes:
    noisy = image + draw.normal(0.0, NOISE, image.shape)
    pixels = np.clip(noisy.round(), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return data.tobytes()
