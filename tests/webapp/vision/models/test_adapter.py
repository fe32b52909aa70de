"""What the door to the models says of a picture, with models whose answers the test decides."""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inference.errors import WeightsError
from inference.pipeline import Box, FacePipeline, PortraitPipeline
from inference.types import AlphaMask, Embeddings, EmotionPrediction, Face, RGBImage
from webapp import vision
from webapp.vision.models import loading

WIDTH, HEIGHT = 600, 300
LEFT_THIRD = WIDTH // 3


def face_at(left: float, score: float = 0.9) -> Face:
    points = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])
    landmarks = (points * 80 + [left, 100]).astype(np.float32)
    return Face((left, 100.0, left + 80.0, 180.0), score, landmarks)


class Parts:
    """Detector, embedder and reader of emotions; each tells faces apart by where they begin."""

    name = "dlib-resnet"
    dimensions = 128
    threshold = 0.5

    def __init__(self, lefts: Sequence[float]) -> None:
        self.lefts = lefts

    def detect(self, image: RGBImage) -> list[Face]:
        return [face_at(left) for left in self.lefts]

    def embed_raw(self, image: RGBImage, faces: Sequence[Face]) -> Embeddings:
        return np.array([[face.box[0], 1.5] for face in faces], dtype=np.float32)

    def classify(self, image: RGBImage, faces: Sequence[Face]) -> list[EmotionPrediction]:
        share = [1.0 if face.box[0] < 200 else 0.25 for face in faces]
        return [
            EmotionPrediction({"happy": one, "sad": 1 - one}, "happy" if one == 1 else None)
            for one in share
        ]


