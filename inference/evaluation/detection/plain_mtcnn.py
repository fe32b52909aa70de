"""The detector that most people would use, for comparison: facenet-pytorch's own MTCNN."""

import numpy as np
from facenet_pytorch import MTCNN
from PIL import Image

from inference.types import Face, RGBImage


class PlainMtcnn:
    """facenet-pytorch's own pipeline behind our promise, for comparison."""

    def __init__(self) -> None:
        self._mtcnn = MTCNN(keep_all=True)

    def detect(self, image: RGBImage) -> list[Face]:
        """Find faces, most confident first."""
        try:
            boxes, scores, landmarks = self._mtcnn.detect(Image.fromarray(image), landmarks=True)
        except (RuntimeError, ValueError):
            return []  # the reference fails where its last network sees no box
        if boxes is None:
            return []
        faces = [
            Face((*box.tolist(),), float(score), np.asarray(points, np.float32))
            for box, score, points in zip(boxes, scores, landmarks, strict=True)
        ]
        return sorted(faces, key=lambda face: -face.score)
