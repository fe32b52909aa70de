"""Every emotion network by its name: the default one, and those of the comparison study."""

from collections.abc import Callable
from functools import partial

from inference.emotion.architectures.base import EmotionLogits, EmotionNetwork, parameter_count
from inference.emotion.architectures.convolutional import (
    normalised_dropout,
    plain_seven,
    three_convolutions,
    two_convolutions,
    two_convolutions_on_edges,
)
from inference.emotion.architectures.dense import dense
from inference.emotion.architectures.pair import EmotionPair, member_states, pair_state
from inference.emotion.architectures.region_attention import region_attention
from inference.emotion.architectures.residual import encore_residual
from inference.emotion.architectures.resnet9 import resnet9
from inference.emotion.architectures.xception import mini_xception

__all__ = [
    "ARCHITECTURES",
    "DEFAULT",
    "EmotionLogits",
    "EmotionNetwork",
    "EmotionPair",
    "build",
    "build_pair",
    "member_states",
    "pair_state",
    "parameter_count",
]

DEFAULT = "residual"

ARCHITECTURES: dict[str, Callable[[], EmotionNetwork]] = {
    **{
        f"dense-{first}-{second}-dropout-{dropout}": partial(dense, first, second, dropout)
        for first, second in ((16, 32), (32, 64), (64, 128))
        for dropout in (0.0, 0.2, 0.5)
    },
    "cnn2": two_convolutions,
    **{
        f"cnn3{name}-dropout-{dropout}": partial(three_convolutions, dropout, residual=residual)
        for name, residual in (("", False), ("-residual", True))
        for dropout in (0.2, 0.3, 0.5)
    },
    "cnn2-canny": partial(two_convolutions_on_edges, "canny"),
    "cnn2-grey-canny": partial(two_convolutions_on_edges, "grey+canny"),
    "cnn7-plain": plain_seven,
    "cnn4-norm-dropout": normalised_dropout,
    "mini-xception": mini_xception,
    "resnet9": resnet9,
    "region-attention": region_attention,
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


def build_pair() -> EmotionPair:
    """Make the two networks that ship together, with fresh weights."""
    return EmotionPair(build(DEFAULT), build(DEFAULT))
