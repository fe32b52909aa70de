"""MTCNN: three small networks that find faces, coarse to fine.

Paper: Zhang, Zhang, Li, Qiao 2016, "Joint Face Detection and Alignment using Multitask Cascaded
Convolutional Networks" (arXiv:1604.02878). The networks and their weights are those of
facenet-pytorch 2.5.3 (MIT); the pipeline around them is our own and agrees with
``facenet_pytorch.MTCNN.detect`` on faces inside the photo (``tests/inference/detection``). It
differs where the reference loses quality or time:

- what is no face is refused by a second look (``refusing.py``);
- a face cut by the photo's edge is completed with grey; the reference stretches what is left,
  which puts the landmarks in wrong places;
- sizes and crops come from a table of running sums (``summed.py``) and run in tiles of the
  cache's size in channels-last layout (``pyramid.py``);
- photos above 24 million pixels are halved first, which bounds time and memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inference.detection.networks import (
    load_output_net,
    load_proposal_net,
    load_refinement_net,
)
from inference.detection.pyramid import STRIDE, WINDOW, level_scales, tiles
from inference.detection.refusing import BoxCheck, FaceCheck
from inference.detection.summed import SummedArea
from inference.device import pick_device
from inference.geometry import box_containment
from inference.types import BoxArray, Face, RGBImage

_STD = 128.0
"""As the weights were trained (weights.toml); the mean is subtracted by ``SummedArea``."""

_MAX_PIXELS = 24_000_000
"""Larger photos are halved; their table of sums alone would take more than 300 MB."""

_BATCHES = (8, 16, 32, 64)
"""Crops per pass of the second and third network.

The last is what the processor's cache and the allocator bear: with 512 the activations of the third
network are mapped and unmapped by the system in every layer, and a face takes twice as long.

A few sizes and no others, as in ``_TILE_STEP``: oneDNN prepares every layer for every shape it has
not seen, and what it keeps and drops of that left holes in the heap. A worker grew by 17 to 20 MB
with each hundred photos of new sizes; with these it stays.
"""

_BATCH = _BATCHES[-1]

_TILE_STEP = 32
"""Sides of the first network's input are multiples of this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MtcnnOptions:
    """What to look for; the defaults are the reference's.

    Attributes:
        min_face: Side of the smallest face in pixels of the photo.
        thresholds: Lowest score that each of the three networks lets pass.
    """

    min_face: float = 20.0
    thresholds: tuple[float, float, float] = (0.6, 0.7, 0.7)


