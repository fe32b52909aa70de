"""Every emotion network by its name."""

from collections.abc import Callable

from inference.emotion.architectures.base import EmotionLogits, EmotionNetwork, parameter_count
from inference.emotion.architectures.residual import encore_residual

__all__ = [
    "ARCHITECTURES",
    "DEFAULT",
    "EmotionLogits",
    "EmotionNetwork",
    "build",
    "parameter_count",
]

DEFAULT = "residual"

ARCHITECTURES: dict[str, Callable[[], EmotionNetwork]] = {
    DEFAULT: encore_residual,
}


def build(name: str) -> EmotionNetwork:
    """Make a network with fresh weights.

    Raises:
        ValueError: There is no architecture of that name.
    """
    if name not in ARCHITECTURES:
        raise ValueError(f"no architecture {name!r}; there are {', '.join(sorted(ARCHITECTURES))}")
    return ARCHITECTURES[name]()
