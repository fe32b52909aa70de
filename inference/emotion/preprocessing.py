"""Cuts a face out of a colour photo the way the training faces were cut.

The faces of FER2013 were cut by a face detector that nobody can run again, so its framing was
measured instead: MTCNN found landmarks on 1,053 of 1,200 random training faces (enlarged four
times, with a grey border), and the template below is the median over the 687 of them that look
straight ahead, made symmetric. The spread is about 3 pixels of 48, which the augmentation covers.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference.alignment import align
from inference.types import Face, RGBImage

SIDE = 48
"""Side in pixels of the crop that the network takes."""

TEMPLATE: NDArray[np.float32] = np.array(
    [[14.9, 18.7], [33.1, 18.7], [24.0, 29.2], [16.4, 38.0], [31.6, 38.0]], dtype=np.float32
)
"""Left eye, right eye, nose tip and mouth corners in the median face of FER2013, in pixels."""

LANDMARK_WEIGHTS = (1.0, 1.0, 0.5, 0.5, 0.5)
"""The eyes hold still while the mouth laughs, so they count double."""


def emotion_crop(image: RGBImage, face: Face, size: int = SIDE) -> RGBImage:
    """Cut out one face, upright and framed as in FER2013.

    What lies outside the photo repeats its edge, as in training.

    Args:
        image: ``(H, W, 3)`` uint8 RGB, upright.
        face: A face found in ``image``.
        size: Side of the square crop in pixels.

    Returns:
        A new ``(size, size, 3)`` uint8 RGB image.
    """
    template = TEMPLATE * (size / SIDE)
    return align(
        image, face.landmarks, template, size, weights=LANDMARK_WEIGHTS, border="replicate"
    )


def grey(crop: RGBImage) -> NDArray[np.uint8]:
    """Turn ``(H, W, 3)`` RGB into ``(H, W)`` luma, the grey that the training faces have."""
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def network_input(faces: Sequence[NDArray[np.uint8]]) -> Tensor:
    """Stack grey faces into what a network takes.

    Args:
        faces: ``(S, S)`` uint8 grey, all of one size; at least one.

    Returns:
        ``(B, 1, S, S)`` float32, 0 to 1.
    """
    return torch.from_numpy(np.stack(faces))[:, None].float() / 255
