"""What encore-resnet learns from: faces, blends of faces, and what the teacher says about each."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from inference.alignment import ARCFACE_112, DLIB_150, DLIB_WEIGHTS
from inference.datasets.faces import WideCrops
from inference.training.distillation.teacher import DIMENSIONS, MobileFaceNet, normalise
from inference.training.distillation.views import Crop, FacePool, Recipe, jitter, spoil

STUDENT_CROP = Crop(DLIB_150, 150, DLIB_WEIGHTS)
TEACHER_CROP = Crop(ARCFACE_112, 112)

KPOP_SOURCES = frozenset({"bts_group", "girlgroup15_crops"})
NOISY_PEOPLE = frozenset({"gwyneth_paltrow"})
"""Folders known to mix two people."""

_TEACHER_BATCH = 64


@dataclass(frozen=True)
class Lesson:
    """What is shown, what the teacher says, and how often it is shown.

    Attributes:
        recipes: ``(N, 4)`` float32: first face, second face or -1, share, split.
        targets: ``(N, D)`` float32 of unit length.
        odds: ``(N,)`` float64, sums to 1.
    """

    recipes: NDArray[np.float32]
    targets: NDArray[np.float32]
    odds: NDArray[np.float64]


def draw_recipes(
    crops: WideCrops, grey_count: int, blend_count: int, generator: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """List every face once and ``blend_count`` blends, with the odds of showing each.

    Half of the faces in blends are K-pop faces, because these are the neighbourhood in which
    people are hard to tell apart.
    """
    colour = len(crops)
    is_kpop = np.array([source in KPOP_SOURCES for source in crops.sources])
    kpop = np.flatnonzero(is_kpop)
    single = np.zeros((colour + grey_count, 4), np.float32)
    single[:, 0] = np.arange(colour + grey_count)
    single[:, 1:3] = (-1.0, 1.0)
    blends = np.zeros((blend_count, 4), np.float32)
    for column in (0, 1):
        anyone = generator.integers(0, colour, blend_count)
        star = kpop[generator.integers(0, len(kpop), blend_count)] if len(kpop) else anyone
        blends[:, column] = np.where(generator.random(blend_count) < 0.5, star, anyone)
    blends[:, 2] = generator.uniform(0.3, 0.7, blend_count)
    blends[:, 3] = generator.random(blend_count) < 0.3
    recipes = np.concatenate([single, blends])
    return recipes, lesson_odds(recipes, crops, grey_count)


def lesson_odds(
    recipes: NDArray[np.float32], crops: WideCrops, grey_count: int
) -> NDArray[np.float64]:
    """Say how often each recipe is shown.

    K-pop faces get a fifth of the lesson, blends two fifths, other colour faces a quarter and the
    grey ones the rest. Among K-pop faces every set counts alike: seven men in hundreds of photos
    must not drown nine women in a few.
    """
    share_of = {source: crops.sources.count(source) for source in KPOP_SOURCES}
    face_weight = np.array([1.0 / share_of.get(source, 1) for source in crops.sources])
    is_kpop = np.array([source in KPOP_SOURCES for source in crops.sources])
    colour = len(crops)
    weights, kind = np.ones(len(recipes)), np.full(len(recipes), 3)
    weights[:colour] = face_weight
    kind[:colour] = np.where(is_kpop, 0, 1)
    kind[colour : colour + grey_count] = 2
    rarest = max(face_weight[is_kpop], default=1.0)
    # A blend counts by its rarer face; a face of no K-pop set by a third of the rarest.
    blend_weight = np.where(is_kpop, face_weight, rarest / 3)
    blends = recipes[colour + grey_count :, :2].astype(np.int64)
    weights[colour + grey_count :] = blend_weight[blends].max(axis=1) if len(blends) else 1.0
    return _odds(kind, weights, (0.20, 0.25, 0.15, 0.40))


def _odds(
    kind: NDArray[np.int64], weights: NDArray[np.float64], shares: tuple[float, ...]
) -> NDArray[np.float64]:
    odds = np.zeros(len(kind))
    for value, share in enumerate(shares):
        members = kind == value
        if members.any():
            odds[members] = share * weights[members] / weights[members].sum()
    total: NDArray[np.float64] = odds / odds.sum()
    return total


def recipe_of(row: NDArray[np.float32]) -> Recipe:
    """Turn a stored row into a recipe."""
    return Recipe(int(row[0]), int(row[1]), float(row[2]), int(row[3]))


def teacher_targets(
    pool: FacePool, recipes: NDArray[np.float32], teacher: MobileFaceNet, cache: Path
) -> NDArray[np.float32]:
    """Ask the teacher once about every face and keep its answers.

    A colour face is shown to it twice, the second time as in a mirror, and the answers are added.

    Returns:
        ``(N, D)`` float32 of unit length.
    """
    key = hashlib.sha256(recipes.tobytes() + str(len(pool)).encode()).hexdigest()[:16]
    store = cache / f"teacher-{key}.npy"
    if store.is_file():
        stored: NDArray[np.float32] = np.load(store, allow_pickle=False)
        return stored
    targets = np.zeros((len(recipes), DIMENSIONS), np.float32)
    for start in range(0, len(recipes), _TEACHER_BATCH):
        rows = recipes[start : start + _TEACHER_BATCH]
        crops = np.stack([pool.show(recipe_of(row), TEACHER_CROP) for row in rows])
        is_single_colour = (rows[:, 1] < 0) & (rows[:, 0] < pool.colour_count)
        answers = _ask(teacher, crops)
        if is_single_colour.any():
            mirrored = np.ascontiguousarray(crops[is_single_colour][:, :, ::-1])
            answers[is_single_colour] += _ask(teacher, mirrored)
        targets[start : start + len(rows)] = answers
        if start // _TEACHER_BATCH % 100 == 0:
            print(f"teacher: {start} of {len(recipes)} faces", flush=True)
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    cache.mkdir(parents=True, exist_ok=True)
    np.save(store, targets)
    return targets


def lean_on_identities(
    targets: NDArray[np.float32], crops: WideCrops, share: float
) -> NDArray[np.float32]:
    """Move the target of each named face towards the mean of its person.

    The teacher misjudges a blurred stage photo like anybody else; where the name is known, the
    person's other photos say better where the face belongs. This is the metric learning of the
    lesson, at no cost per step.

    Args:
        targets: ``(N, D)`` of unit length; the first rows belong to ``crops``.
        crops: Faces with names, where they are known.
        share: How far to move, 0 to 1.

    Returns:
        New ``(N, D)`` rows of unit length.
    """
    moved = targets.copy()
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row, (source, person) in enumerate(zip(crops.sources, crops.people, strict=True)):
        if person and person not in NOISY_PEOPLE:
            rows_of.setdefault((source, person), []).append(row)
    for rows in rows_of.values():
        if len(rows) > 1:
            mean = targets[rows].mean(axis=0)
            mean /= np.linalg.norm(mean)
            moved[rows] = (1.0 - share) * targets[rows] + share * mean
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    return moved


def _ask(teacher: MobileFaceNet, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    pixels = normalise(torch.from_numpy(crops).permute(0, 3, 1, 2))
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        answers = teacher(pixels.contiguous(memory_format=torch.channels_last)).float()
    unit: NDArray[np.float32] = torch.nn.functional.normalize(answers).numpy()
    return unit.copy()


class LessonViews(Dataset[tuple[torch.Tensor, torch.Tensor, int]]):
    """Endless spoilt views of a lesson; each item is a batch of its own random faces."""

    def __init__(self, pool: FacePool, lesson: Lesson, batch: int, seed: int) -> None:
        self._pool = pool
        self._lesson = lesson
        self._batch = batch
        self._seed = seed

    def __getitem__(self, step: int) -> tuple[torch.Tensor, torch.Tensor, int]:
        """Return pixels ``(B, 3, 150, 150)`` uint8, targets ``(B, D)`` and the step."""
        generator = np.random.default_rng((self._seed, step))
        rows = generator.choice(len(self._lesson.odds), self._batch, p=self._lesson.odds)
        views = np.stack([self._view(row, generator) for row in rows])
        targets = torch.from_numpy(self._lesson.targets[rows])
        return torch.from_numpy(views).permute(0, 3, 1, 2), targets, step

    def _view(self, row: int, generator: np.random.Generator) -> NDArray[np.uint8]:
        crop = STUDENT_CROP
        moved = jitter(crop.template, crop.size, generator)
        shown = self._pool.show(recipe_of(self._lesson.recipes[row]), crop, moved)
        return spoil(shown, generator)
