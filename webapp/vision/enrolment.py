"""Turning a picture from outside into a reference, or saying why it cannot be one."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from webapp.vision.adapter import describe, read_image
from webapp.vision.loading import face_pipeline, lock, plain_errors
from webapp.vision.values import ReferencePicture, RefusedReferenceError, UnavailableError

if TYPE_CHECKING:
    from inference.types import Face, RGBImage

BORDER_SHARE = 0.5
"""Grey on each side, as a share of the picture's longer side: a tight crop becomes a portrait."""

GREY = 127
EDGE_SHARE = 0.02
"""A box nearer to the edge than this share of the picture counts as cut off by it."""

RIVAL_AREA = 0.25
"""A second face with this share of the largest one's area makes the picture ambiguous."""

RIVAL_SCORE = 0.9
CROP_MARGIN = 0.5
CROP_SIDE = 480
CROP_QUALITY = 92


def read_reference(path: Path, *, least_quality: float) -> ReferencePicture:
    """Find the one face of a picture that is to be enrolled.

    A tight face crop gets a grey border first: without one its landmarks are off, or no face is
    found at all.

    Raises:
        RefusedReferenceError: There is no face, more than one, or too poor a one.
        UnavailableError: The detector or the embedder is missing.
        UnreadablePhotoError: The picture cannot be decoded.
    """
    with lock, plain_errors("Recognition"):
        image, face, bordered = _one_face(read_image(path))
        seen = describe(face_pipeline(), image, [face], embed=True)
        if seen.names_unavailable:
            raise UnavailableError(seen.names_unavailable)
        if seen.faces[0].quality < least_quality:
            raise RefusedReferenceError("The face is too small, blurred or turned away.")
        return ReferencePicture(seen.faces[0], seen.embedder, _crop(image, face), bordered)


def _one_face(image: "RGBImage") -> "tuple[RGBImage, Face, bool]":
    """Return the picture, with a border where it needed one, its face, and whether it did."""
    faces = face_pipeline().find_faces(image)
    if any(not _is_cut_off(face, image) for face in faces):
        return image, _dominant(faces), False
    framed = add_border(image)
    faces = face_pipeline().find_faces(framed)
    if not faces:
        raise RefusedReferenceError("There is no face in this picture.")
    return framed, _dominant(faces), True


def _dominant(faces: "list[Face]") -> "Face":
    """Return the face the picture is about.

    Raises:
        RefusedReferenceError: Several could be meant.
    """
    by_area = sorted(faces, key=lambda face: face.width * face.height, reverse=True)
    largest = by_area[0]
    least = RIVAL_AREA * largest.width * largest.height
    rivals = [
        face for face in by_area if face.width * face.height >= least and face.score >= RIVAL_SCORE
    ]
    if len(rivals) > 1:
        raise RefusedReferenceError(f"There are {len(rivals)} faces; whose name is meant?")
    return largest


def _is_cut_off(face: "Face", image: "RGBImage") -> bool:
    height, width = image.shape[:2]
    x1, y1, x2, y2 = face.box
    near_x, near_y = EDGE_SHARE * width, EDGE_SHARE * height
    return bool(x1 < near_x or y1 < near_y or x2 > width - near_x or y2 > height - near_y)


def add_border(image: "RGBImage") -> "RGBImage":
    """Return the picture on a grey ground, half its longer side wider on every side."""
    border = round(BORDER_SHARE * max(image.shape[:2]))
    framed: RGBImage = np.pad(
        image, ((border, border), (border, border), (0, 0)), constant_values=GREY
    )
    return framed


def _crop(image: "RGBImage", face: "Face") -> bytes:
    """Return the face with surroundings enough to find and embed it again."""
    from inference.images.encoding import encode_jpeg, resize_to_fit

    height, width = image.shape[:2]
    more = CROP_MARGIN * max(face.width, face.height)
    x1, y1, x2, y2 = face.box
    left, top = max(0, round(x1 - more)), max(0, round(y1 - more))
    right, bottom = min(width, round(x2 + more)), min(height, round(y2 + more))
    return encode_jpeg(resize_to_fit(image[top:bottom, left:right], CROP_SIDE), CROP_QUALITY)