class LeftThird:
    """Everybody stands in the left third of a picture; nobody in one that is all black.

    Who is meant by a head stands in the columns of that head.
    """

    name = "unet"

    def segment(
        self, image: RGBImage, heads: Sequence[Box] = (), others: Sequence[Box] = ()
    ) -> AlphaMask:
        alpha = np.zeros(image.shape[:2], dtype=np.float32)
        columns = [slice(int(x1), int(x2)) for x1, _, x2, _ in heads] or [slice(LEFT_THIRD)]
        for column in columns:
            alpha[:, column] = 1.0 if image.any() else 0.0
        return alpha

    def person_masks(self, image: RGBImage, heads: Sequence[Box]) -> NDArray[np.float32]:
        each = [self.segment(image, [head]) for head in heads]
        return np.stack([self.segment(image), *each])

    def has_person(self, alpha: AlphaMask, faceless: RGBImage | None = None) -> bool:
        return bool(alpha.any()) and faceless is None


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let faces be found that begin at these columns."""

    def use(*lefts: float) -> None:
        parts = Parts(lefts)
        pipeline = FacePipeline(lambda: parts, lambda: parts, lambda: parts)
        monkeypatch.setattr(loading, "_face_pipeline", pipeline)
        monkeypatch.setattr(loading, "_portrait_pipeline", PortraitPipeline(LeftThird))

    return use


def test_each_face_comes_with_its_own_embedding_as_the_network_gave_it(
    see: Callable[..., None], picture: Path
) -> None:
    see(50, 300)

    seen = vision.find_faces(picture, embed=True)

    rows = [np.frombuffer(face.embedding or b"", dtype="<f4").tolist() for face in seen.faces]
    assert rows == [[50.0, 1.5], [300.0, 1.5]]
    assert seen.embedder == vision.model_tags().embedder
    assert (seen.width, seen.height) == (WIDTH, HEIGHT)


def test_without_consent_nothing_is_embedded(see: Callable[..., None], picture: Path) -> None:
    see(50)

    seen = vision.find_faces(picture, embed=False)

    assert [face.embedding for face in seen.faces] == [None]
    assert seen.embedder == ""


def test_a_missing_embedder_leaves_the_faces_and_says_why_they_have_no_names(
    see: Callable[..., None], picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Parts:
        raise WeightsError("no file")

    parts = Parts([50])
    pipeline = FacePipeline(lambda: parts, missing, lambda: parts)
    monkeypatch.setattr(loading, "_face_pipeline", pipeline)

    seen = vision.find_faces(picture, embed=True)

    assert len(seen.faces) == 1
    assert seen.faces[0].embedding is None
    assert "unavailable" in seen.names_unavailable


def test_a_face_the_user_has_named_stays_when_the_detector_loses_it(
    see: Callable[..., None], picture: Path
) -> None:
    see(50, 300)
    named = [face.shape for face in vision.find_faces(picture, embed=False).faces]
    see(300)

    seen = vision.find_faces(picture, embed=False, keep=named)

    assert sorted(face.shape.box[0] for face in seen.faces) == [50.0, 300.0]


def test_emotions_answer_in_the_order_of_the_faces_that_were_asked_about(
    see: Callable[..., None], picture: Path
) -> None:
    see(50, 300)
    shapes = [face.shape for face in vision.find_faces(picture, embed=False).faces]

    _, answers = vision.classify_emotions(picture, shapes[::-1])

    assert [answer.label for answer in answers] == ["", "happy"]
    assert answers[0].probabilities == {"happy": 0.25, "sad": 0.75}


def test_a_portrait_keeps_who_is_in_the_mask_and_blurs_the_rest(
    see: Callable[..., None], picture: Path, tmp_path: Path
) -> None:
    see()

    portrait = vision.make_portrait(picture, 1.0)

    assert portrait.has_person
    before = np.asarray(Image.open(picture)).astype(int)
    after = np.asarray(Image.open(BytesIO(portrait.full))).astype(int)
    sharp, blurred = slice(0, LEFT_THIRD - 40), slice(LEFT_THIRD + 100, None)
    assert after[:, blurred].std() < 0.3 * before[:, blurred].std()
    assert after[:, sharp].std() > 0.8 * before[:, sharp].std()
    alpha = tmp_path / "alpha.png"
    alpha.write_bytes(portrait.alpha)
    assert vision.render_portrait(picture, alpha, 1.0).full == portrait.full


def test_a_portrait_is_about_those_who_are_meant(see: Callable[..., None], picture: Path) -> None:
    see()
    right = (WIDTH - 200.0, 50.0, WIDTH - 60.0, 180.0)

    portrait = vision.make_portrait(picture, 1.0, [right])

    before = np.asarray(Image.open(picture)).astype(int)
    after = np.asarray(Image.open(BytesIO(portrait.full))).astype(int)
    sharp, blurred = slice(WIDTH - 170, WIDTH - 90), slice(0, WIDTH - 300)
    assert after[:, sharp].std() > 0.8 * before[:, sharp].std()
    assert after[:, blurred].std() < 0.3 * before[:, blurred].std()


def test_a_picture_without_people_gets_no_portrait_files(
    see: Callable[..., None], tmp_path: Path
) -> None:
    see()
    black = tmp_path / "black.png"
    Image.new("RGB", (WIDTH, HEIGHT)).save(black)

    portrait = vision.make_portrait(black, 1.0)

    assert not portrait.has_person
    assert portrait.full == portrait.alpha == portrait.display == b""


def test_a_picture_without_a_face_gets_a_second_look(
    see: Callable[..., None], picture: Path
) -> None:
    see()

    assert not vision.make_portrait(picture, 1.0, faceless=True).has_person


def test_a_picture_sent_for_a_look_gets_the_second_one_only_without_a_face(
    see: Callable[..., None], picture: Path
) -> None:
    wish = vision.PictureWish(embed=False, mask=True)

    see()
    assert vision.read_picture(picture, wish).mask == b""

    see(50)
    assert vision.read_picture(picture, wish).mask


def test_what_is_no_picture_is_a_sentence(see: Callable[..., None], tmp_path: Path) -> None:
    see()
    text = tmp_path / "text.png"
    text.write_text("no picture")

    with pytest.raises(vision.UnreadablePhotoError, match=r"\w+ \w+"):
        vision.find_faces(text, embed=False)


def test_masks_to_choose_by_lie_one_below_the_other(
    see: Callable[..., None], picture: Path
) -> None:
    see()
    with Image.open(picture) as photo:
        width, height = photo.size
    right = (0.7 * width, 10.0, 0.9 * width, 60.0)

    masks = Image.open(BytesIO(vision.person_masks(picture, [right], width=width)))

    scale = min(1, 384 / max(width, height))
    each = round(height * scale)
    assert (masks.mode, masks.size) == ("L", (round(width * scale), 2 * each))
    assert masks.getpixel((2, 2)) == 255, "everybody is the left third"
    assert masks.getpixel((2, each + 2)) == 0
    assert masks.getpixel((int(0.8 * width * scale), each + 2)) == 255
