import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inference.datasets.pictures import main_face
from inference.emotion.architectures import build
from inference.emotion.calibration import Calibration
from inference.emotion.classifier import EmotionClassifier
from inference.emotion.labels import FERPLUS_LABELS, LABELS
from inference.emotion.preprocessing import TEMPLATE
from inference.errors import DatasetError
from inference.evaluation import emotion, report
from inference.evaluation.expressions import images as emotion_images
from inference.evaluation.expressions.images import describe, examine_folder
from inference.types import Face, RGBImage
from tests.inference.training.generated_faces import generated_split, write_split_files


class NoFaces:
    """A detector that finds nothing."""

    def detect(self, image: RGBImage) -> list[Face]:
        return []


class TwoFaces:
    """A detector that finds a small face and, lower, a large one."""

    def detect(self, image: RGBImage) -> list[Face]:
        small = Face((0, 0, 24, 24), 0.99, TEMPLATE / np.float32(2))
        large = Face((0, 60, 96, 156), 0.95, TEMPLATE * 2 + np.array([0, 60], np.float32))
        return [small, large]


class OnlyWithBorder:
    """A detector that needs room round a face, as MTCNN does."""

    def detect(self, image: RGBImage) -> list[Face]:
        if image.shape[0] < 96:
            return []
        return [Face((24, 24, 72, 72), 0.95, TEMPLATE + np.array([24, 24], np.float32))]


@pytest.fixture(scope="module")
def classifier() -> EmotionClassifier:
    torch.manual_seed(5)
    return EmotionClassifier(build("residual"), Calibration(1.2, 0.9, 0.5, 1.1, 0.16), "untrained")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    training, private = generated_split(20, seed=1), generated_split(40, seed=3)
    private.images[:4] = training.images[:4]
    splits = {"Training": training, "PublicTest": generated_split(30, seed=2)}
    write_split_files(tmp_path / "emotion" / "fer2013plus", splits | {"PrivateTest": private})
    return tmp_path


def test_the_section_holds_every_figure_and_its_charts(
    classifier: EmotionClassifier, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "DOCS", tmp_path / "docs")

    section = emotion.evaluate(classifier, data)

    names = dict(report.leaves(section.metrics))
    for name in (
        "fer2013_private_test.accuracy",
        "fer2013_private_test.recall.disgust",
        "product_private_test.accuracy",
        "product_private_test.ferplus_accuracy",
        "ferplus_test.accuracy",
        "ferplus_test.macro_f1",
        "ece",
        "abstain.coverage",
        "milliseconds_per_face.batch_8",
    ):
        assert 0 <= names[name] < 1000, name
    assert names["fer2013_private_test.faces"] == 40
    assert names["fer2013_private_test.repeated"] == 4
    json.dumps(section.metrics, allow_nan=False)
    charts = sorted(path.name for path in (tmp_path / "docs" / "img" / "evaluation").iterdir())
    assert all(chart in section.markdown for chart in charts)
    assert len(charts) == 3


def test_rows_without_a_majority_are_left_out_of_the_ferplus_figures() -> None:
    probabilities = np.eye(8, dtype=np.float32)[[0, 1, 2]]

    scores = emotion.class_scores(probabilities, np.array([0, -1, 3]), FERPLUS_LABELS)

    assert scores["faces"] == 2
    assert scores["accuracy"] == 0.5


def save_picture(path: Path, value: int = 120, side: int = 64) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (side, side), (value, value // 2, 30)).save(path)


def test_sub_folders_are_labels_also_under_their_other_names(
    classifier: EmotionClassifier, tmp_path: Path
) -> None:
    save_picture(tmp_path / "Happiness" / "a.png")
    save_picture(tmp_path / "angry" / "b.jpg")
    save_picture(tmp_path / "holiday" / "c.png")
    (tmp_path / "angry" / "broken.jpg").write_bytes(b"no picture")

    examined = examine_folder(classifier, NoFaces(), tmp_path)

    found = {face.path.parent.name: face.truth for face in examined}
    assert found == {"Happiness": "happy", "angry": "anger", "holiday": None}
    text = describe(examined)
    assert "3 pictures, a face found in 0." in text
    assert "on 2 labelled faces" in text
    assert all(label in text for label in LABELS)


def test_folders_without_labels_give_a_distribution_only(
    classifier: EmotionClassifier, tmp_path: Path
) -> None:
    save_picture(tmp_path / "a.png")

    assert "accuracy" not in describe(examine_folder(classifier, NoFaces(), tmp_path))


def test_the_largest_face_of_a_picture_counts() -> None:
    image = np.zeros((160, 100, 3), np.uint8)
    image[60:] = 200

    crop, aligned = main_face(image, TwoFaces())

    assert aligned
    assert crop.mean() > 190


def test_a_tight_face_is_found_with_a_border_round_it() -> None:
    image = np.full((48, 48, 3), 255, np.uint8)

    crop, aligned = main_face(image, OnlyWithBorder())

    assert aligned
    assert crop.min() > 200, "the crop lies on the face, not on the border"


def test_a_picture_without_a_face_is_taken_whole() -> None:
    image = np.full((480, 480, 3), 77, np.uint8)

    crop, aligned = main_face(image, NoFaces())

    assert not aligned
    assert crop.shape == (48, 48)
    assert abs(int(crop.mean()) - 77) <= 1


def test_a_wrong_folder_is_named(classifier: EmotionClassifier, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no folder"):
        examine_folder(classifier, NoFaces(), tmp_path / "nowhere")


def test_a_folder_without_pictures_is_refused(
    classifier: EmotionClassifier, tmp_path: Path
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "notes.txt").write_text("no picture")
    with pytest.raises(DatasetError, match="no readable picture"):
        examine_folder(classifier, NoFaces(), tmp_path / "inner")


def test_the_command_prints_the_distribution_of_a_folder(
    classifier: EmotionClassifier,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    save_picture(tmp_path / "faces" / "a.png")
    monkeypatch.setattr(EmotionClassifier, "load", lambda: classifier)
    monkeypatch.setattr(emotion_images, "load_detector", lambda _: NoFaces())

    emotion.main(["--images", str(tmp_path / "faces")])

    assert "1 pictures, a face found in 0." in capsys.readouterr().out


def test_the_command_ends_with_one_sentence_on_a_wrong_path(
    classifier: EmotionClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmotionClassifier, "load", lambda: classifier)

    with pytest.raises(SystemExit, match="there is no folder"):
        emotion.main(["--data", str(tmp_path / "nowhere")])
