import json
from pathlib import Path

import numpy as np
import pytest
import torch
from facenet_pytorch import InceptionResnetV1
from skimage import data

from inference.errors import WeightsError
from inference.recognition import choice, load_embedder
from inference.recognition.networks import inception_resnet
from inference.recognition.networks.inception_resnet import load_inception_resnet
from inference.recognition.thresholds import THRESHOLDS
from inference.types import Face

GOLDEN = Path(__file__).with_name("golden") / "encore-astronaut.json"
LANDMARKS = np.array(
    [[205, 101.7], [246.8, 103.7], [224.7, 129], [201.7, 139.2], [245.3, 141.9]], dtype=np.float32
)
ASTRONAUT = Face((173.0, 64.0, 272.0, 184.0), 1.0, LANDMARKS)


@pytest.fixture(scope="module")
def embedder():
    return load_embedder()


@pytest.mark.weights
def test_the_default_is_the_best_of_those_shipped(embedder):
    assert embedder.name == next(iter(choice.SHIPPED))
    assert embedder.threshold == THRESHOLDS[embedder.name]


@pytest.mark.weights
def test_each_face_gets_a_row_of_unit_length_in_order(embedder):
    image = data.astronaut()
    shifted = Face((0.0, 0.0, 50.0, 60.0), 1.0, LANDMARKS - 90)
    rows = embedder.embed(image, [ASTRONAUT, shifted, ASTRONAUT])
    assert rows.shape == (3, embedder.dimensions)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert np.allclose(rows[0], rows[2], atol=1e-4)
    assert rows[0] @ rows[1] < 0.9


@pytest.mark.weights
def test_the_default_gives_the_stored_raw_embedding(embedder):
    stored = np.array(json.loads(GOLDEN.read_text()), dtype=np.float32)
    found = embedder.embed_raw(data.astronaut(), [ASTRONAUT])[0]
    assert np.abs(found - stored).max() < 5e-4, "networks and their shares"


@pytest.mark.weights
def test_a_mirrored_photo_gives_nearly_the_same_embedding(embedder):
    image = data.astronaut()
    flipped = LANDMARKS[[1, 0, 2, 4, 3]] * [-1, 1] + [image.shape[1] - 1, 0]
    mirrored = Face(ASTRONAUT.box, 1.0, flipped.astype(np.float32))
    first = embedder.embed(image, [ASTRONAUT])[0]
    second = embedder.embed(np.ascontiguousarray(image[:, ::-1]), [mirrored])[0]
    assert first @ second > 0.98


@pytest.mark.weights
def test_a_darker_photo_still_shows_the_same_person(embedder):
    image = data.astronaut()
    dark = (image * 0.5).astype(np.uint8)
    first, second = (embedder.embed(photo, [ASTRONAUT])[0] for photo in (image, dark))
    assert first @ second > embedder.threshold


@pytest.mark.weights
def test_half_precision_moves_an_embedding_little():
    embedder = load_embedder()
    exact = embedder.embed(data.astronaut(), [ASTRONAUT])[0]
    embedder.compute_in(torch.bfloat16)
    half = embedder.embed(data.astronaut(), [ASTRONAUT])[0]
    assert half.dtype == np.float32
    assert exact @ half > 0.999


@pytest.mark.weights
def test_no_faces_give_no_rows(embedder):
    rows = embedder.embed(data.astronaut(), [])
    assert rows.shape == (0, embedder.dimensions)


@pytest.mark.weights
@pytest.mark.parametrize("name", choice.SHIPPED)
def test_every_shipped_embedder_loads_by_its_name(name):
    assert load_embedder(name=name).name == name


def test_a_name_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="no embedder is called 'magic'"):
        load_embedder(name="magic")


def test_a_download_that_is_not_there_says_how_to_get_it(tmp_path):
    with pytest.raises(WeightsError, match="download_weights facenet-vggface2"):
        load_embedder(tmp_path, "facenet-vggface2")


def test_a_broken_best_embedder_gives_way_to_the_next(monkeypatch, embedder):
    def broken(_weights_dir):
        raise WeightsError("the file is gone")

    monkeypatch.setattr(choice, "SHIPPED", {"best": broken, "next": lambda _directory: embedder})
    assert load_embedder() is embedder
    monkeypatch.setattr(choice, "SHIPPED", {"best": broken})
    with pytest.raises(WeightsError, match="the file is gone"):
        load_embedder()


def test_the_download_is_cut_by_its_box_and_embeds(monkeypatch):
    torch.manual_seed(1)
    weights = InceptionResnetV1(pretrained=None, classify=False).state_dict()
    weights["logits.weight"] = torch.zeros(3, 512)
    monkeypatch.setattr(inception_resnet, "load_state_dict", lambda _name, _dir: weights)
    embedder = load_inception_resnet(None)
    crop = embedder.crop(data.astronaut(), ASTRONAUT)
    # The box is 120 pixels high and fills all but 14 of the 160 pixels of the crop.
    middle = data.astronaut()[124, 222].astype(int)
    assert np.abs(crop[79:81, 79:81].astype(int) - middle).max() < 30
    assert embedder.embed(data.astronaut(), [ASTRONAUT]).shape == (1, 512)
