"""Folds batch norms into the convolutions before them, which halves the work of a single face."""

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from inference.emotion.architectures.residual import ResidualBlock


def fold_norms(network: nn.Module) -> None:
    """Fold the norms of sequences and residual blocks in place; the network computes the same.

    Args:
        network: In evaluation mode, because a norm that still learns cannot be folded.

    Raises:
        ValueError: The network is in training mode.
    """
    if network.training:
        raise ValueError("only a network in evaluation mode can be folded")
    for module in list(network.modules()):
        if isinstance(module, ResidualBlock):
            module.conv1, module.norm1 = _folded(module.conv1, module.norm1)
            module.conv2, module.norm2 = _folded(module.conv2, module.norm2)
        if isinstance(module, nn.Sequential):
            _fold_sequence(module)


def _folded(convolution: nn.Conv2d, norm: nn.Module) -> tuple[nn.Conv2d, nn.Module]:
    if not isinstance(norm, nn.BatchNorm2d):
        return convolution, norm
    return fuse_conv_bn_eval(convolution, norm), nn.Identity()


def _fold_sequence(sequence: nn.Sequential) -> None:
    for position in range(len(sequence) - 1):
        first, second = sequence[position], sequence[position + 1]
        if isinstance(first, nn.Conv2d):
            sequence[position], sequence[position + 1] = _folded(first, second)
