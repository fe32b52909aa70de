"""Measure person masks: ``python -m inference.evaluation.segmentation --data DIR``."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from inference.segmentation.unet import resize_to, to_batch, working_size
from inference.training.datasets.person_masks import MaskedPhoto, MaskSet


def intersection_over_union(predicted: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Return the overlap of two masks, 0 to 1; two empty masks agree fully."""
    union = np.logical_or(predicted, truth).sum()
    return float(np.logical_and(predicted, truth).sum() / union) if union else 1.0


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
    """Return the mean foreground IoU at 0.5 over the validation photos of each set."""
    network.eval()
    return {
        each.name: float(
            np.mean(
                [
                    intersection_over_union(network_mask(network, photo) > 0.5, photo.mask > 127)
                    for photo in each.validation
                ]
            )
        )
        for each in sets
        if each.validation
    }
