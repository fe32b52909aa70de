"""Labelled faces in white light and under stage lights: raw embeddings, kept between runs.

And how much each face can be trusted, since the product gives none a name that is too poor for one.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.datasets.faces import LabelledFace, by_photo, embed_faces, lit_photo, read_photo
from inference.evaluation.naming.embedders import load_part
from inference.recognition.quality import face_quality
from inference.types import Embeddings
from inference.weights import record


class RawEmbeddings:
    """What networks make of a set of faces, computed once per network, its weights and light.

    Args:
        faces: The faces, at least one.
        downloads: Where optional networks lie.
        cache: Folder in which the rows are kept.
    """

    def __init__(self, faces: Sequence[LabelledFace], downloads: Path, cache: Path) -> None:
        self._faces = faces
        self._downloads = downloads
        self._cache = cache
        self._qualities: dict[str, NDArray[np.float64]] = {}
        listing = "\n".join(
            f"{face.photo.path.parent.name}/{face.photo.path.name} {face.face.landmarks.tolist()}"
            for face in faces
        )
        self._digest = hashlib.sha256(listing.encode()).hexdigest()[:12]

    def rows(self, network: str, light: str = "") -> Embeddings:
        """Return ``(N, D)`` unit rows of one network, in white light or under a stage light."""
        weights = record(network).sha256[:12]
        store = self._cache / f"raw-{network}-{weights}-{light or 'clean'}-{self._digest}.npy"
        if not store.is_file():
            self._cache.mkdir(parents=True, exist_ok=True)
            np.save(store, self._compute(network, light))
            print(f"embedded {len(self._faces)} faces: {network}, {light or 'clean'}", flush=True)
        rows: Embeddings = np.load(store, allow_pickle=False)
        return rows

    def side_by_side(self, shares: dict[str, float], light: str = "") -> Embeddings:
        """Lay the rows of several networks beside each other, as a fused embedder does."""
        sides = [
            np.sqrt(np.float32(share)) * self.rows(network, light)
            for network, share in shares.items()
        ]
        return np.concatenate(sides, axis=1)

    def qualities(self, light: str = "") -> NDArray[np.float64]:
        """Return ``(N,)`` how much each face can be trusted, measured once per run and light."""
        if light not in self._qualities:
            found = np.zeros(len(self._faces))
            for path, indices in by_photo(self._faces).items():
                image = lit_photo(path, light) if light else read_photo(path)
                for index in indices:
                    found[index] = face_quality(image, self._faces[index].face)
            self._qualities[light] = found
        return self._qualities[light]

    def _compute(self, network: str, light: str) -> Embeddings:
        embedder = load_part(network, self._downloads)
        if not light:
            return embed_faces(embedder.embed_raw, self._faces)
        return embed_faces(embedder.embed_raw, self._faces, lambda path: lit_photo(path, light))
