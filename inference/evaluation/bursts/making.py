"""Bursts whose best frame is known: one photo as it is, ten copies made worse in known ways.

Every frame sways a little and is encoded as JPEG, the good one too, so that nothing but its
quality gives it away. Half of the blurred frames are blurred only where the person is, because a
stage behind a moving singer stays sharp.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.types import Face, RGBImage

BURST_FRAMES = 11

Generator = np.random.Generator
Degrade = Callable[[RGBImage, Face, float, Generator], RGBImage]


@dataclass(frozen=True, slots=True, eq=False)
class Burst:
    """Eleven frames of one face.

    Attributes:
        frames: ``(H, W, 3)`` uint8 RGB, all of about one size.
        kinds: What was done to each; "untouched" once.
    """

    frames: Sequence[RGBImage]
    kinds: Sequence[str]

    @property
    def best(self) -> int:
        """Index of the frame that was left as it is."""
        return list(self.kinds).index("untouched")


def make_burst(
    image: RGBImage, face: Face, neutral: RGBImage | None, generator: Generator
) -> Burst:
    """Make a burst of one photo.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        face: The face it is about, in pixels of ``image``.
        neutral: The same person without expression, if there is such a photo.
        generator: For what chance decides.
    """
    made = [("untouched", image)]
    made += [(kind, worse(image, face, strength, generator)) for kind, strength, worse in _PLAN]
    if neutral is not None:
        made[-1] = ("neutral", neutral)
    order = generator.permutation(len(made))
    frames = [_filmed(made[index][1], generator) for index in order]
    return Burst(frames, [made[index][0] for index in order])


def motion_blur(image: RGBImage, face: Face, strength: float, generator: Generator) -> RGBImage:
    """Smear along a random direction, by 8 to 40 % of the distance of the eyes."""
    length = max(round((0.08 + 0.32 * strength) * _eye_distance(face)), 3)
    kernel = np.zeros((length, length), dtype=np.float32)
    kernel[length // 2] = 1
    centre = ((length - 1) / 2, (length - 1) / 2)
    turn = cv2.getRotationMatrix2D(centre, float(generator.uniform(0, 180)), 1.0)
    kernel = np.asarray(cv2.warpAffine(kernel, turn, (length, length)), dtype=np.float32)
    blurred = cv2.filter2D(image, -1, kernel / max(float(kernel.sum()), 1e-6))
    return _perhaps_person_only(image, np.asarray(blurred, np.uint8), face, generator)


def defocus(image: RGBImage, face: Face, strength: float, generator: Generator) -> RGBImage:
    """Blur with a sigma of 3 to 13 % of the distance of the eyes."""
    sigma = max((0.03 + 0.10 * strength) * _eye_distance(face), 0.7)
    blurred = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), dtype=np.uint8)
    return _perhaps_person_only(image, blurred, face, generator)


def turned(image: RGBImage, face: Face, strength: float, generator: Generator) -> RGBImage:
    """Turn the head by 15 to 45 degrees further away, as if it were an upright cylinder."""
    x1, y1, x2, y2 = face.box
    middle_of_eyes = float(face.landmarks[:2, 0].mean())
    away = np.sign(middle_of_eyes - float(face.landmarks[2, 0])) or generator.choice([-1, 1])
    angle = np.radians(15 + 30 * strength) * away
    centre, radius = (x1 + x2) / 2, 0.62 * (x2 - x1)
    height, width = image.shape[:2]
    across = (np.arange(width, dtype=np.float32) - centre) / radius
    inside = np.abs(across) < 1
    source = np.sin(np.clip(np.arcsin(np.clip(across, -1, 1)) + angle, -1.45, 1.45))
    columns = np.where(inside, centre + radius * source, np.arange(width)).astype(np.float32)
    rows = np.arange(height, dtype=np.float32)
    map_x = np.repeat(columns[None], height, axis=0)
    map_y = np.repeat(rows[:, None], width, axis=1)
    moved = cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    middle = (centre, (y1 + y2) / 2)
    head = _ellipse(image, middle, (radius, 0.75 * (y2 - y1)), softness=0.08 * (x2 - x1))
    return _blend(image, np.asarray(moved, dtype=np.uint8), head)


def darker(image: RGBImage, face: Face, strength: float, generator: Generator) -> RGBImage:
    """Take 0.6 to 2 stops of light away and add the noise of a sensor."""
    del face
    gain = 2.0 ** -(0.6 + 1.4 * strength)
    noise = generator.normal(0, 2 + 4 * strength, image.shape)
    dark: RGBImage = np.clip(image * gain + noise, 0, 255).astype(np.uint8)
    return dark


def half_hidden(image: RGBImage, face: Face, strength: float, generator: Generator) -> RGBImage:
    """Hold something before the mouth, or before one half of the face, larger with strength."""
    x1, y1, x2, y2 = face.box
    width, height = x2 - x1, y2 - y1
    side = generator.choice([-1, 0, 1])
    place = {
        -1: (x1 + 0.22 * width, y1 + 0.55 * height),
        0: ((x1 + x2) / 2, y1 + 0.86 * height),
        1: (x2 - 0.22 * width, y1 + 0.55 * height),
    }[int(side)]
    reach = (0.22 + 0.16 * strength) * width
    shape = (reach, reach * 1.25 if side else reach * 0.95)
    thing = _ellipse(image, place, shape, softness=0.015 * width)
    colour = generator.integers(15, 190, 3)
    shade = np.linspace(0.7, 1.3, image.shape[0])[:, None, None]
    painted = np.clip(np.broadcast_to(colour, image.shape) * shade, 0, 255).astype(np.uint8)
    return _blend(image, painted, thing)


def blink(image: RGBImage, face: Face) -> RGBImage:
    """Close the eyes: skin from around them over the eyes, and a line of lashes across."""
    distance = _eye_distance(face)
    across = face.landmarks[1] - face.landmarks[0]
    tilt = float(np.degrees(np.arctan2(across[1], across[0])))
    closed = image.copy()
    for x, y in face.landmarks[:2].tolist():
        lid = np.zeros(image.shape[:2], dtype=np.uint8)
        size = (round(0.29 * distance), round(0.14 * distance))
        cv2.ellipse(lid, (round(x), round(y)), size, tilt, 0, 360, 255, thickness=-1)
        skin = cv2.inpaint(closed, lid, 0.05 * distance + 1, cv2.INPAINT_TELEA)
        closed = np.asarray(skin, dtype=np.uint8)
        centre = (round(x), round(y + 0.02 * distance))
        axes = (round(0.2 * distance), round(0.07 * distance))
        dark = [int(value) for value in closed[centre[1], centre[0]] * 0.35]
        line = max(round(0.03 * distance), 1)
        cv2.ellipse(closed, centre, axes, tilt, 10, 170, dark, line, cv2.LINE_AA)
    return closed


_PLAN: tuple[tuple[str, float, Degrade], ...] = (
    ("motion blur", 0.0, motion_blur),
    ("motion blur", 1.0, motion_blur),
    ("defocus", 0.0, defocus),
    ("defocus", 1.0, defocus),
    ("turned", 0.1, turned),
    ("turned", 0.8, turned),
    ("darker", 0.1, darker),
    ("darker", 0.9, darker),
    ("half hidden", 0.2, half_hidden),
    ("half hidden", 1.0, half_hidden),
)
"""What becomes of ten copies, and how much of it; the last makes room for a neutral face."""


def _filmed(image: RGBImage, generator: Generator) -> RGBImage:
    """Move and scale by up to 1.5 %, and encode as JPEG."""
    height, width = image.shape[:2]
    scale = 1 + generator.uniform(-0.015, 0.015)
    shift = generator.uniform(-0.015, 0.015, 2) * (width, height)
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    swayed = cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    _, data = cv2.imencode(
        ".jpg", cv2.cvtColor(swayed, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88]
    )
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), dtype=np.uint8)


def _eye_distance(face: Face) -> float:
    return float(np.hypot(*(face.landmarks[1] - face.landmarks[0])))


def _perhaps_person_only(
    image: RGBImage, worse: RGBImage, face: Face, generator: Generator
) -> RGBImage:
    if generator.random() < 0.5:
        return worse
    x1, y1, x2, y2 = face.box
    size = (0.8 * (x2 - x1), 0.8 * (y2 - y1))
    middle = ((x1 + x2) / 2, (y1 + y2) / 2)
    return _blend(image, worse, _ellipse(image, middle, size, softness=0.1 * (x2 - x1)))


def _ellipse(
    image: RGBImage, centre: tuple[float, float], axes: tuple[float, float], softness: float
) -> NDArray[np.float32]:
    """Return ``(H, W)`` float32, 1 inside of an ellipse, with a soft edge."""
    mask = np.zeros(image.shape[:2], dtype=np.float32)
    middle = (round(centre[0]), round(centre[1]))
    size = (max(round(axes[0]), 1), max(round(axes[1]), 1))
    cv2.ellipse(mask, middle, size, 0, 0, 360, 1.0, thickness=-1)
    if softness >= 0.3:
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), softness), dtype=np.float32)
    return mask


def _blend(image: RGBImage, other: RGBImage, alpha: NDArray[np.float32]) -> RGBImage:
    share = alpha[..., None]
    mixed: RGBImage = np.rint(image * (1 - share) + other * share).astype(np.uint8)
    return mixed


def kinds() -> Iterator[str]:
    """Yield every kind of frame once, the good one first."""
    yield from dict.fromkeys(["untouched", *(kind for kind, _, _ in _PLAN), "neutral"])
