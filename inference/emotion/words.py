"""Says a mixed expression in two words, as it is seldom one alone."""

from collections.abc import Mapping

SECOND_SHARE = 0.5
"""A second label is named beside the first where it is at least this share of it."""


def emotion_words(label: str, probabilities: Mapping[str, float]) -> str:
    """Return the label, and after a comma the next one where that is at least half as probable.

    Args:
        label: What is shown; empty where nothing is sure, and then no words are.
        probabilities: Of every label.
    """
    others = {other: p for other, p in probabilities.items() if other != label}
    if not label or not others:
        return label
    second = max(others, key=lambda other: others[other])
    is_mixed = others[second] >= SECOND_SHARE * probabilities.get(label, 1.0)
    return f"{label}, {second}" if is_mixed else label
