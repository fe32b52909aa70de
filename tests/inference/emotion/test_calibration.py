import numpy as np
import pytest
import torch

from inference.emotion.architectures import EmotionLogits
from inference.emotion.calibration import Calibration, mix, split_calibration
from inference.emotion.labels import CONTEMPT, FERPLUS_LABELS, LABELS, PLUS_TO_LABEL
from inference.errors import WeightsError


@pytest.fixture
def logits() -> EmotionLogits:
    generator = torch.Generator().manual_seed(3)
    return EmotionLogits(
        torch.randn(5, 7, generator=generator) * 3, torch.randn(5, 8, generator=generator) * 3
    )


def test_both_labelings_name_the_same_expression_in_their_own_order() -> None:
    assert [FERPLUS_LABELS[column] for column in PLUS_TO_LABEL] == list(LABELS)
    assert FERPLUS_LABELS[CONTEMPT] == "contempt"
    assert CONTEMPT not in PLUS_TO_LABEL


def test_probabilities_of_every_kind_sum_to_one(logits: EmotionLogits) -> None:
    calibration = Calibration(1.3, 0.8, 0.4, 1.2)

    for rows in (calibration.fer(logits), calibration.plus(logits), calibration.product(logits)):
        np.testing.assert_allclose(rows.sum(1), 1, atol=1e-5)


def test_a_high_temperature_takes_certainty_but_keeps_the_label(logits: EmotionLogits) -> None:
    sure, unsure = Calibration().fer(logits), Calibration(fer_temperature=3).fer(logits)

    assert (unsure.max(1) < sure.max(1)).all()
    np.testing.assert_array_equal(unsure.argmax(1), sure.argmax(1))


@pytest.mark.parametrize(
    ("share", "label"),
    [
        pytest.param(0.0, "anger", id="the FER2013 head alone"),
        pytest.param(1.0, "happy", id="the FERPlus head alone"),
    ],
)
def test_the_share_decides_which_head_is_heard(share: float, label: str) -> None:
    fer = np.eye(7, dtype=np.float32)[[LABELS.index("anger")]]
    plus = np.eye(8, dtype=np.float32)[[FERPLUS_LABELS.index("happy")]]

    assert LABELS[mix(fer, plus, share).argmax()] == label


def test_contempt_is_shared_out_among_the_seven_in_proportion() -> None:
    plus = np.zeros((1, 8), np.float32)
    plus[0, CONTEMPT], plus[0, FERPLUS_LABELS.index("sad")] = 0.5, 0.3
    plus[0, FERPLUS_LABELS.index("neutral")] = 0.2

    mixed = mix(np.full((1, 7), 1 / 7, np.float32), plus, 1.0)[0]

    assert mixed[LABELS.index("sad")] == pytest.approx(0.6)
    assert mixed[LABELS.index("neutral")] == pytest.approx(0.4)


def test_a_calibration_survives_the_weights_file() -> None:
    calibration = Calibration(1.25, 0.75, 0.5, 1.5, 0.25)
    weights = {"fer.bias": torch.zeros(7)}

    network, found = split_calibration({**weights, **calibration.tensors()})

    assert found == calibration
    assert list(network) == ["fer.bias"]


def test_weights_without_a_calibration_are_refused() -> None:
    with pytest.raises(WeightsError, match=r"lack 'calibration.fer_temperature'"):
        split_calibration({"fer.bias": torch.zeros(7)})


def test_weights_with_a_senseless_calibration_are_refused() -> None:
    state = Calibration().tensors() | {"calibration.fer_temperature": torch.tensor(-1.0)}

    with pytest.raises(WeightsError, match="senseless calibration: a temperature must be above 0"):
        split_calibration(state)


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Calibration(plus_share=1.2)
