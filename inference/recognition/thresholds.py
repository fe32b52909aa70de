"""Cosine similarity below which a face stays unknown, by embedder.

Each is chosen by ``python -m inference.evaluation.verification`` on all K-pop groups, each asked
about with statistics of the others: the lowest at which 2 % of strangers and 0.5 % wrong names come
through on average. What such a threshold then does to people nobody tuned on is told in
``docs/evaluation.md``. Kept apart from the networks, so that comparing stored embeddings loads none
of them.
"""

THRESHOLDS: dict[str, float] = {
    "encore": 0.54,
    "encore-resnet": 0.525,
    "dlib-resnet": 0.615,
    "stars": 0.495,
    "facenet-vggface2": 0.7,
}
"""With the shipped post-processing alone, which knows nothing of a library: it has to be so high
that it suits groups whose people look alike. That of facenet-vggface2 is a careful guess: no
machine that measured the others could get its file."""

ADAPTED_THRESHOLDS: dict[str, float] = {
    "encore": 0.385,
    "encore-resnet": 0.405,
    "dlib-resnet": 0.44,
    "stars": 0.37,
}
"""With the post-processing adapted to a usual library; ``adaptation`` moves it for others."""

LEVELS: dict[str, tuple[float, float]] = {
    "encore": (0.413, -0.017),
    "encore-resnet": (0.44, -0.018),
    "dlib-resnet": (0.364, -0.014),
    "stars": (0.423, -0.025),
}
"""Usual similarity of two faces of one person, and of two people; measured with the thresholds."""

DLIB_SHARE = 0.35
"""Weight of dlib-resnet: more names new people better, less names known groups better."""

SHARES: dict[str, dict[str, float]] = {
    "encore": {"dlib-resnet": DLIB_SHARE, "encore-resnet": 1.0 - DLIB_SHARE},
    "stars": {"mobilefacenet-foamliu": 0.6, "encore-resnet": 0.4},
}
"""Which embedders a fused one is made of, each with its weight in the similarity."""

PARTS: dict[str, tuple[str, ...]] = {name: tuple(shares) for name, shares in SHARES.items()}
"""The same without weights: training one of them again makes it another embedder."""

LINE_UP: dict[str, tuple[float, float, float, float]] = {
    "encore": (0.0, 0.18, 0.06, 0.1),
    "encore-resnet": (0.0, 0.18, 0.06, 0.1),
    "dlib-resnet": (0.0, 0.18, 0.06, 0.1),
    "stars": (0.03, 0.15, 0.02, 0.1),
}
"""Differences to the threshold where it is known which groups were there, as
``line_up.LineUpRules`` names them; chosen by ``python -m inference.evaluation.naming.line_up``."""
