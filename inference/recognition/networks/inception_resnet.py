"""``facenet-vggface2``: facenet-pytorch's InceptionResnetV1, by VGGFace2; an optional download.

Schroff, Kalenichenko, Philbin 2015 (arXiv:1503.03832) on the network of Szegedy et al. 2016
(arXiv:1602.07261); network and weights of facenet-pytorch (MIT). It was trained on boxes and not on
aligned faces, so its crop is the detector's box with some room, upright as the photo is.
"""

from pathlib import Path

import numpy as np
from torch import Tensor

from inference.alignment import ARCFACE_112, warp
from inference.recognition.embedder import EmbedderOptions, NetworkEmbedder
from inference.recognition.thresholds import THRESHOLDS
from inference.types import Face, RGBImage
from inference.weights import load_state_dict

NAME = "facenet-vggface2"
_SIZE = 160
_DIMENSIONS = 512
_MARGIN = 14.0
"""Pixels of the crop around the box, as in facenet-pytorch's own examples."""


class BoxEmbedder(NetworkEmbedder):
    """An embedder whose network was trained on boxes."""

    def crop(self, image: RGBImage, face: Face) -> RGBImage:
        """Cut the box out with some room, ``(160, 160, 3)`` uint8 RGB."""
        x1, y1, x2, y2 = face.box
        scale = (_SIZE - _MARGIN) / max(x2 - x1, y2 - y1)
        middle = np.array([x1 + x2, y1 + y2]) / 2
        shift = np.full(2, (_SIZE - 1) / 2) - scale * middle
        matrix = np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]])
        return warp(image, matrix, _SIZE)


def normalise(crops: Tensor) -> Tensor:
    """Turn uint8 RGB crops ``(B, 3, 160, 160)`` into what the network was trained on."""
    return (crops.float() - 127.5) / 128.0


def load_inception_resnet(weights_dir: Path | None) -> BoxEmbedder:
    """Load facenet-vggface2 from the folder of downloads.

    Raises:
        WeightsError: It was not downloaded, or the file is another one.
    """
    weights = load_state_dict(NAME, weights_dir)
    # Here and not above: it loads torchvision, seconds that nobody without this embedder waits for.
    from facenet_pytorch import InceptionResnetV1

    network = InceptionResnetV1(pretrained=None, classify=False)
    # The file also holds the classifier of its training, which embeddings do not need.
    network.load_state_dict({k: v for k, v in weights.items() if not k.startswith("logits.")})
    options = EmbedderOptions(
        name=NAME,
        dimensions=_DIMENSIONS,
        threshold=THRESHOLDS[NAME],
        template=ARCFACE_112,
        size=_SIZE,
        normalise=normalise,
    )
    return BoxEmbedder(network, options)
