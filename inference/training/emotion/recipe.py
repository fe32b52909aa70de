"""The recipe of an emotion run: what decides how it goes, and where on its schedule it stands."""

import math
from dataclasses import dataclass, field

from inference.emotion.architectures import DEFAULT


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides how a run goes, written to its ``config.json``.

    Attributes:
        epochs: Passes over the training split; 0 means that ``minutes`` decides.
        minutes: Training time, pauses excluded, after which the schedule ends.
        small_until: Share of the schedule trained at ``small_side`` pixels, which costs less.
        label_smoothing: Doubt in FER2013's single labels.
        fer_weight: Weight of FER2013's loss beside that of FERPlus.
        balance: How much rarer classes count more, 0 (not at all) to 1 (every class alike).
        colour_photos: Whether to augment for faces out of colour photos of every size.
        calm_from: From this share of the schedule on, fewer images are spoilt, so that the network
            ends on faces as the tests have them.
        calm_factor: How many times as many images are spoilt then.
        compiled: Whether ``torch.compile`` fuses the step; needs a C++ compiler, and pays by 1.3.
    """

    architecture: str = DEFAULT
    epochs: int = 45
    minutes: float = 0.0
    batch_size: int = 128
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    warm_up: float = 0.03
    average_decay: float = 0.998
    label_smoothing: float = 0.1
    fer_weight: float = 1.0
    balance: float = 0.0
    colour_photos: bool = False
    side: int = 48
    small_side: int = 40
    small_until: float = 0.7
    calm_from: float = 1.0
    calm_factor: float = 0.4
    compiled: bool = False
    precision: str = "bf16"
    seed: int = 7


@dataclass(slots=True)
class Progress:
    """How far a run has come.

    Attributes:
        epoch: Finished epochs.
        seconds: Training time so far, over all resumptions.
        history: One row of figures an epoch.
    """

    epoch: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)

    def share(self, recipe: Recipe, batches: float, seconds: float) -> float:
        """Tell how much of the schedule is done, 0 to 1, within the current epoch."""
        if recipe.epochs:
            return min(1.0, (self.epoch + batches) / recipe.epochs)
        return min(1.0, (self.seconds + seconds) / (recipe.minutes * 60))


def learning_rate(recipe: Recipe, share: float) -> float:
    """Rise for the warm-up, then fall along a cosine to almost nothing."""
    if share < recipe.warm_up:
        return recipe.learning_rate * (0.05 + 0.95 * share / recipe.warm_up)
    rest = (share - recipe.warm_up) / (1 - recipe.warm_up)
    return recipe.learning_rate * (0.001 + 0.999 * (1 + math.cos(math.pi * rest)) / 2)
