"""Who can be named on a camera, as the web process sends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.recognition.gallery import Gallery
from inference.types import Embeddings

MAX_ROWS = 200_000


class GalleryRefusedError(Exception):
    """A gallery cannot be used; the text is a sentence that says why."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveGallery:
    """A gallery with the names of its people.

    Attributes:
        revision: The sender's; higher replaces lower.
        gallery: By the people's ids.
        names: Id to name.
    """

    revision: int
    gallery: Gallery[str]
    names: Mapping[str, str]


def read_gallery(
    header: Mapping[str, Any], payload: bytes, embedder: str | None, threshold: float
) -> LiveGallery:
    """Read a gallery message.

    Args:
        header: Of the message; nothing in it is believed.
        payload: ``(R, D)`` float32, little-endian.
        embedder: The engine's own; embeddings of another one cannot be compared.
        threshold: Of that embedder, used where the message gives none.

    Raises:
        GalleryRefusedError: The message contradicts itself, or another embedder made it.
    """
    if header.get("embedder") != embedder:
        raise GalleryRefusedError(
            f"The gallery was made by {header.get('embedder')!r}; this engine compares faces with "
            f"{embedder!r}."
        )
    try:
        people = [(str(entry["person"]), str(entry["name"])) for entry in header["people"]]
        rows = np.asarray(header["rows"], dtype=np.int64).reshape(-1)
        embeddings = _read_rows(payload, len(rows), int(header["dimensions"]))
        keys = [people[row][0] for row in rows if row >= 0]
        given = header.get("threshold")
        limit = threshold if given is None else float(given)
        gallery = Gallery(keys, embeddings, limit)
        return LiveGallery(int(header["revision"]), gallery, dict(people))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise GalleryRefusedError(f"The gallery cannot be read: {error}.") from error


def _read_rows(payload: bytes, rows: int, dimensions: int) -> Embeddings:
    """Return ``(R, D)`` unit rows; raises ``ValueError`` where sizes or numbers are wrong."""
    if not 0 < dimensions <= 4096 or rows > MAX_ROWS or len(payload) != rows * dimensions * 4:
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
