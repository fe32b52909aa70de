"""From the logits of two heads to seven honest probabilities, or to silence.

A network trained to the end is surer than it is right. One temperature for each head, fitted on
PublicTest, makes its probabilities mean what they say (Guo et al. 2017, arXiv 1706.04599). It has
also learnt how frequent each expression is on the web, where a quarter laughs and one face in 70 is
disgusted; in the product's probabilities that knowledge counts less (logit adjustment, Menon et al.
2020, arXiv 2007.07314). The numbers belong to the weights and lie in the same file.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference.emotion.architectures.base import EmotionLogits
from inference.emotion.labels import CONTEMPT, LABELS, PLUS_TO_LABEL
from inference.errors import WeightsError

PREFIX = "calibration."

Probabilities = NDArray[np.float32]
"""``(N, classes)`` float32, each row of sum 1."""

Offsets = tuple[float, ...]
NO_OFFSETS: Offsets = (0.0,) * len(LABELS)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How logits become the product's probabilities.

    Attributes:
        fer_temperature: Divides the logits of the FER2013 head; above 1 it takes certainty away.
        plus_temperature: The same for the FERPlus head.
        plus_share: Weight of the FERPlus head in the product's probabilities, 0 to 1.
        product_temperature: Applied once more to the mixture of both, which averaging blurs.
        abstain_below: Where the highest probability stays below this, no label is named.
        fer_offsets: What the FER2013 head's frequent labels lose in the product, seven numbers in
            the order of ``LABELS``: the log of each label's share in training, in part or whole.
        plus_offsets: The same for the FERPlus head, of the seven labels too.
    """

    fer_temperature: float = 1.0
    plus_temperature: float = 1.0
    plus_share: float = 0.5
    product_temperature: float = 1.0
    abstain_below: float = 0.0
    fer_offsets: Offsets = NO_OFFSETS
    plus_offsets: Offsets = NO_OFFSETS

    def __post_init__(self) -> None:
        if min(self.fer_temperature, self.plus_temperature, self.product_temperature) <= 0:
            raise ValueError("a temperature must be above 0")
        if not (0 <= self.plus_share <= 1 and 0 <= self.abstain_below <= 1):
            raise ValueError("plus_share and abstain_below must lie between 0 and 1")
        if not len(self.fer_offsets) == len(self.plus_offsets) == len(LABELS):
            raise ValueError("offsets must be seven numbers")

    def fer(self, logits: EmotionLogits) -> Probabilities:
        """Return ``(N, 7)`` probabilities of the FER2013 head alone."""
        return softmax(logits.fer, self.fer_temperature)

    def plus(self, logits: EmotionLogits) -> Probabilities:
        """Return ``(N, 8)`` probabilities of the FERPlus head, contempt included."""
        return softmax(logits.plus, self.plus_temperature)

    def product(self, logits: EmotionLogits) -> Probabilities:
        """Return ``(N, 7)`` probabilities in the order of ``LABELS``, from both heads.

        Contempt is no label of the product; its share goes to the other seven in proportion.
        """
        fer = adjusted(self.fer(logits), self.fer_offsets)
        plus = adjusted(self.plus(logits)[:, list(PLUS_TO_LABEL)], self.plus_offsets)
        mixed = (1 - self.plus_share) * fer + self.plus_share * plus
        return softmax(torch.from_numpy(np.log(mixed + 1e-9)), self.product_temperature)

    def contempt(self, logits: EmotionLogits) -> NDArray[np.float32]:
        """Return ``(N,)`` probabilities of contempt, an extra beside the seven."""
        return self.plus(logits)[:, CONTEMPT]

    def tensors(self) -> dict[str, Tensor]:
        """Return the numbers as they lie in a weights file."""
        return {
            PREFIX + item.name: torch.tensor(getattr(self, item.name), dtype=torch.float32)
            for item in fields(self)
        }


def split_calibration(state: dict[str, Tensor]) -> tuple[dict[str, Tensor], Calibration]:
    """Take the calibration out of the tensors of a weights file.

    Returns:
        The tensors of the network alone, and the calibration.

    Raises:
        WeightsError: A number is missing or makes no sense.
    """
    network = {key: value for key, value in state.items() if not key.startswith(PREFIX)}
    try:
        numbers = {f.name: _plain(state[PREFIX + f.name]) for f in fields(Calibration)}
        return network, Calibration(**numbers)
    except KeyError as error:
        raise WeightsError(f"the emotion weights lack {error}") from error
    except ValueError as error:
        raise WeightsError(f"the emotion weights carry a senseless calibration: {error}") from error


def _plain(tensor: Tensor) -> Any:
    """Return a number, or a tuple of numbers."""
    return tuple(tensor.tolist()) if tensor.ndim else float(tensor)


def softmax(logits: Tensor, temperature: float) -> Probabilities:
    """Return the softmax of ``logits / temperature`` over the last axis."""
    probabilities: Probabilities = (logits.float() / temperature).softmax(-1).numpy()
    return probabilities


def adjusted(seven: Probabilities, offsets: Offsets) -> Probabilities:
    """Take offsets from the logarithms of ``(N, 7)`` shares, and make each row sum to 1 again."""
    shares = (seven + 1e-9) * np.exp(-np.array(offsets, np.float32))
    probabilities: Probabilities = shares / shares.sum(1, keepdims=True)
    return probabilities
