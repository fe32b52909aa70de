"""Training pictures with several people of whom only some are meant.

People are cut out with their masks and pasted one over the other, so what is visible of whom is
known. Discs on the heads of some of them are the prompt; these people, as far as they are visible,
are the answer. Often the heads of the others are told as well, never reliably. What lies behind may
show people too, a crowd even: nobody means them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.datasets.person_masks import MaskedPhoto, MaskSet
from inference.datasets.stage_scenes import (
    Cutout,
    Picture,
    SceneMaker,
    cut_out,
    light,
    moved_box,
    view_matrix,
    warped_view,
)
from inference.segmentation.prompts import Box, PromptMap, prompt_map

PROMPTED_SHARE = 0.55
"""The others are the scenes that teach what a person is; their prompt is empty."""

ONE_PERSON_SHARE = 0.2
"""Of the prompted ones: a photo of one person as it is, the prompt on that person."""

BARE_BACKGROUND_SHARE = 0.4
MOST_PEOPLE = 6
OTHERS_TOLD_SHARE = 0.6
"""So often the network hears where others are; it must do without as well."""

OTHER_FOUND_SHARE = 0.85
"""So many of the others a face detector finds."""

SMALLEST_HEAD = 0.02
"""Least height of a prompted face as a share of the picture; smaller ones are not found anyway."""


@dataclass(slots=True, eq=False)
class Scene:
    """A picture that grows by one person at a time.

    Attributes:
        picture: What is seen so far.
        visible: ``(S, S)`` float32 of each person pasted, what nobody after them covers.
        heads: Face box of each of them in pixels of the picture; ``None`` where it is not known or
            lies outside.
        bystanders: Face boxes of people in what lies behind.
    """

    picture: Picture
    visible: list[NDArray[np.float32]] = field(default_factory=list)
    heads: list[Box | None] = field(default_factory=list)
    bystanders: list[Box] = field(default_factory=list)

    def add(self, pasted: Picture, alpha: NDArray[np.float32], head: Box | None) -> None:
        """Put one person before all that is there."""
        self.picture += (pasted - self.picture) * alpha[..., None]
        for other in self.visible:
            other *= 1 - alpha
        self.visible.append(alpha)
        self.heads.append(head)

    def promptable(self) -> list[int]:
        """Return whose head is in the picture and not covered by somebody else."""
        return [
            person
            for person, head in enumerate(self.heads)
            if head is not None and self._sees(person, head)
        ]

    def seen_heads(self, people: Iterable[int]) -> list[Box]:
        """Return the face boxes of some of the people; all of them must be promptable."""
        return [head for person in people if (head := self.heads[person])]

    def seen_bystanders(self) -> list[Box]:
        """Return the heads behind that nobody covers."""
        covered = np.max(self.visible, axis=0) if self.visible else np.zeros(self.picture.shape[:2])
        places = [((x1 + x2) / 2, (y1 + y2) / 2) for x1, y1, x2, y2 in self.bystanders]
        size = len(self.picture)
        return [
            head
            for head, (x, y) in zip(self.bystanders, places, strict=True)
            if 0 <= x < size and 0 <= y < size and covered[int(y), int(x)] < 0.5
        ]

    def _sees(self, person: int, head: Box) -> bool:
        size = len(self.picture)
        column, row = (head[0] + head[2]) / 2, (head[1] + head[3]) / 2
        if not (0 <= column < size and 0 <= row < size):
            return False
        is_large = head[3] - head[1] >= SMALLEST_HEAD * size
        return is_large and bool(self.visible[person][int(row), int(column)] > 0.5)


class SubjectSceneMaker:
    """Makes batches of pictures, prompts and masks.

    Args:
        sets: Photos with masks; heads are known where a face was found.
        crowds: Photos without masks that may lie behind those who are meant.
    """

    def __init__(self, sets: list[MaskSet], crowds: list[NDArray[np.uint8]]) -> None:
        self._everybody = SceneMaker(sets)
        photos = [photo for each in sets for photo in each.training]
        self._single = [photo for photo in photos if len(photo.heads) == 1]
        cutouts = [cut_out(photo) for photo in self._single if not photo.is_taught]
        self._cutouts = [cutout for cutout in cutouts if cutout is not None and cutout.head]
        self._crowds = crowds

    def batch(
        self, size: int, count: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
        """Return ``(B, S, S, 3)`` uint8 pictures, ``(B, S, S)`` prompts and masks, 0 to 1."""
        pictures = np.empty((count, size, size, 3), np.uint8)
        prompts = np.zeros((count, size, size), np.float32)
        masks = np.empty((count, size, size), np.float32)
        for index in range(count):
            if self._cutouts and rng.random() < PROMPTED_SHARE:
                picture, prompts[index], masks[index] = self.prompted(size, rng)
            else:
                picture, masks[index] = self._everybody.scene(size, rng)
            lit = light(picture, rng)
            np.multiply(np.clip(lit, 0, 1), 255, out=pictures[index], casting="unsafe")
        return pictures, prompts, masks

    def prompted(
        self, size: int, rng: np.random.Generator
    ) -> tuple[Picture, PromptMap, NDArray[np.float32]]:
        """Return one picture with the prompt and the mask of those who are meant."""
        if rng.random() < ONE_PERSON_SHARE:
            photo = self._single[int(rng.integers(len(self._single)))]
            return prompted_view(photo, size, rng)
        while True:
            scene = self.compose(size, int(rng.integers(1, MOST_PEOPLE + 1)), rng)
            able = scene.promptable()
            if able:
                break
        # One of them more often than several: that is how the question is mostly asked.
        wanted = 1 if rng.random() < 0.6 else int(rng.integers(1, len(able) + 1))
        meant = rng.permutation(able)[:wanted]
        boxes = [jittered(head, rng) for head in scene.seen_heads(meant)]
        others = self._told_others(scene, set(able) - set(meant), rng)
        mask = np.max([scene.visible[person] for person in meant], axis=0)
        return scene.picture, prompt_map(boxes, (size, size), (size, size), others), mask

    def _told_others(
        self, scene: Scene, unmeant: Iterable[int], rng: np.random.Generator
    ) -> list[Box]:
        """Return the heads of others that the prompt tells of."""
        if rng.random() >= OTHERS_TOLD_SHARE:
            return []
        heads = scene.seen_heads(unmeant) + scene.seen_bystanders()
        return [jittered(head, rng) for head in heads if rng.random() < OTHER_FOUND_SHARE]

    def bare_background(self, size: int, rng: np.random.Generator) -> Picture:
        """Return a picture without people."""
        return self._everybody.background(size, rng)

    def compose(
        self, size: int, people: int, rng: np.random.Generator, background: Picture | None = None
    ) -> Scene:
        """Paste people of different sizes, the farther ones first, on some background."""
        scene = self._background(size, rng) if background is None else Scene(background)
        usual = rng.uniform(0.3, 0.9)
        for height in sorted(usual * np.exp(rng.normal(0, 0.3, people))):
            cutout = self._cutouts[int(rng.integers(len(self._cutouts)))]
            scene.add(*pasted(cutout, size, float(np.clip(height, 0.2, 1.2)) * size, rng))
        return scene

    def _background(self, size: int, rng: np.random.Generator) -> Scene:
        if rng.random() < BARE_BACKGROUND_SHARE:
            return Scene(self._everybody.cluttered_background(size, rng))
        if self._crowds and rng.random() < 0.4:
            crowd = self._crowds[int(rng.integers(len(self._crowds)))]
            photo = MaskedPhoto("", crowd, np.zeros(crowd.shape[:2], np.uint8))
        else:
            photo = self._everybody.draw_photo(rng)
        matrix = view_matrix(photo, size, rng)
        picture, _ = warped_view(photo, size, matrix, cv2.BORDER_REFLECT_101)
        return Scene(picture, bystanders=[moved_box(head, matrix) for head in photo.heads])


def prompted_view(
    photo: MaskedPhoto, size: int, rng: np.random.Generator
) -> tuple[Picture, PromptMap, NDArray[np.float32]]:
    """Return a view of a photo of one person, the prompt on that person's head."""
    matrix = view_matrix(photo, size, rng)
    picture, mask = warped_view(photo, size, matrix, cv2.BORDER_CONSTANT)
    head = jittered(moved_box(photo.heads[0], matrix), rng)
    return picture, prompt_map([head], (size, size), (size, size)), mask


