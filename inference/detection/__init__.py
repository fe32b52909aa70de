"""Finding faces: one promise, two ways to keep it."""

from typing import Literal, Protocol

from inference.types import Face, RGBImage

DetectorName = Literal["mtcnn", "haar"]


class FaceDetector(Protocol):
    """Anything that finds faces in one upright image."""

    def detect(self, image: RGBImage) -> list[Face]:
        """Find faces, most confident first.

        Args:
            image: ``(H, W, 3)`` uint8 RGB.

        Returns:
            Faces in pixels of ``image``; an empty list when there are none.
        """
        ...


def load_detector(name: DetectorName) -> FaceDetector:
    """Load a detector by name; takes a moment, so keep what it returns.

    Raises:
        ValueError: No detector has this name.
        WeightsError: Its files are missing or wrong.
    """
    # Here and not above, because OpenCV's cascade needs no torch and MTCNN costs seconds.
    if name == "mtcnn":
        from inference.detection.mtcnn import MtcnnDetector

        return MtcnnDetector.load()
    if name == "haar":
        from inference.detection.haar import HaarDetector

        return HaarDetector.load()
    raise ValueError(f"no detector is called {name!r}; there are 'mtcnn' and 'haar'")
