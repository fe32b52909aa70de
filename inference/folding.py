"""Folds batch norms into the convolutions before them: the same answers for less work."""

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_PAIRS = (("conv", "bn"), ("conv1", "norm1"), ("conv2", "norm2"))
"""What a convolution and the norm behind it are called in our blocks."""


def fold_norms(network: nn.Module) -> None:
    """Fold the norms of sequences and of blocks in place; the network computes the same.

    Args:
        network: In evaluation mode, because a norm that still learns cannot be folded.

    Raises:
        ValueError: The network is in training mode.
    """
    if network.training:
        raise ValueError("only a network in evaluation mode can be folded")
    for module in list(network.modules()):
        for convolution, norm in _PAIRS:
            _fold(module, convolution, norm)
        if isinstance(module, nn.Sequential):
            for first, second in zip(
                list(module._modules), list(module._modules)[1:], strict=False
            ):
                _fold(module, first, second)


def _fold(module: nn.Module, first: str, second: str) -> None:
    convolution, norm = module._modules.get(first), module._modules.get(second)
    if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
        setattr(module, first, fuse_conv_bn_eval(convolution, norm))
        setattr(module, second, nn.Identity())
