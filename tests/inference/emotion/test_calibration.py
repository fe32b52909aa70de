from dataclasses import replace

import numpy as np
import pytest
import torch

from inference.emotion.architectures import EmotionLogits
from inference.emotion.calibration import Calibration, split_calibration
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
    fer, plus = torch.zeros(1, 7), torch.zeros(1, 8)
    fer[0, LABELS.index("anger")] = plus[0, FERPLUS_LABELS.index("happy")] = 9

    row = Calibration(plus_share=share).product(EmotionLogits(fer, plus))[0]

    assert LABELS[row.argmax()] == label


def test_contempt_is_shared_out_among_the_seven_in_proportion() -> None:
    plus = np.full((1, 8), 1e-9, np.float32)
    plus[0, CONTEMPT], plus[0, FERPLUS_LABELS.index("sad")] = 0.5, 0.3
    plus[0, FERPLUS_LABELS.index("neutral")] = 0.2
    logits = EmotionLogits(torch.zeros(1, 7), torch.from_numpy(np.log(plus)))

    row = Calibration(plus_share=1.0).product(logits)[0]

    assert row[LABELS.index("sad")] == pytest.approx(0.6, abs=1e-4)
    assert row[LABELS.index("neutral")] == pytest.approx(0.4, abs=1e-4)


@pytest.mark.parametrize("head", ["fer_offsets", "plus_offsets"])
def test_a_frequent_label_loses_its_offset_in_the_product_and_not_in_its_head(head: str) -> None:
    logits = EmotionLogits(torch.zeros(1, 7), torch.zeros(1, 8))
    offsets = tuple(np.log(4) if label == "happy" else 0.0 for label in LABELS)
    share = 0.0 if head == "fer_offsets" else 1.0

    changed = replace(Calibration(plus_share=share), **{head: offsets})

    row = changed.product(logits)[0]
    assert row[LABELS.index("happy")] == pytest.approx(row[LABELS.index("sad")] / 4, rel=1e-4)
    np.testing.assert_allclose(changed.fer(logits), Calibration().fer(logits))
    np.testing.assert_allclose(changed.plus(logits), Calibration().plus(logits))


def test_a_calibration_survives_the_weights_file() -> None:
    calibration = Calibration(
        1.25,
        0.75,
        0.5,
        1.5,
        0.25,
        fer_offsets=(0.5, -0.25, 0, 0, 0, 0, 1),
        plus_offsets=(0.125,) * 7,
    )
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


def test_offsets_of_another_number_of_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="seven numbers"):
        Calibration(fer_offsets=(0.0,) * 8)
