"""Cosine similarity below which a face stays unknown, by embedder.

Each is the lowest threshold in the open-set table of ``docs/evaluation.md`` with at most 1 % wrong
names and 5 % strangers accepted. Kept apart from the networks, so that comparing stored embeddings
loads none of them.
"""

THRESHOLDS: dict[str, float] = {
    "encore": 0.54,
    "encore-resnet": 0.61,
    "dlib-resnet": 0.48,
    "facenet-vggface2": 0.7,
}
"""That of the download is a careful guess: no machine that measured the others could get it."""
