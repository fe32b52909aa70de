"""The values that cross the door between the web and inference.

They hold plain numbers and bytes, so they can be stored, sent and faked without a model at hand.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

if TYPE_CHECKING:
    from inference.types import EmotionPrediction

Box: TypeAlias = tuple[float, float, float, float]
"""``(x1, y1, x2, y2)`` in pixels of the full-size upright image; ``x2`` and ``y2`` are outside."""

Landmarks: TypeAlias = tuple[tuple[float, float], ...]
"""Five ``(x, y)``: left eye, right eye, nose tip, mouth corners; left meaning left in the image."""


SAMPLE_SECONDS = 5
"""Width of the bins over which is averaged what a star expresses, as ``inference.engine.video``."""


class VisionError(Exception):
    """Base of the errors below; the text is a sentence for the user."""


class UnavailableError(VisionError):
    """A model is missing or damaged; the feature waits until it is back."""


class UnreadablePhotoError(VisionError):
    """A picture cannot be read; trying again will not help."""


class RefusedReferenceError(VisionError):
    """A picture cannot serve as a reference: no face, several faces, or too poor a face."""


@dataclass(frozen=True, slots=True)
class FaceShape:
    """Where one face is; without landmarks where the user drew the box and nobody looked yet."""

    box: Box
    score: float
    landmarks: Landmarks


@dataclass(frozen=True, slots=True)
class SeenFace:
    """One face as the worker saw it.

    Attributes:
        shape: Where it is.
        quality: 0 to 1; how much a recognition of it is worth.
        embedding: Raw, as little-endian float32 of unit length; ``None`` where none was computed.
    """

    shape: FaceShape
    quality: float
    embedding: bytes | None = None


@dataclass(frozen=True, slots=True)
class SeenPhoto:
    """The faces of one photo, most confident first.

    Attributes:
        width: Of the upright image in pixels.
        height: Of the upright image in pixels.
        faces: One per face; those that had to be kept although the detector lost them come last.
        embedder: Tag of the model behind the embeddings; empty where none were computed.
        names_unavailable: Why embeddings are missing although they were asked for; else empty.
    """

    width: int
    height: int
    faces: tuple[SeenFace, ...]
    embedder: str = ""
    names_unavailable: str = ""


@dataclass(frozen=True, slots=True)
class FaceInPhoto:
    """A face as far as it matters for who shall stay sharp.

    Attributes:
        box: ``(x1, y1, x2, y2)`` in pixels of the photo.
        quality: How well it can be made out, 0 to 1.
        is_named: Whether the user or the gallery knows who it is.
        is_favourite: Whether that is one of the user's favourites.
    """

    box: tuple[float, float, float, float]
    quality: float
    is_named: bool
    is_favourite: bool = False


@dataclass(frozen=True, slots=True)
class TaughtOpinion:
    """A second opinion on the people of one group, learnt from a library's confirmed faces.

    Attributes:
        model: Tag of the model whose embeddings it is for.
        people: Who they are.
        numbers: Weights ``(K + 1, D)`` and biases ``(K + 1,)``, little-endian float32.
    """

    model: str
    people: tuple[UUID, ...]
    numbers: bytes


@dataclass(frozen=True, slots=True)
class FaceEmotion:
    """What one face expresses; ``label`` is empty where the network abstains."""

    label: str
    probabilities: dict[str, float]

    @classmethod
    def of(cls, found: "EmotionPrediction") -> "FaceEmotion":
        """Return a prediction as plain values."""
        rounded = {name: round(float(value), 4) for name, value in found.probabilities.items()}
        return cls(found.label or "", rounded)


@dataclass(frozen=True, slots=True)
class PortraitFiles:
    """The rendered portrait of one photo.

    Attributes:
        has_person: Whether the mask holds anybody; if not, the three files are empty.
        model: Tag of the model behind the mask.
        alpha: The mask as a file of 8-bit grey; empty after a re-rendering, which keeps the old.
        full: JPEG of the photo's size.
        display: The same, at most 2048 px on the longer side.
    """

    has_person: bool
    model: str
    alpha: bytes = b""
    full: bytes = b""
    display: bytes = b""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One reference of the gallery: whose it is and what the model made of it."""

    person: UUID
    embedding: bytes
    embedder: str


@dataclass(frozen=True, slots=True)
class LearntSpace:
    """What a library's own people teach about comparing the embeddings of one model.

    Attributes:
        embedder: Tag of the model.
        threshold: Cosine similarity below which a face stays unknown.
        numbers: Mean ``(D,)`` and matrix ``(D, D)`` of the post-processing, little-endian float32.
    """

    embedder: str
    threshold: float
    numbers: bytes


@dataclass(frozen=True, slots=True)
class Probe:
    """One face whose name is asked for.

    Attributes:
        embedding: ``None`` where the face was never embedded; such a face stays unknown.
        embedder: Tag of the model behind ``embedding``; only references of the same one count.
        quality: 0 to 1.
        not_these: People whom the user has ruled out for this face.
    """

    embedding: bytes | None
    embedder: str
    quality: float = 1.0
    not_these: frozenset[UUID] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person and the cosine similarity (-1 to 1) of their nearest reference."""

    person: UUID
    similarity: float


@dataclass(frozen=True, slots=True)
class Naming:
    """The answer to a probe: the person, or ``None`` for unknown, and who else was near."""

    match: Candidate | None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferencePicture:
    """A face that can be enrolled, cut from a picture.

    Attributes:
        face: The face, which may leave a picture that is cut tightly around it.
        embedder: Tag of the model behind the embedding.
        crop: JPEG of the face with some surroundings; enough to embed it again.
    """

    face: SeenFace
    embedder: str
    crop: bytes


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model file as the health page shows it.

    Attributes:
        name: What the register calls it.
        origin: ``trained`` by this project, carried by a ``dependency``, or an optional
            ``download``; only a missing download is nothing to worry about.
        is_available: Whether the file is there with the registered hash.
        detail: A few words for the user.
        sha256: The registered hash.
        licence: Of the weights.
    """

    name: str
    origin: str
    is_available: bool
    detail: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What a star expressed on average during ``SAMPLE_SECONDS`` of a session or a video.

    Attributes:
        second: Where the bin begins, since the session or video began.
        emotions: Label to mean probability.
        count: How many readings the mean is made of.
    """

    person: UUID
    second: int
    emotions: dict[str, float]
    count: int
