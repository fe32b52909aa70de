"""Measures of person masks: how much of two masks agrees, and how well their outlines do."""

from collections.abc import Callable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from inference.datasets.person_masks import MaskedPhoto, MaskSet
from inference.segmentation.unet import resize_to, to_batch, working_size

BoolMask = NDArray[np.bool_]

BOUNDARY_TOLERANCE = 0.0075
"""How far two boundaries may lie apart, as a share of the diagonal (the usual value)."""


def intersection_over_union(predicted: BoolMask, truth: BoolMask) -> float:
    """Return the overlap of two masks, 0 to 1; two empty masks agree fully."""
    union = np.logical_or(predicted, truth).sum()
    return float(np.logical_and(predicted, truth).sum() / union) if union else 1.0


def boundary_f_score(predicted: BoolMask, truth: BoolMask) -> float:
    """Return how well two outlines agree, 0 to 1.

    The harmonic mean of two shares: of the predicted outline near the true one, and of the true
    outline near the predicted one. Two masks without outline agree fully.
    """
    ours, theirs = _outline(predicted), _outline(truth)
    if not ours.any() or not theirs.any():
        return float(ours.any() == theirs.any())
    reach = BOUNDARY_TOLERANCE * float(np.hypot(*truth.shape))
    precision = float((_distance_to(theirs)[ours] <= reach).mean())
    recall = float((_distance_to(ours)[theirs] <= reach).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _outline(mask: BoolMask) -> BoolMask:
    # Outside the photo counts as person, so that its edge is no outline.
    eroded = cv2.erode(
        mask.astype(np.uint8),
        np.ones((3, 3), np.uint8),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=1,
    )
    return np.logical_and(mask, np.equal(eroded, 0))


def _distance_to(outline: BoolMask) -> NDArray[np.float32]:
    distance = cv2.distanceTransform((~outline).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(distance, np.float32)


@torch.inference_mode()
def network_mask(network: nn.Module, photo: MaskedPhoto) -> NDArray[np.float32]:
    """Return the network's probability for each pixel of the photo, without any refinement."""
    height, width = photo.mask.shape
    device = next(network.parameters()).device
    batch = to_batch(resize_to(photo.image, working_size(height, width))[None])
    batch = batch.to(device, memory_format=torch.channels_last)
    with torch.autocast(device.type, torch.bfloat16):
        logits = network(batch)
    full = nn.functional.interpolate(logits.float(), (height, width), mode="bilinear")
    probability: NDArray[np.float32] = full.sigmoid()[0, 0].cpu().numpy()
    return probability


def iou_of_sets(network: nn.Module, sets: list[MaskSet]) -> dict[str, float]:
    """Return the mean foreground IoU at 0.5 of the bare network on each set's validation photos."""
    network.eval()
    return {
        each.name: mean_iou(lambda photo: network_mask(network, photo), each.validation)
        for each in sets
        if each.validation
    }


def mean_iou(
    predict: Callable[[MaskedPhoto], NDArray[np.float32]], photos: list[MaskedPhoto]
) -> float:
    """Return the mean over photos of the foreground IoU at 0.5."""
    scores = [intersection_over_union(predict(p) > 0.5, p.mask > 127) for p in photos]
    return float(np.mean(scores))