def pasted(
    cutout: Cutout, size: int, height: float, rng: np.random.Generator
) -> tuple[Picture, NDArray[np.float32], Box | None]:
    """Return a person ready to be put into a picture, ``height`` pixels tall.

    Returns:
        The person's colours, the soft mask, and the face box, all in the square of the picture.
    """
    scale = height / cutout.mask.shape[0]
    flip = -1.0 if rng.random() < 0.5 else 1.0
    angle = np.deg2rad(rng.normal(0, 6))
    turn = np.array([[np.cos(angle) * flip, -np.sin(angle)], [np.sin(angle) * flip, np.cos(angle)]])
    matrix = turn * scale
    # Busts end at the lower edge, as they do in photos; who has feet may stand anywhere.
    lowest = max(0.45 * size, size - 0.4 * height)
    row = rng.uniform(min(height / 2, lowest), lowest)
    if cutout.is_cut_below:
        row = size - height * rng.uniform(0.3, 0.48)
    centre = np.array([rng.uniform(0.08, 0.92) * size, row])
    middle = np.array(cutout.mask.shape[::-1]) / 2
    affine = np.column_stack([matrix, centre - matrix @ middle])
    colours = cv2.warpAffine(cutout.image, affine, (size, size), flags=cv2.INTER_AREA)
    alpha = np.asarray(cv2.warpAffine(cutout.mask, affine, (size, size)), np.float32) / 255
    gain = rng.uniform(0.65, 1.25, 3) if rng.random() < 0.4 else np.full(3, rng.uniform(0.7, 1.2))
    soft = np.asarray(cv2.GaussianBlur(alpha, (0, 0), rng.uniform(0.4, 0.9)), np.float32)
    lit: Picture = np.asarray(colours, np.float32) * (gain / 255).astype(np.float32)
    return lit, soft, moved_box(cutout.head, affine) if cutout.head else None


def jittered(head: Box, rng: np.random.Generator) -> Box:
    """Return the box as another detector might have drawn it."""
    x1, y1, x2, y2 = head
    width, height = x2 - x1, y2 - y1
    x = (x1 + x2) / 2 + rng.normal(0, 0.08) * width
    y = (y1 + y2) / 2 + rng.normal(0, 0.08) * height
    grown = float(np.exp(rng.normal(0, 0.15))) / 2
    return x - width * grown, y - height * grown, x + width * grown, y + height * grown
