"""What the models say about a picture file, as plain values.

Called by workers and commands, never by the web process. Safe to call from several threads.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext

from webapp.vision.boxes import pair_boxes
from webapp.vision.models.drawn import with_landmarks
from webapp.vision.models.loading import (
    face_pipeline,
    lock,
    model_tag,
    plain_errors,
    portrait_pipeline,
)
from webapp.vision.models.pictures import decoded
from webapp.vision.values import (
    FaceEmotion,
    FaceInPhoto,
    FaceShape,
    PortraitFiles,
    SeenFace,
    SeenPhoto,
    UnavailableError,
)

if TYPE_CHECKING:
    from inference.pipeline import FacePipeline
    from inference.types import AlphaMask, Embeddings, Face, RGBImage

logger = logging.getLogger(__name__)

DISPLAY_SIDE = 2048
FULL_QUALITY = 95
DISPLAY_QUALITY = 88
CHOOSING_SIDE = 384
"""Of the masks by which a user chooses: more than the network sees, little to send."""


def find_faces(path: Path, *, embed: bool, keep: Sequence[FaceShape] = ()) -> SeenPhoto:
    """Find the faces of a photo and, if asked, what recognition needs.

    Args:
        path: The picture.
        embed: Whether embeddings may be computed; only with the user's consent.
        keep: Faces known from before that must be among the answers; the detector may have lost
            one that the user has named, or never have found one that the user drew.

    Raises:
        UnavailableError: The detector is missing. A missing embedder only leaves the
            embeddings out.
        UnreadablePhotoError: The picture cannot be decoded.
    """
    with lock, plain_errors(gettext("Face detection")):
        image = decoded.read(path)
        pipeline = face_pipeline()
        faces = pipeline.find_faces(image)
        return describe(pipeline, image, faces + _lost(pipeline, image, keep, faces), embed=embed)


def _lost(
    pipeline: "FacePipeline", image: "RGBImage", keep: Sequence[FaceShape], faces: "list[Face]"
) -> "list[Face]":
    """Return those faces to keep that were not found again."""
    found = [to_shape(face).box for face in faces]
    paired = pair_boxes([shape.box for shape in keep], found)
    lost = [shape for index, shape in enumerate(keep) if index not in paired]
    return [
        to_face(shape) if shape.landmarks else with_landmarks(pipeline, image, shape)
        for shape in lost
    ]


def describe(
    pipeline: "FacePipeline", image: "RGBImage", faces: "list[Face]", *, embed: bool
) -> SeenPhoto:
    """Return what is known of faces in the order given."""
    rows, embedder, trouble = None, "", ""
    if embed and faces:
        rows, embedder, trouble = _embeddings(pipeline, image, faces)
    qualities = pipeline.quality(image, faces) if faces else []
    seen = tuple(
        SeenFace(
            shape=to_shape(face),
            quality=min(1.0, max(0.0, float(qualities[index]))),
            embedding=None if rows is None else to_bytes(rows[index]),
        )
        for index, face in enumerate(faces)
    )
    height, width = image.shape[:2]
    return SeenPhoto(width, height, seen, embedder, trouble)


def _embeddings(
    pipeline: "FacePipeline", image: "RGBImage", faces: "list[Face]"
) -> "tuple[Embeddings | None, str, str]":
    """Return raw embeddings, the embedder's tag, and why there are none."""
    try:
        with plain_errors("Recognition"):
            return pipeline.embed_raw(image, faces), model_tag(pipeline.embedder_name), ""
    except UnavailableError as error:
        return None, "", str(error)


def classify_emotions(path: Path, shapes: Sequence[FaceShape]) -> tuple[str, list[FaceEmotion]]:
    """Read the emotion of each face.

    Returns:
        Tag of the model, and one answer per face in the same order.

    Raises:
        UnavailableError: The emotion model is missing.
        UnreadablePhotoError: The picture cannot be decoded.
    """
    with lock, plain_errors(gettext("Emotion labelling")):
        image = decoded.read(path)
        pipeline = face_pipeline()
        found = pipeline.classify_emotions(image, [to_face(shape) for shape in shapes])
        tag = model_tag(pipeline.emotion_model)
    return tag, list(map(FaceEmotion.of, found))


