"""The shipped portrait network answers as it did when it was measured."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from skimage.data import astronaut

from inference.errors import WeightsError
from inference.segmentation.prompts import prompt_map
from inference.segmentation.segmenter import PROMPTED_NAME, WEIGHTS_NAME, PersonSegmenter
from inference.segmentation.unet import build_unet, resize_to, to_batch, with_prompt_channel
from inference.types import RGBImage
from inference.weights import load_state_dict, record

GOLDEN = Path(__file__).with_name("golden_portrait_unet.npy")
"""Probabilities of the network for the astronaut at 256x256, every eighth pixel, in float32."""

PROMPTED_GOLDEN = Path(__file__).with_name("golden_portrait_unet_prompted.npy")
"""The same of the network that takes prompts, with one disc up and one down."""

TOLERANCE = 0.005

ASTRONAUT: RGBImage = astronaut()  # type: ignore[no-untyped-call]

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def segmenter() -> PersonSegmenter:
    return PersonSegmenter.load()


def astronaut_probabilities() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    network = build_unet().eval()
    network.load_state_dict(with_prompt_channel(load_state_dict(WEIGHTS_NAME)))
    with torch.inference_mode():
        logits = network(to_batch(resize_to(ASTRONAUT, (256, 256))[None]))
    probabilities: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = logits.sigmoid()[
        0, 0
    ].numpy()
    return probabilities[4::8, 4::8]


def test_the_network_gives_the_stored_probabilities() -> None:
    assert np.abs(astronaut_probabilities() - np.load(GOLDEN)).max() < TOLERANCE


def prompted_probabilities() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    network = build_unet().eval()
    network.load_state_dict(load_state_dict(PROMPTED_NAME))
    prompt = prompt_map([(90, 31, 134, 86)], (256, 256), (256, 256), [(200, 40, 230, 80)])
    with torch.inference_mode():
        logits = network(to_batch(resize_to(ASTRONAUT, (256, 256))[None], prompt[None]))
    return np.asarray(logits.sigmoid()[0, 0].numpy()[4::8, 4::8], np.float32)


def test_the_prompted_network_gives_the_stored_probabilities() -> None:
    assert np.abs(prompted_probabilities() - np.load(PROMPTED_GOLDEN)).max() < TOLERANCE


def test_the_astronaut_is_found_and_the_background_is_not(segmenter: PersonSegmenter) -> None:
    alpha = segmenter.segment(ASTRONAUT)
    assert segmenter.has_person(alpha)
    assert alpha[70:180, 190:260].mean() > 0.9, "the face"
    assert alpha[330:500, 150:300].mean() > 0.8, "the suit"
    assert alpha[:60, 300:360].mean() < 0.2, "the wall"


def test_the_prompted_network_keeps_the_one_who_is_meant_and_not_the_one_beside(
    segmenter: PersonSegmenter,
) -> None:
    pair = np.concatenate([ASTRONAUT, ASTRONAUT[:, ::-1]], axis=1)
    head = (181.0, 62.0, 268.0, 172.0)

    alpha = segmenter.segment(pair, [head])

    assert alpha[70:180, 190:260].mean() > 0.9, "her face"
    assert alpha[:, 600:].mean() < 0.1, "her twin"
    twin = segmenter.segment(pair, [(1023 - head[2], head[1], 1023 - head[0], head[3])])
    assert twin[70:180, 764:834].mean() > 0.9
    assert twin[:, :420].mean() < 0.1


def test_the_preview_is_small_and_finds_the_astronaut_too(segmenter: PersonSegmenter) -> None:
    probability = segmenter.preview(ASTRONAUT)
    height, width = probability.shape
    assert height * width <= 192 * 192
    rows, columns = (
        slice(height * 70 // 512, height * 180 // 512),
        slice(width * 190 // 512, width * 260 // 512),
    )
    face = probability[rows, columns].mean()
    assert face > 0.8
    assert face > probability[:, -width // 8 :].mean() + 0.3, "the edge behind her"


def test_an_empty_scene_shows_nobody(segmenter: PersonSegmenter) -> None:
    rows = np.linspace(30, 160, 480, dtype=np.uint8)[:, None, None]
    wall = np.broadcast_to(rows, (480, 640, 3)).copy()
    assert not segmenter.has_person(segmenter.segment(wall))


def test_the_file_is_as_small_as_promised() -> None:
    assert record(WEIGHTS_NAME).bytes <= 12_000_000


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_file({"layer": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="do not fit"):
        PersonSegmenter.from_file(tmp_path / "other.safetensors")


def test_a_broken_weights_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"no tensors")
    with pytest.raises(WeightsError, match="not a readable weights file"):
        PersonSegmenter.from_file(tmp_path / "broken.safetensors")
