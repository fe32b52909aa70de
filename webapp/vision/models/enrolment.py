"""Turning a picture from outside into a reference, or saying why it cannot be one."""

from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from webapp.vision.models.adapter import describe, read_image
from webapp.vision.models.loading import face_pipeline, lock, plain_errors
from webapp.vision.values import ReferencePicture, RefusedReferenceError, UnavailableError

if TYPE_CHECKING:
    from inference.types import Face, RGBImage

RIVAL_AREA = 0.25
"""A second face with this share of the largest one's area makes the picture ambiguous."""

RIVAL_SCORE = 0.9
CROP_MARGIN = 0.5
CROP_SIDE = 480
CROP_QUALITY = 92


def read_reference(path: Path, *, least_quality: float) -> ReferencePicture:
    """Find the one face of a picture that is to be enrolled.

    Raises:
        RefusedReferenceError: There is no face, more than one, or too poor a one.
        UnavailableError: The detector or the embedder is missing.
        UnreadablePhotoError: The picture cannot be decoded.
    """
    with lock, plain_errors("Recognition"):
        image = read_image(path)
        face = _dominant(face_pipeline().find_faces(image))
        seen = describe(face_pipeline(), image, [face], embed=True)
        if seen.names_unavailable:
            raise UnavailableError(seen.names_unavailable)
        if seen.faces[0].quality < least_quality:
            raise RefusedReferenceError(
                gettext("The face is too small, blurred, turned away or cut off.")
            )
        return ReferencePicture(seen.faces[0], seen.embedder, _crop(image, face))


def _dominant(faces: "list[Face]") -> "Face":
    """Return the face the picture is about.

    Raises:
        RefusedReferenceError: There is none, or several could be meant.
    """
    if not faces:
        raise RefusedReferenceError(gettext("There is no face in this picture."))
    by_area = sorted(faces, key=lambda face: face.width * face.height, reverse=True)
    largest = by_area[0]
    least = RIVAL_AREA * largest.width * largest.height
    rivals = [
        face for face in by_area if face.width * face.height >= least and face.score >= RIVAL_SCORE
    ]
    if len(rivals) > 1:
        raise RefusedReferenceError(
            gettext("There are %(rivals)s faces; whose name is meant?") % {"rivals": len(rivals)}
        )
    return largest


def _crop(image: "RGBImage", face: "Face") -> bytes:
    """Return the face with surroundings enough to find and embed it again."""
    from inference.images.encoding import encode_jpeg, resize_to_fit

    height, width = image.shape[:2]
    more = CROP_MARGIN * max(face.width, face.height)
    x1, y1, x2, y2 = face.box
    left, top = max(0, round(x1 - more)), max(0, round(y1 - more))
    right, bottom = min(width, round(x2 + more)), min(height, round(y2 + more))
    return encode_jpeg(resize_to_fit(image[top:bottom, left:right], CROP_SIDE), CROP_QUALITY)