def make_portrait(
    path: Path,
    strength: float,
    heads: Sequence[Sequence[float]] = (),
    others: Sequence[Sequence[float]] = (),
    *,
    lights: bool = False,
    faceless: bool = False,
) -> PortraitFiles:
    """Find the people of a photo who are meant and blur everything else.

    Args:
        path: The photo.
        strength: 0 to 1.
        heads: Face boxes of those who are meant, in pixels of the photo; none means everybody.
        others: Face boxes of those who are not, as far as they are known.
        lights: Whether lamps become discs.
        faceless: Whether the photo is known to show no face, so that people need a second look.

    Raises:
        UnavailableError: The portrait model is missing.
        UnreadablePhotoError: The picture cannot be decoded.
    """
    with lock, plain_errors(gettext("Portrait mode")):
        from inference.portrait.alpha import encode_alpha

        image = decoded.read(path)
        pipeline = portrait_pipeline()
        alpha = pipeline.segment(image, _boxes(heads), _boxes(others))
        model = model_tag(pipeline.model_name)
        if not pipeline.has_person(alpha, image if faceless else None):
            return PortraitFiles(has_person=False, model=model)
        full, display = _rendered(image, alpha, strength, lights=lights)
        return PortraitFiles(
            has_person=True, model=model, alpha=encode_alpha(alpha), full=full, display=display
        )


def choose_subject(faces: Sequence[FaceInPhoto], size: tuple[int, int]) -> list[int]:
    """Choose who shall stay sharp in a portrait; loads no model.

    Args:
        faces: All faces of the photo.
        size: Its width and height.

    Returns:
        Their places among ``faces``; none means everybody.
    """
    from inference.portrait import subject

    known = [
        subject.FaceOfPicture(
            face.box, min(max(face.quality, 0.0), 1.0), face.is_named, face.is_favourite
        )
        for face in faces
    ]
    return subject.choose_subject(known, size)


def person_masks(path: Path, heads: Sequence[Sequence[float]], *, width: int) -> bytes:
    """Return small masks of everybody and of each person, one below the other, as grey PNG.

    Args:
        path: The photo or a smaller copy of it.
        heads: Face boxes of the people, in pixels of the full-size photo.
        width: Of the full-size photo.

    Raises:
        UnavailableError: The portrait model is missing.
        UnreadablePhotoError: The picture cannot be decoded.
    """
    with lock, plain_errors(gettext("Portrait mode")):
        from inference.images.encoding import resize_to_fit
        from inference.portrait.alpha import encode_alpha

        small = resize_to_fit(read_image(path), CHOOSING_SIDE)
        scale = small.shape[1] / width
        boxes = [tuple(edge * scale for edge in box) for box in _boxes(heads)]
        masks = portrait_pipeline().person_masks(small, _boxes(boxes))
        return encode_alpha(masks.reshape(-1, masks.shape[2]))


def _boxes(heads: Sequence[Sequence[float]]) -> list[tuple[float, float, float, float]]:
    return [(x1, y1, x2, y2) for x1, y1, x2, y2 in heads]


def render_portrait(
    path: Path, alpha_path: Path, strength: float, *, lights: bool = False
) -> PortraitFiles:
    """Blur the background again with a stored mask; no network is loaded or run.

    Raises:
        UnreadablePhotoError: The picture or its mask cannot be decoded.
    """
    with lock, plain_errors(gettext("Portrait mode")):
        from inference.portrait.alpha import decode_alpha

        alpha = decode_alpha(alpha_path.read_bytes())
        full, display = _rendered(decoded.read(path), alpha, strength, lights=lights)
        return PortraitFiles(has_person=True, model="", full=full, display=display)


def _rendered(
    image: "RGBImage", alpha: "AlphaMask", strength: float, *, lights: bool
) -> tuple[bytes, bytes]:
    from inference.images.encoding import encode_jpeg, resize_to_fit

    portrait = portrait_pipeline().render(image, alpha, strength, lights=lights)
    small = resize_to_fit(portrait, DISPLAY_SIDE)
    return encode_jpeg(portrait, FULL_QUALITY), encode_jpeg(small, DISPLAY_QUALITY)


def read_image(path: Path) -> "RGBImage":
    """Decode a picture that is read but once upright; raises the errors of inference."""
    from inference.images.decoding import decode_photo

    return decode_photo(path).image


def to_face(shape: FaceShape) -> "Face":
    """Return the face as inference knows it."""
    from inference.types import Face

    return Face(shape.box, shape.score, np.asarray(shape.landmarks, dtype=np.float32))


def to_shape(face: "Face") -> FaceShape:
    """Return the face as plain numbers, to a hundredth of a pixel."""
    x1, y1, x2, y2 = (round(float(edge), 2) for edge in face.box)
    return FaceShape(
        box=(x1, y1, x2, y2),
        score=round(float(face.score), 4),
        landmarks=tuple((round(float(x), 2), round(float(y), 2)) for x, y in face.landmarks),
    )


def to_bytes(embedding: "Embeddings") -> bytes:
    """Return one embedding as little-endian float32."""
    return np.ascontiguousarray(embedding, dtype="<f4").tobytes()
