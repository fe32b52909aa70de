"""Who the tracks of one frame show, and how sure that is.

Each track is one probe, the mean of its looks. A name that is shown has a bonus over others, so
that two people who are alike do not flicker. A name is sure where the mean is so near that even
with few looks behind it hardly ever somebody else is; until then it is a question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from inference.pairing import best_pairs
from inference.recognition.gallery import Gallery, Key
from inference.tracking.probe import Probe

Nearness = NDArray[np.float32]
"""``(K,)`` similarity to everybody in a gallery, in the order of its keys."""

ENOUGH_WEIGHT = 0.4
"""Sum of qualities below which nobody is named: one good look, or several poor ones."""

STAYING_BONUS = 0.06
"""How much nearer somebody else must be, and how far below the threshold a name may sink."""

SURE_MARGIN = 0.08
"""How far above the gallery's threshold a name is sure after one look; after n looks it is this by
the square root of n, as the noise of a mean is. A track is looked at again and again, and each look
is another chance for a stranger: this is the smallest margin at which no more than 0.5 % of tracks
are ever surely given a wrong name and 2 % of strangers' any, by
``inference.evaluation.naming.tracks`` with a library's own post-processing. With the shipped one
no margin keeps that for every group."""


@dataclass(frozen=True, slots=True)
class Name(Generic[Key]):
    """Whose name a track bears.

    Attributes:
        key: Who.
        similarity: Cosine similarity, -1 to 1; not a probability.
        is_sure: Whether the name is a statement and not a question.
    """

    key: Key
    similarity: float
    is_sure: bool


@dataclass(frozen=True, slots=True, eq=False)
class Evidence(Generic[Key]):
    """What is known of a track before it is named.

    Attributes:
        nearness: Of its mean look to everybody.
        weight: Sum of the qualities behind it.
        looks: How many looks that are worth.
        shown: Whose name it bears so far.
        is_doubted: Whether it may show somebody else since the last look.
    """

    nearness: Nearness
    weight: float
    looks: float
    shown: Name[Key] | None = None
    is_doubted: bool = False

    @classmethod
    def of(cls, probe: Probe, nearness: Nearness, shown: Name[Key] | None) -> "Evidence[Key]":
        """Sum up a probe."""
        return cls(nearness, probe.weight, probe.looks, shown, probe.is_doubted)


def sure_threshold(threshold: float, looks: float, margin: float = SURE_MARGIN) -> float:
    """Return the similarity from which a name is sure.

    Args:
        threshold: Of the gallery.
        looks: How many are behind the mean; with fewer than one, as with one.
        margin: How much more one look alone needs.
    """
    return threshold + margin / float(np.sqrt(max(looks, 1.0)))


def choose_names(gallery: Gallery[Key], tracks: Sequence[Evidence[Key]]) -> list[Name[Key] | None]:
    """Name the tracks of one frame together, each person at most once.

    Returns:
        Per track its person, or ``None`` where nobody is near enough.
    """
    names: list[Name[Key] | None] = [None] * len(tracks)
    if not tracks or not gallery.keys:
        return names
    nearness = np.stack([track.nearness for track in tracks])
    gain = nearness - gallery.threshold + _bonus(gallery.keys, tracks)
    # A tiny share makes a track exactly at the threshold worth naming.
    gain = np.where(gain >= 0, gain + 1e-6, 0.0)
    gain[np.array([track.weight for track in tracks]) < ENOUGH_WEIGHT] = 0.0
    possible = np.flatnonzero(gain.any(axis=0))
    for row, place in best_pairs(gain[:, possible]):
        column = possible[place]
        key, similarity = gallery.keys[column], float(nearness[row, column])
        is_sure = _is_sure(tracks[row], key, similarity, gallery.threshold)
        names[row] = Name(key, similarity, is_sure)
    return names


def _is_sure(track: Evidence[Key], key: Key, similarity: float, threshold: float) -> bool:
    """Tell whether a name is a statement; once it was, it stays one above the threshold."""
    if track.is_doubted:
        return False
    was_sure = track.shown is not None and track.shown.key == key and track.shown.is_sure
    limit = threshold if was_sure else sure_threshold(threshold, track.looks)
    return similarity >= limit


def _bonus(keys: Sequence[Key], tracks: Sequence[Evidence[Key]]) -> NDArray[np.float32]:
    """Return ``(tracks, people)``, above 0 where a track bears a person's name."""
    place = {key: index for index, key in enumerate(keys)}
    bonus = np.zeros((len(tracks), len(keys)), dtype=np.float32)
    for row, track in enumerate(tracks):
        if track.shown is not None and track.shown.key in place:
            bonus[row, place[track.shown.key]] = STAYING_BONUS
    return bonus
