"""Who can be named on a camera, as the web process sends it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inference.protocol.messages import GalleryUpdate
from inference.recognition.gallery import Gallery
from inference.recognition.postprocessing import PostProcessing
from inference.types import Embeddings

MAX_ROWS = 200_000
MAX_DIMENSIONS = 4096


class GalleryRefusedError(Exception):
    """A gallery cannot be used; the text is a sentence that says why."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveGallery:
    """A gallery with the names of its people.

    Attributes:
        revision: The sender's; higher replaces lower.
        gallery: By the people's ids.
        names: Id to name.
        space: Makes raw embeddings comparable with its rows.
    """

    revision: int
    gallery: Gallery[str]
    names: Mapping[str, str]
    space: PostProcessing


def read_gallery(
    said: GalleryUpdate, payload: bytes, embedder: str | None, space: PostProcessing
) -> LiveGallery:
    """Read a gallery message.

    Args:
        said: The message; its numbers may contradict each other.
        payload: Little-endian float32: the space, if one was learnt, then ``(R, D)`` raw rows.
        embedder: The engine's own; embeddings of another one cannot be compared.
        space: The embedder's own; used where the message brings none, as is its threshold.

    Raises:
        GalleryRefusedError: The message contradicts itself, or another embedder made it.
    """
    if said["embedder"] != embedder:
        raise GalleryRefusedError(
            f"The gallery was made by {said['embedder']!r}; this engine compares faces with "
            f"{embedder!r}."
        )
    try:
        people = [(entry["person"], entry["name"]) for entry in said["people"]]
        rows, dimensions = said["rows"], said["dimensions"]
        used, payload = _read_space(said, payload, dimensions, space)
        raw = _read_rows(payload, len(rows), dimensions)
        keys = [people[row][0] for row in rows if row >= 0]
        gallery = Gallery(keys, used.apply(raw) if len(raw) else raw, used.threshold)
        return LiveGallery(said["revision"], gallery, dict(people), used)
    except (ValueError, IndexError) as error:
        raise GalleryRefusedError(f"The gallery cannot be read: {error}.") from error


def _read_space(
    said: GalleryUpdate, payload: bytes, dimensions: int, own: PostProcessing
) -> tuple[PostProcessing, bytes]:
    """Return what makes the gallery comparable, and the rest of the payload."""
    given = said.get("threshold")
    threshold = own.threshold if given is None else given
    if not said.get("is_learnt"):
        return replace(own, threshold=threshold), payload
    size = dimensions * (dimensions + 1)
    if not 0 < dimensions <= MAX_DIMENSIONS or len(payload) < 4 * size:
        raise ValueError(f"{len(payload)} bytes hold no space of {dimensions} dimensions")
    numbers = np.frombuffer(payload[: 4 * size], dtype="<f4").astype(np.float32)
    if not np.isfinite(numbers).all():
        raise ValueError("the space holds a number that is none")
    mean, matrix = numbers[:dimensions], numbers[dimensions:].reshape(dimensions, dimensions)
    return PostProcessing(mean, matrix, threshold, own.parts), payload[4 * size :]


def _read_rows(payload: bytes, rows: int, dimensions: int) -> Embeddings:
    """Return ``(R, D)`` unit rows; raises ``ValueError`` where sizes or numbers are wrong."""
    is_possible = 0 < dimensions <= MAX_DIMENSIONS and rows <= MAX_ROWS
    if not is_possible or len(payload) != rows * dimensions * 4:
        raise ValueError(f"{len(payload)} bytes are no {rows} embeddings of {dimensions} numbers")
    table: NDArray[np.float32] = np.frombuffer(payload, dtype="<f4").astype(np.float32)
    table = table.reshape(rows, dimensions)
    if not np.isfinite(table).all():
        raise ValueError("an embedding holds a number that is none")
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    if rows and lengths.min() < 1e-6:
        raise ValueError("an embedding has no length")
    unit: Embeddings = table / lengths
    return unit