class MtcnnDetector:
    """Finds faces and their five landmarks. Safe to call from several threads.

    Args:
        networks: The three networks.
        device: Where they run.
        options: What to look for.
        check: Refuses what is no face; ``None`` lets everything pass, as the reference does.
    """

    def __init__(
        self,
        networks: Sequence[nn.Module],
        device: torch.device,
        options: MtcnnOptions,
        check: BoxCheck | None = None,
    ) -> None:
        self._networks = [
            network.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
            for network in networks
        ]
        self._device = device
        self._options = options
        self._check = check

    @classmethod
    def load(
        cls,
        device: torch.device | None = None,
        options: MtcnnOptions | None = None,
        *,
        checks: bool = True,
    ) -> "MtcnnDetector":
        """Load the three networks from the files of facenet-pytorch, and the face check.

        Args:
            device: Where to run; the best there is by default.
            options: What to look for.
            checks: Whether to refuse what is no face.

        Raises:
            WeightsError: A file is missing or has another hash.
        """
        device = device or pick_device()
        networks = [load_proposal_net(), load_refinement_net(), load_output_net()]
        check = FaceCheck.load(device) if checks else None
        return cls(networks, device, options or MtcnnOptions(), check)

    def detect(self, image: RGBImage) -> list[Face]:
        """Find faces, most confident first.

        Args:
            image: ``(H, W, 3)`` uint8 RGB.

        Returns:
            Faces in pixels of ``image``; an empty list when there are none. Boxes and landmarks of
            faces cut by the photo's edge reach beyond it.
        """
        factor = 1
        while image.shape[0] * image.shape[1] > _MAX_PIXELS:
            image, factor = _halved(image), factor * 2
        photo = SummedArea(image)
        with torch.inference_mode():
            boxes = self._propose(photo)
            if len(boxes):
                boxes = self._refine(photo, boxes)
            if not len(boxes):
                return []
            boxes, scores, landmarks = self._finish(photo, boxes)
            kept = keep_uncontained(boxes.numpy(), scores.numpy(), 0.7)
            if self._check is not None:
                is_face = self._check.holds_face(photo, boxes[kept].numpy(), scores[kept].numpy())
                kept = [index for index, passed in zip(kept, is_face, strict=True) if passed]
        return _faces(boxes[kept] * factor, scores[kept], landmarks[kept] * factor)

    def _propose(self, photo: SummedArea) -> Tensor:
        """Run the first network over all sizes; return ``(N, 4)`` square boxes."""
        scales = level_scales(photo.height, photo.width, self._options.min_face)
        if not scales:
            return torch.zeros((0, 4))
        found = [self._propose_at(photo, scale) for scale in scales]
        boxes, scores, offsets = (torch.cat(parts) for parts in zip(*found, strict=True))
        kept = _nms(boxes, scores, 0.7)
        boxes, offsets = boxes[kept], offsets[kept]
        sides = boxes[:, 2:] - boxes[:, :2]
        return _squared(boxes + offsets * sides.repeat(1, 2))

    def _propose_at(self, photo: SummedArea, scale: float) -> tuple[Tensor, Tensor, Tensor]:
        """Return boxes ``(N, 4)``, scores ``(N,)`` and box offsets ``(N, 4)`` of one size."""
        corners, scores, offsets = [], [], []
        for tile in tiles(photo, scale):
            regression, probabilities = self._search(tile.pixels)
            faces = probabilities[0, 1]
            rows, columns = torch.nonzero(faces >= self._options.thresholds[0], as_tuple=True)
            scores.append(faces[rows, columns].cpu())
            offsets.append(regression[0, :, rows, columns].T.cpu())
            cells = torch.stack([columns, rows], dim=1).cpu()
            corners.append(STRIDE * cells + torch.tensor([tile.x, tile.y]))
        corner, score = torch.cat(corners), torch.cat(scores)
        # The reference counts pixels from 1 and rounds down; so do these boxes.
        boxes = torch.cat([(corner + 1) / scale, (corner + WINDOW) / scale], dim=1).floor()
        kept = _nms(boxes, score, 0.5)
        return boxes[kept], score[kept], torch.cat(offsets)[kept]

    def _search(self, pixels: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
        """Show a tile ``(H, W, 3)`` to the first network, in one of a few sizes.

        What is added below and to the right is grey, as outside the photo, and its places are cut
        off again.
        """
        height, width = pixels.shape[:2]
        padding = ((0, -height % _TILE_STEP), (0, -width % _TILE_STEP), (0, 0))
        regression, probabilities = self._networks[0](self._batch(np.pad(pixels, padding)[None]))
        rows, columns = (-(-(side - 2) // STRIDE) - 4 for side in (height, width))
        return regression[..., :rows, :columns], probabilities[..., :rows, :columns]

    def _refine(self, photo: SummedArea, boxes: Tensor) -> Tensor:
        """Let the second network reject most boxes and move the rest."""
        offsets, probabilities = self._run(1, photo, boxes, 24)
        scores = probabilities[:, 1]
        passed = scores > self._options.thresholds[1]
        boxes, scores, offsets = boxes[passed], scores[passed], offsets[passed]
        kept = _nms(boxes, scores, 0.7)
        return _squared(_moved(boxes[kept], offsets[kept]))

    def _finish(self, photo: SummedArea, boxes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Let the third network decide; return boxes, scores and ``(N, 5, 2)`` landmarks."""
        offsets, places, probabilities = self._run(2, photo, boxes, 48)
        scores = probabilities[:, 1]
        passed = scores > self._options.thresholds[2]
        boxes, scores, offsets, places = (part[passed] for part in (boxes, scores, offsets, places))
        sides = boxes[:, 2:] - boxes[:, :2] + 1
        places = places.reshape(-1, 2, 5).transpose(1, 2)
        landmarks = places * sides[:, None] + boxes[:, None, :2] - 1
        return _moved(boxes, offsets), scores, landmarks

    def _run(self, stage: int, photo: SummedArea, boxes: Tensor, size: int) -> tuple[Tensor, ...]:
        """Show crops of at least one box to a network, in bounded batches."""
        # The reference counts pixels from 1 with the last one inside the box.
        corners = boxes.floor().long().numpy() - np.array([1, 1, 0, 0])
        corners[:, 2:] = np.maximum(corners[:, 2:], corners[:, :2] + 1)
        outputs = []
        for start in range(0, len(boxes), _BATCH):
            crops = photo.crops(corners[start : start + _BATCH], size)
            count = len(crops)
            more = next(batch for batch in _BATCHES if batch >= count) - count
            padded = np.pad(crops, ((0, more), (0, 0), (0, 0), (0, 0)))
            found = self._networks[stage](self._batch(padded))
            outputs.append(tuple(part[:count] for part in found))
        return tuple(torch.cat(parts).cpu() for parts in zip(*outputs, strict=True))

    def _batch(self, pixels: NDArray[np.float32]) -> Tensor:
        """Turn ``(B, H, W, 3)`` around grey into what the networks take; channels stay last."""
        return torch.from_numpy(pixels).to(self._device).permute(0, 3, 1, 2).div_(_STD)


def _halved(image: RGBImage) -> RGBImage:
    height, width = image.shape[:2]
    small = cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Return which of ``(N, 4)`` boxes stay when the best of those that overlap is kept."""
    corners = boxes.numpy().astype(np.float64)
    corners[:, 2:] -= corners[:, :2]  # OpenCV wants x, y, width and height.
    kept = cv2.dnn.NMSBoxes(corners, scores.numpy(), 0.0, iou_threshold)  # type: ignore[arg-type]
    return torch.from_numpy(np.asarray(kept, dtype=np.int64).reshape(-1))


def _squared(boxes: Tensor) -> Tensor:
    """Make ``(N, 4)`` boxes square about their centres, by the longer side."""
    sides = boxes[:, 2:] - boxes[:, :2]
    longer = sides.amax(dim=1, keepdim=True)
    corners = boxes[:, :2] + (sides - longer) * 0.5
    return torch.cat([corners, corners + longer], dim=1)


def _moved(boxes: Tensor, offsets: Tensor) -> Tensor:
    """Move the edges of ``(N, 4)`` boxes by offsets in parts of their sides."""
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    return boxes + offsets * sides.repeat(1, 2)


def _faces(boxes: Tensor, scores: Tensor, landmarks: Tensor) -> list[Face]:
    return [
        Face(tuple(box.tolist()), float(score), points.numpy().astype(np.float32))
        for box, score, points in zip(boxes, scores, landmarks, strict=True)
    ]


def keep_uncontained(boxes: BoxArray, scores: NDArray[np.float32], threshold: float) -> list[int]:
    """Greedy suppression by intersection over the smaller area, best first.

    Two boxes of one face often lie one inside the other, which intersection over union misses.
    """
    # Areas count pixels from edge to edge, as the reference does.
    pixels = boxes + np.array([0, 0, 1, 1], dtype=np.float32)
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        order = rest[box_containment(pixels[best : best + 1], pixels[rest])[0] <= threshold]
    return kept
