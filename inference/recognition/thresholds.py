"""Cosine similarity below which a face stays unknown, by embedder.

Each is the lowest threshold in the open-set table of ``docs/evaluation.md`` with at most 1 % wrong
names and 5 % strangers accepted. Kept apart from the networks, so that comparing stored embeddings
loads none of them.
"""

THRESHOLDS: dict[str, float] = {
    "encore": 0.46,
    "encore-resnet": 0.49,
    "dlib-resnet": 0.47,
    "facenet-vggface2": 0.7,
}
"""That of the download is a careful guess: no machine that measured the others could get it."""

DLIB_SHARE = 0.35
"""Weight of embedder A: more names new people better, less names known groups better."""

SHARES: dict[str, dict[str, float]] = {
    "encore": {"dlib-resnet": DLIB_SHARE, "encore-resnet": 1.0 - DLIB_SHARE},
}
"""Which embedders a fused one is made of, each with its weight in the similarity."""

PARTS: dict[str, tuple[str, ...]] = {name: tuple(shares) for name, shares in SHARES.items()}
"""The same without weights: training one of them again makes it another embedder."""
