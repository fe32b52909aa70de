"""The exponential moving average of a network's weights, which is what gets measured and shipped.

A schedule's last steps wander around a good point; their average lies nearer to it than any of
them (Polyak, Juditsky 1992).
"""

import torch
from torch import nn


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the averaged weights, and the statistics of the norms, a little towards the present.

    Args:
        average: Changed in place; of the same architecture.
        network: As it stands now.
        decay: Share of the average that stays, 0 to 1.
    """
    for slow, fast in zip(
        average.state_dict().values(), network.state_dict().values(), strict=True
    ):
        if slow.is_floating_point():
            slow.lerp_(fast, 1 - decay)
        else:
            slow.copy_(fast)
