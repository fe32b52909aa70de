"""What the shipped weights say: stored input, stored output, and common sense."""

import numpy as np
import pytest
import torch

from inference import weights
from inference.emotion.architectures import EmotionLogits
from inference.emotion.classifier import WEIGHTS_NAME, EmotionClassifier
from inference.emotion.labels import LABELS
from tests.inference.emotion.golden import COLLINS, PATH, golden_crops, portrait, shipped

pytestmark = pytest.mark.weights


def test_the_stored_faces_get_the_stored_logits() -> None:
    golden = np.load(PATH)

    logits = shipped(torch.float32).logits(list(golden["crops"]))

    np.testing.assert_allclose(logits.fer.numpy(), golden["fer"], atol=2e-3)
    np.testing.assert_allclose(logits.plus.numpy(), golden["plus"], atol=2e-3)


def test_the_fast_number_format_gives_nearly_the_stored_probabilities() -> None:
    golden = np.load(PATH)
    classifier = EmotionClassifier.load()
    stored = EmotionLogits(torch.from_numpy(golden["fer"]), torch.from_numpy(golden["plus"]))

    found = classifier.calibration.product(classifier.logits(list(golden["crops"])))

    np.testing.assert_allclose(found, classifier.calibration.product(stored), atol=0.03)


def test_the_stored_faces_are_still_cut_the_same_way() -> None:
    for stored, cut in zip(np.load(PATH)["crops"], golden_crops(), strict=True):
        assert np.abs(stored.astype(int) - cut.astype(int)).max() <= 3


def test_a_smiling_astronaut_is_happy_in_light_and_in_the_dark() -> None:
    photo = portrait()
    classifier = EmotionClassifier.load()

    for picture in (photo, photo // 3):
        prediction = classifier.classify(picture, [COLLINS])[0]
        assert prediction.label == "happy"
        assert prediction.probabilities["happy"] > 0.8


def test_a_flat_grey_square_gets_no_confident_label() -> None:
    prediction = EmotionClassifier.load().classify_crops([np.full((48, 48), 100, np.uint8)])[0]

    assert max(prediction.probabilities.values()) < 0.8
    assert set(prediction.probabilities) == set(LABELS)


def test_the_file_is_small_enough_to_ship() -> None:
    assert weights.record(WEIGHTS_NAME).bytes <= 12_000_000
