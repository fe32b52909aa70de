from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inference.errors import DatasetError
from inference.training import dcgan
from inference.training.dcgan import Discriminator, Generator, Settings, Study

SMALL = Settings(minutes=0.0, width=2, batch=4)


def pictures(folder: Path, count: int) -> Path:
    """Write pictures that are red above and blue below."""
    folder.mkdir()
    pixels = np.zeros((80, 100, 3), np.uint8)
    pixels[:40, :, 0], pixels[40:, :, 2] = 255, 255
    for number in range(count):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def test_the_networks_draw_and_judge_pictures_of_64_pixels() -> None:
    drawn = Generator(2)(torch.randn(3, dcgan.LATENT))
    assert drawn.shape == (3, 3, 64, 64)
    assert float(drawn.detach().abs().max()) <= 1.0
    assert Discriminator(2)(drawn).shape == (3, 1)


def test_the_middle_of_a_picture_is_kept() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    image[25:75, 75:125] = 200
    assert (dcgan.face_square(image, 0.5) == 200).all()
    assert (dcgan.face_square(image, 1.0)[0] == 0).all()


def test_too_few_pictures_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="3 pictures are too few"):
        dcgan.read_faces([pictures(tmp_path / "few", 3)], 1.0)


def test_batches_hold_every_face_once_a_pass_and_leave_the_faces_as_they_are() -> None:
    faces = np.arange(8, dtype=np.uint8)[:, None, None, None] * np.ones((1, 64, 64, 3), np.uint8)
    faces[:, :, 0] = 255  # A mark on the left, which mirroring moves.
    before = faces.copy()
    stream = dcgan.batches(faces, 4, np.random.default_rng(1))
    seen = torch.cat([next(stream), next(stream)])
    values = sorted(round(float((one[0, 0, 30] + 1) * 127.5)) for one in seen)
    assert values == list(range(8))
    assert (faces == before).all()


def test_the_judge_learns_to_tell_real_faces_from_drawn_ones() -> None:
    study = Study(SMALL)
    real = torch.linspace(-1, 1, 64).repeat(4, 3, 64, 1)
    losses = [study.step(real)[0] for _ in range(30)]
    assert losses[-1] < 0.6 * losses[0]


def test_a_run_that_was_cut_off_goes_on_and_draws_the_same_faces(tmp_path: Path) -> None:
    faces = dcgan.read_faces([pictures(tmp_path / "many", 64)], 1.0)
    study, run = Study(SMALL), tmp_path / "run"
    run.mkdir()
    dcgan.train(study, faces, run, clock=lambda: 0.0)
    dcgan.write_faces(study, tmp_path / "first", 3, seed=5)

    resumed = Study.resumed(run, minutes=0.0)
    dcgan.write_faces(resumed, tmp_path / "second", 3, seed=5)

    assert resumed.steps == study.steps == 1
    names = ["0001.png", "0002.png", "0003.png"]
    assert [one.name for one in sorted((tmp_path / "second").iterdir())] == names
    for name in names:
        first, second = tmp_path / "first" / name, tmp_path / "second" / name
        assert first.read_bytes() == second.read_bytes()


def test_the_command_asks_for_pictures(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        dcgan.main([])
    assert "say --images to learn from" in capsys.readouterr().err
