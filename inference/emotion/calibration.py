"""From the logits of two heads to seven honest probabilities, or to silence.

A network trained to the end is surer than it is right. One temperature for each head, fitted on
PublicTest, makes its probabilities mean what they say (Guo et al. 2017, arXiv 1706.04599). The
numbers belong to the weights and lie in the same file.
"""

from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference.emotion.architectures.base import EmotionLogits
from inference.emotion.labels import CONTEMPT, PLUS_TO_LABEL
from inference.errors import WeightsError

PREFIX = "calibration."

Probabilities = NDArray[np.float32]
"""``(N, classes)`` float32, each row of sum 1."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How logits become the product's probabilities.

    Attributes:
        fer_temperature: Divides the logits of the FER2013 head; above 1 it takes certainty away.
        plus_temperature: The same for the FERPlus head.
        plus_share: Weight of the FERPlus head in the product's probabilities, 0 to 1.
        product_temperature: Applied once more to the mixture of both, which averaging blurs.
        abstain_below: Where the highest probability stays below this, no label is named.
    """

    fer_temperature: float = 1.0
    plus_temperature: float = 1.0
    plus_share: float = 0.5
    product_temperature: float = 1.0
    abstain_below: float = 0.0

    def __post_init__(self) -> None:
        if min(self.fer_temperature, self.plus_temperature, self.product_temperature) <= 0:
            raise ValueError("a temperature must be above 0")
        if not (0 <= self.plus_share <= 1 and 0 <= self.abstain_below <= 1):
            raise ValueError("plus_share and abstain_below must lie between 0 and 1")

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
        mixed = mix(self.fer(logits), self.plus(logits), self.plus_share)
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
        numbers = {f.name: float(state[PREFIX + f.name]) for f in fields(Calibration)}
        return network, Calibration(**numbers)
    except KeyError as error:
        raise WeightsError(f"the emotion weights lack {error}") from error
    except ValueError as error:
        raise WeightsError(f"the emotion weights carry a senseless calibration: {error}") from error


def softmax(logits: Tensor, temperature: float) -> Probabilities:
    """Return the softmax of ``logits / temperature`` over the last axis."""
    probabilities: Probabilities = (logits.float() / temperature).softmax(-1).numpy()
    return probabilities


def mix(fer: Probabilities, plus: Probabilities, plus_share: float) -> Probabilities:
    """Average ``(N, 7)`` and ``(N, 8)`` probabilities into ``(N, 7)``, leaving contempt out."""
    seven = plus[:, list(PLUS_TO_LABEL)]
    seven = seven / np.maximum(seven.sum(1, keepdims=True), 1e-9)
    mixed: Probabilities = ((1 - plus_share) * fer + plus_share * seven).astype(np.float32)
    return mixed
