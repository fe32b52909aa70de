"""A camera that films coloured squares, and networks that take them for faces."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.galleries import LiveGallery
from inference.engine.mailboxes import Frame
from inference.engine.models import Sighting
from inference.errors import WeightsError
from inference.protocol.messages import Models
from inference.recognition.gallery import Gallery
from inference.recognition.postprocessing import unchanged
from inference.types import BoxArray, Embeddings, EmotionPrediction, Face, RGBImage

COLOURS = {"red": (250, 0, 0), "green": (0, 250, 0), "blue": (0, 0, 250)}
SIDE = 48
SPACE = unchanged(3, threshold=0.8)
LANDMARKS = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])


def picture(*squares: tuple[str, int, int], width: int = 320, height: int = 240) -> RGBImage:
    """Draw squares, given as colour and centre, on black."""
    image = np.zeros((height, width, 3), dtype=np.uint8)
    for colour, x, y in squares:
        half = SIDE // 2
        corner, end = (x - half, y - half), (x + half - 1, y + half - 1)
        cv2.rectangle(image, corner, end, COLOURS[colour], thickness=-1)
    return image


def jpeg(image: RGBImage) -> bytes:
    """Encode RGB pixels."""
    is_encoded, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    assert is_encoded
    return data.tobytes()


BLACK = jpeg(picture())


def frame(
    data: bytes = BLACK,
    number: int = 0,
    camera: str = "stage",
    client: int = 1,
    captured_at: float | None = None,
) -> Frame:
    """Make a frame of a 15 fps camera that wants everything."""
    at = number * 1000 / 15 if captured_at is None else captured_at
    return Frame((client, camera), number, at, frozenset({"names", "emotions"}), data, 0.0)


def gallery(*people: str, revision: int = 1) -> LiveGallery:
    """Enrol people by the colour of their square."""
    rows = np.array([COLOURS[person] for person in people], np.float32).reshape(-1, 3)
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    names = {person: person.title() for person in people}
    return LiveGallery(revision, Gallery(list(people), unit, SPACE.threshold), names, SPACE)


class FakeModels:
    """Networks that see squares; counts what it is asked."""

    def __init__(self, missing: Sequence[str] = ()) -> None:
        self.names: Models = {
            "detector": None if "detector" in missing else "squares",
            "embedder": None if "embedder" in missing else "colours",
            "emotion": None if "emotion" in missing else "smiles",
        }
        self.missing = missing
        self.space = SPACE
        self.searches: list[str] = []
        self.refined: list[int] = []
        self.embedded = 0
        self.breaks = False

    def detect(self, image: RGBImage, *, is_coarse: bool = False) -> list[Face]:
        """Find squares."""
        self.searches.append("coarse" if is_coarse else "whole")
        if self.breaks:
            raise RuntimeError("the network broke")
        return [] if self.names["detector"] is None else self._squares(image)

    def _squares(self, image: RGBImage) -> list[Face]:
        bright = (image.max(axis=2) > 120).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(bright)
        boxes = [stats[index, :4] for index in range(1, count) if stats[index, 4] > 100]
        return [_face(x, y, x + width, y + height) for x, y, width, height in boxes]

    def refine(self, requests: Sequence[tuple[RGBImage, BoxArray]]) -> list[list[Face]]:
        """Look for a square near each place."""
        self.refined.append(sum(len(boxes) > 0 for _, boxes in requests))
        return [[self._nearest(image, box) for box in boxes] for image, boxes in requests]

    def quality(self, sighting: Sighting) -> float:
        """Trust every square."""
        return 0.9

    def embed(self, sightings: Sequence[Sighting]) -> Embeddings:
        """Take the colour for the person."""
        self.embedded += len(sightings)
        rows = np.array([_colour(*sighting) for sighting in sightings], dtype=np.float32)
        unit: Embeddings = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def read_emotions(self, sightings: Sequence[Sighting]) -> list[EmotionPrediction]:
        """Everybody is happy."""
        return [EmotionPrediction({"happy": 0.9, "sad": 0.1}, "happy") for _ in sightings]

    def load_segmenter(self) -> "FakeModels":
        """Cut out what is bright."""
        if "portrait" in self.missing:
            raise WeightsError("there is no portrait network")
        return self

    def preview(self, image: RGBImage) -> NDArray[np.float32]:
        """Take squares for people, at a quarter of the size."""
        return (image[::4, ::4].max(axis=2) > 120).astype(np.float32)

    def _nearest(self, image: RGBImage, box: np.ndarray) -> Face:
        centre = (box[:2] + box[2:]) / 2
        found = self._squares(image)
        near = [
            face
            for face in found
            if np.abs(np.array(face.box).reshape(2, 2).mean(axis=0) - centre).max() < SIDE / 2
        ]
        x1, y1, x2, y2 = box.tolist()
        return near[0] if near else _face(x1, y1, x2, y2, score=0.1)


def _face(x1: float, y1: float, x2: float, y2: float, score: float = 0.99) -> Face:
    corner, size = np.array([x1, y1]), np.array([x2 - x1, y2 - y1])
    landmarks = (corner + LANDMARKS * size).astype(np.float32)
    return Face((float(x1), float(y1), float(x2), float(y2)), score, landmarks)


def _colour(image: RGBImage, face: Face) -> np.ndarray:
    x, y = face.landmarks[2].astype(int)
    colour: np.ndarray = image[y, x].astype(np.float32) + 1.0
    return colour
