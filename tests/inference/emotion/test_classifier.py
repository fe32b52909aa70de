import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inference import weights
from inference.emotion.architectures import EmotionNetwork, build
from inference.emotion.calibration import Calibration
from inference.emotion.classifier import BATCH_SIZE, EmotionClassifier
from inference.emotion.labels import LABELS
from inference.emotion.preprocessing import TEMPLATE
from inference.errors import WeightsError
from inference.types import Face


def face_at(x: float, y: float) -> Face:
    return Face((x, y, x + 48, y + 48), 0.9, TEMPLATE + np.array([x, y], np.float32))


def untrained(calibration: Calibration, precision: torch.dtype | None = None) -> EmotionClassifier:
    torch.manual_seed(2)
    return EmotionClassifier(build("residual"), calibration, "untrained", precision)


@pytest.fixture
def photo() -> NDArray[np.uint8]:
    return np.random.default_rng(4).integers(0, 255, (200, 300, 3)).astype(np.uint8)


def test_every_face_gets_a_prediction_in_its_order(photo: NDArray[np.uint8]) -> None:
    classifier = untrained(Calibration(), torch.float32)
    faces = [face_at(10, 10), face_at(200, 100), face_at(100, 60)]

    together = classifier.classify(photo, faces)

    assert len(together) == 3
    for face, prediction in zip(faces, together, strict=True):
        alone = classifier.classify(photo, [face])[0]
        assert list(prediction.probabilities) == list(LABELS)
        assert sum(prediction.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert prediction.probabilities == pytest.approx(alone.probabilities, abs=1e-4)


def test_a_photo_without_faces_has_no_predictions(photo: NDArray[np.uint8]) -> None:
    assert untrained(Calibration()).classify(photo, []) == []


def test_more_faces_than_a_batch_are_all_answered(photo: NDArray[np.uint8]) -> None:
    faces = [face_at(5 * i, 3 * i) for i in range(BATCH_SIZE + 3)]

    assert len(untrained(Calibration()).classify(photo, faces)) == BATCH_SIZE + 3


def test_an_unsure_network_names_no_label_but_keeps_its_probabilities(
    photo: NDArray[np.uint8],
) -> None:
    silent = untrained(Calibration(abstain_below=0.99)).classify(photo, [face_at(20, 20)])[0]
    talkative = untrained(Calibration(abstain_below=0.0)).classify(photo, [face_at(20, 20)])[0]

    assert silent.label is None
    assert talkative.label == max(LABELS, key=lambda label: talkative.probabilities[label])
    assert silent.probabilities == pytest.approx(talkative.probabilities)


def test_contempt_is_an_extra_beside_the_seven(photo: NDArray[np.uint8]) -> None:
    prediction = untrained(Calibration()).classify(photo, [face_at(20, 20)])[0]

    assert 0 < prediction.contempt < 1
    assert "contempt" not in prediction.probabilities


def test_the_colour_of_the_light_matters_little(photo: NDArray[np.uint8]) -> None:
    classifier = untrained(Calibration(), torch.float32)
    dim = (photo * 0.5).astype(np.uint8)

    bright, dark = (classifier.classify(p, [face_at(20, 20)])[0] for p in (photo, dim))

    assert dark.probabilities == pytest.approx(bright.probabilities, abs=0.02)


def test_half_precision_says_nearly_the_same(photo: NDArray[np.uint8]) -> None:
    faces = [face_at(30 * i, 10 * i) for i in range(5)]

    exact = untrained(Calibration(), torch.float32).classify(photo, faces)
    quick = untrained(Calibration(), torch.bfloat16).classify(photo, faces)

    for one, other in zip(exact, quick, strict=True):
        assert other.probabilities == pytest.approx(one.probabilities, abs=0.02)


def test_weights_of_another_network_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other: EmotionNetwork = build("cnn2")
    state = other.state_dict() | Calibration().tensors()
    monkeypatch.setattr("inference.emotion.classifier.load_state_dict", lambda *_: state)

    with pytest.raises(WeightsError, match="emotion-residual does not fit its networks"):
        EmotionClassifier.load()


def test_missing_weights_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr(weights, "TRAINED_DIRECTORY", tmp_path_factory.mktemp("empty"))

    with pytest.raises(WeightsError, match="emotion-residual"):
        EmotionClassifier.load()
