"""What moments cost: time per face, memory of the ring, time of a video."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from inference.engine.models import ShippedModels
from inference.engine.video import VIDEO_FRAME_RATE, WalkSettings, walk_video
from inference.moments.observer import Observer, SeenFace, SeenFrame
from inference.moments.taste import Taste
from inference.types import Face, RGBImage

RING_QUALITY = 90
RING_SECONDS, RING_FRAME_RATE = 3, 15
_FULL_HD = (1920, 1080)
_SENSOR_NOISE = 3.0
_FACES = 4
_FRAMES = 300


def measure_costs(data: Path, pictures: Sequence[RGBImage]) -> dict[str, float]:
    """Measure every cost.

    Args:
        data: Folder with the evaluation data; its clips are walked.
        pictures: Of people, for the ring; at least one.
    """
    return {
        "scoring_ms_per_face": round(scoring_milliseconds(pictures[0]), 3),
        "ring_megabytes": round(ring_megabytes(pictures), 2),
        "video_times_real_time": round(walk_speed(data), 2),
    }


def scoring_milliseconds(picture: RGBImage) -> float:
    """Return the processor time that the observer takes per face, everything included."""
    image = np.asarray(cv2.resize(picture, (1280, 720)), dtype=np.uint8)
    points = np.array([[-25, -20], [25, -20], [0, 10], [-20, 35], [20, 35]], dtype=np.float32)
    observer = Observer(Taste(takes_anyone=True))
    spent = 0.0
    for number in range(_FRAMES):
        seen = [
            SeenFace(
                track,
                number + 1,
                _face(points, 200.0 + 250 * track, 360.0 + number % 7),
                emotions={"happy": 0.5 + 0.5 * np.sin(number / 9), "neutral": 0.2},
            )
            for track in range(_FACES)
        ]
        frame = SeenFrame(image, number / 15, number, number * 66.7, 1280, 720)
        started = time.process_time()
        observer.observe(frame, seen)
        spent += time.process_time() - started
    return 1000 * spent / (_FRAMES * _FACES)


def ring_megabytes(pictures: Sequence[RGBImage]) -> float:
    """Return what three seconds of full pictures take, for the mean of many pictures."""
    chance = np.random.default_rng(1)
    noise = chance.normal(0, _SENSOR_NOISE, (_FULL_HD[1], _FULL_HD[0], 3))
    sizes = []
    for picture in pictures[:: max(len(pictures) // 40, 1)]:
        large = cv2.resize(_widescreen(picture), _FULL_HD, interpolation=cv2.INTER_CUBIC)
        noisy = np.clip(large + noise, 0, 255).astype(np.uint8)
        _, encoded = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, RING_QUALITY])
        sizes.append(len(encoded))
    return float(np.mean(sizes)) * RING_SECONDS * RING_FRAME_RATE / 1e6


def walk_speed(data: Path) -> float:
    """Return seconds of video per second of processor time, over all clips, decoding included."""
    models = ShippedModels()
    settings = WalkSettings(Taste(takes_anyone=True))
    filmed = spent = 0.0
    for path in sorted((data / "videos").glob("*.mp4")):
        started = time.process_time()
        filmed += sum(_walk_times(path, models, settings))
        spent += time.process_time() - started
    return filmed / max(spent, 1e-6)


def _walk_times(path: Path, models: ShippedModels, settings: WalkSettings) -> Iterator[float]:
    """Walk a clip; yields the seconds between its frames."""
    durations: list[float] = []

    def frames() -> Iterator[tuple[float, RGBImage]]:
        video = cv2.VideoCapture(str(path))
        rate = video.get(cv2.CAP_PROP_FPS) or 25.0
        due, index = 0.0, 0
        while True:
            is_read, pixels = video.read()
            if not is_read:
                break
            durations.append(1 / rate)
            if index / rate >= due:
                due += 1 / VIDEO_FRAME_RATE
                yield index / rate, np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)
            index += 1
        video.release()

    for _ in walk_video(frames(), models, None, settings):
        pass
    yield from durations


def _face(points: np.ndarray, x: float, y: float) -> Face:
    landmarks = points + np.array([x, y], dtype=np.float32)
    return Face((x - 55, y - 70, x + 55, y + 70), 0.99, landmarks)


def _widescreen(picture: RGBImage) -> RGBImage:
    """Cut the middle out that has the shape of a screen."""
    height, width = picture.shape[:2]
    tall = min(height, width * 9 // 16)
    wide = min(width, height * 16 // 9)
    top, left = (height - tall) // 2, (width - wide) // 2
    return picture[top : top + tall, left : left + wide]
