"""All that the models say of one picture that is not to be kept: decoded once, read once."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from webapp.vision.models.adapter import DISPLAY_SIDE, FULL_QUALITY, describe, read_image
from webapp.vision.models.loading import (
    face_pipeline,
    lock,
    model_tag,
    plain_errors,
    portrait_pipeline,
)
from webapp.vision.values import FaceEmotion, SeenPhoto, UnavailableError

if TYPE_CHECKING:
    from inference.pipeline import FacePipeline
    from inference.types import Face, RGBImage


@dataclass(frozen=True, slots=True)
class PictureWish:
    """What is asked of a picture.

    Attributes:
        embed: Whether embeddings may be computed; only with the user's consent.
        mask: Whether the mask of the people is wanted.
        portrait: How much the background of a portrait is blurred, 0 to 1; ``None`` for none.
    """

    embed: bool
    mask: bool = False
    portrait: float | None = None

    @property
    def needs_mask(self) -> bool:
        """Whether people have to be told from what is behind them."""
        return self.mask or self.portrait is not None


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """What is in a picture.

    Attributes:
        seen: Its faces, most confident first.
        emotions: One for each face; none where the network is missing.
        mask: PNG of 8-bit grey, at most 2048 px on the longer side; empty if not asked for, if the
            network is missing, or if nobody is there.
        portrait: JPEG of the same size; likewise.
        unavailable: What could not be said, as sentences.
    """

    seen: SeenPhoto
    emotions: tuple[FaceEmotion, ...] = ()
    mask: bytes = b""
    portrait: bytes = b""
    unavailable: tuple[str, ...] = ()
    models: dict[str, str] = field(default_factory=dict)


def read_picture(path: Path, wish: PictureWish) -> ReadPicture:
    """Find the faces of a picture and say all that is wished of it.

    Raises:
        UnavailableError: The detector is missing; what else is missing is only left out.
        UnreadablePhotoError: The picture cannot be decoded.
    """
    with lock, plain_errors(gettext("Face detection")):
        image = read_image(path)
        pipeline = face_pipeline()
        faces = pipeline.find_faces(image)
        seen = describe(pipeline, image, faces, embed=wish.embed)
        troubles = [seen.names_unavailable] if seen.names_unavailable else []
        models = {"embedder": seen.embedder}
        emotions: tuple[FaceEmotion, ...] = ()
        try:
            models["emotions"], emotions = _emotions(pipeline, image, faces)
        except UnavailableError as error:
            troubles.append(str(error))
        mask = portrait = b""
        try:
            if wish.needs_mask:
                models["portrait"], mask, portrait = _cut_out(image, wish, faceless=not faces)
        except UnavailableError as error:
            troubles.append(str(error))
    return ReadPicture(seen, emotions, mask, portrait, tuple(troubles), models)


def _emotions(
    pipeline: "FacePipeline", image: "RGBImage", faces: "list[Face]"
) -> tuple[str, tuple[FaceEmotion, ...]]:
    """Return the tag of the network and what each face expresses."""
    with plain_errors(gettext("Emotion labelling")):
        if not faces:
            return "", ()
        found = pipeline.classify_emotions(image, faces)
        return model_tag(pipeline.emotion_model), tuple(map(FaceEmotion.of, found))


def _cut_out(image: "RGBImage", wish: PictureWish, *, faceless: bool) -> tuple[str, bytes, bytes]:
    """Return the tag of the network, the mask and the portrait, each if it was wished."""
    from inference.images.encoding import encode_jpeg, resize_to_fit
    from inference.portrait.alpha import encode_alpha

    with plain_errors(gettext("Portrait mode")):
        small = resize_to_fit(image, DISPLAY_SIDE)
        pipeline = portrait_pipeline()
        alpha = pipeline.segment(small)
        tag = model_tag(pipeline.model_name)
        if not pipeline.has_person(alpha, small if faceless else None):
            return tag, b"", b""
        portrait = b""
        if wish.portrait is not None:
            portrait = encode_jpeg(pipeline.render(small, alpha, wish.portrait), FULL_QUALITY)
        return tag, encode_alpha(alpha) if wish.mask else b"", portrait
