"""From which similarity on two faces are taken for one person, by embedder.

Apart from the networks, so that stored embeddings are matched without loading torch.
"""

THRESHOLDS: dict[str, float] = {
    "dlib-resnet": 0.5,
}
"""Cosine similarity below which a face stays unknown; rows "open set" of docs/evaluation.md."""
