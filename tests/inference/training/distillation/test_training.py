import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from inference.datasets.faces import WIDE_SIZE, WIDE_TEMPLATE, WideCrops
from inference.errors import WeightsError
from inference.recognition.networks.dlib_resnet import DlibResNet
from inference.recognition.networks.encore_resnet import EncoreResNet
from inference.training.distillation import training as distillation
from inference.training.distillation.data import (
    Lesson,
    LessonViews,
    draw_recipes,
    lean_on_identities,
    recipe_of,
    teacher_targets,
)
from inference.training.distillation.teacher import MobileFaceNet
from inference.training.distillation.training import (
    Distillation,
    DistillationSettings,
    distillation_loss,
    rate_at,
)
from inference.training.distillation.views import FacePool, Recipe


def unit(rows):
    return torch.nn.functional.normalize(torch.as_tensor(rows, dtype=torch.float32))


def crops(count=6):
    draw = np.random.default_rng(0)
    return WideCrops(
        draw.integers(0, 255, (count, WIDE_SIZE, WIDE_SIZE, 3)).astype(np.uint8),
        np.stack([WIDE_TEMPLATE] * count),
        tuple("ab" * (count // 2)),
        ("bts_group", "glint24") * (count // 2),
    )


def pool(count=6, grey=2):
    images = np.full((grey, 48, 48), 99, np.uint8)
    landmarks = np.stack([WIDE_TEMPLATE * 48 / WIDE_SIZE] * grey).astype(np.float32)
    return FacePool(crops(count), images, landmarks)


def test_a_perfect_pupil_has_no_loss():
    teacher = unit(np.random.default_rng(0).normal(size=(8, 16)))
    assert distillation_loss(3.0 * teacher, teacher, 5.0).item() == pytest.approx(0.0, abs=1e-5)


def test_the_loss_counts_faces_and_pairs():
    teacher = unit([[1.0, 0.0], [0.0, 1.0]])
    student = unit([[1.0, 0.0], [1.0, 0.0]])
    # One face of two is off by a right angle, and the one pair has similarity 1 instead of 0.
    assert distillation_loss(student, teacher, 0.0).item() == pytest.approx(0.5)
    assert distillation_loss(student, teacher, 2.0).item() == pytest.approx(0.5 + 2.0)


def test_a_turned_space_has_right_pairs_and_wrong_faces():
    teacher = unit(np.eye(4))
    turned = teacher.roll(1, dims=1)
    assert distillation_loss(turned, teacher, 5.0).item() == pytest.approx(1.0)


def test_the_learning_rate_rises_then_falls_with_the_clock():
    assert rate_at(0.0, 0) < 0.05
    assert rate_at(0.0, 1000) == pytest.approx(1.0)
    assert rate_at(0.5, 1000) == pytest.approx(0.505)
    assert rate_at(1.0, 1000) == rate_at(7.0, 1000) == pytest.approx(0.01)


def test_every_face_is_shown_and_the_odds_add_up():
    recipes, odds = draw_recipes(crops(), 2, 10, np.random.default_rng(0))
    assert len(recipes) == len(odds) == 6 + 2 + 10
    assert odds.sum() == pytest.approx(1.0)
    assert (odds > 0).all()
    assert recipe_of(recipes[3]) == Recipe(3)
    assert (recipes[8:, :2] >= 0).all()
    assert (recipes[8:, :2] < 6).all()


def test_k_pop_faces_are_shown_more_often_than_others():
    many = WideCrops(
        np.zeros((100, 1, 1, 3), np.uint8),
        np.zeros((100, 5, 2), np.float32),
        ("x",) * 100,
        ("bts_group",) * 10 + ("glint24",) * 90,
    )
    odds = draw_recipes(many, 0, 0, np.random.default_rng(0))[1]
    assert odds[0] > 5 * odds[50]


def test_the_teacher_is_asked_once(tmp_path):
    recipes, _ = draw_recipes(crops(), 2, 3, np.random.default_rng(0))
    teacher = MobileFaceNet().eval()
    first = teacher_targets(pool(), recipes, teacher, tmp_path)
    assert np.allclose(np.linalg.norm(first, axis=1), 1.0, atol=1e-5)
    again = teacher_targets(pool(), recipes, None, tmp_path)  # type: ignore[arg-type]
    assert np.array_equal(first, again)


def test_targets_lean_on_the_mean_of_the_person_and_nobody_else():
    targets = unit(np.eye(8)[:, :6]).numpy()
    targets[6:] = targets[:2]
    leant = lean_on_identities(targets, crops(), 0.5)
    # In the six crops every other one is person "a".
    mean = unit(targets[[0, 2, 4]].mean(axis=0)[None]).numpy()[0]
    assert leant[0] @ mean > targets[0] @ mean + 0.2
    assert np.allclose(np.linalg.norm(leant, axis=1), 1.0, atol=1e-6)
    assert np.array_equal(leant[6:], targets[6:])
    assert np.allclose(lean_on_identities(targets, crops(), 0.0), targets)


def lesson():
    recipes, odds = draw_recipes(crops(), 2, 4, np.random.default_rng(0))
    targets = unit(np.random.default_rng(1).normal(size=(len(recipes), 128))).numpy()
    return Lesson(recipes, targets, odds)


def test_a_step_shows_the_same_views_whenever_it_is_asked_for():
    first, again = (LessonViews(pool(), lesson(), 4, seed=3)[5] for _ in range(2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert first[0].shape == (4, 3, 150, 150)
    assert not torch.equal(first[0], LessonViews(pool(), lesson(), 4, seed=3)[6][0])


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.setattr(distillation, "prepare", lambda _settings: (pool(), lesson()))
    monkeypatch.setattr(distillation, "load_dlib_resnet", lambda _path: DlibResNet())
    run = tmp_path / "run"
    return DistillationSettings(tmp_path, tmp_path, run, minutes=1e-9, batch=4)


def test_a_run_leaves_half_precision_weights_that_fit_the_network(plan):
    stored = load_file(distillation.train(plan))
    assert {value.dtype for value in stored.values()} == {torch.float16}
    EncoreResNet().load_state_dict(stored)


def test_learning_moves_the_late_layers_and_leaves_the_first_alone(plan):
    run = Distillation(plan)
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    images, targets, _ = LessonViews(pool(), lesson(), 8, seed=0)[0]
    losses = [run.learn(images, targets) for _ in range(8)]
    assert losses[-1] < losses[0]
    after = run.network.state_dict()
    assert torch.equal(before["stem.weight"], after["stem.weight"])
    assert torch.equal(before["blocks.3.first.weight"], after["blocks.3.first.weight"])
    assert not torch.equal(before["blocks.9.first.weight"], after["blocks.9.first.weight"])
    assert not torch.equal(run.average["head.weight"], before["head.weight"])


def test_a_new_schedule_begins_with_the_weights_of_an_earlier_one(plan):
    earlier = distillation.train(plan)
    again = Distillation(replace(plan, start=earlier))
    assert torch.allclose(again.network.head.weight, load_file(earlier)["head.weight"].float())


def test_a_further_schedule_ends_with_the_mean_of_both(plan):
    earlier = distillation.train(plan)
    run = Distillation(replace(plan, run=plan.data / "next", start=earlier))
    (plan.data / "next").mkdir()
    run.average["head.weight"] = run.average["head.weight"] + 2.0
    mean = load_file(run.export())["head.weight"].float()
    assert torch.allclose(mean, load_file(earlier)["head.weight"].float() + 1.0, atol=2e-3)


def test_foreign_weights_are_no_start(plan):
    save_file({"weight": torch.zeros(3)}, plan.data / "other.safetensors")
    with pytest.raises(WeightsError, match="holds no encore-resnet"):
        Distillation(replace(plan, start=plan.data / "other.safetensors"))


def test_a_run_that_stopped_goes_on_where_it_was(plan, capsys):
    plan.run.mkdir()
    run = Distillation(plan)
    images, targets, _ = LessonViews(pool(), lesson(), 4, seed=0)[0]
    run.learn(images, targets)
    run.seconds = 12.0
    run.save()
    other = Distillation(plan)
    other.resume()
    assert (other.step, other.seconds) == (1, 12.0)
    for name, value in run.network.state_dict().items():
        assert torch.equal(value, other.network.state_dict()[name])
    assert "going on at step 1" in capsys.readouterr().out


def test_the_run_keeps_a_line_of_figures_every_so_often(plan, monkeypatch):
    monkeypatch.setattr(distillation, "_LOG_STEPS", 1)
    plan = DistillationSettings(plan.data, plan.cache, plan.run, minutes=1e-6, batch=4)
    distillation.train(plan)
    lines = (plan.run / "metrics.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["step"] == 1
    assert json.loads(lines[0])["loss"] > 0.0


def test_a_wrong_folder_ends_with_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "sys.argv", ["distillation", "--data", str(tmp_path / "nothing"), "--run", str(tmp_path),
                     "--cache", str(tmp_path)]
    )  # fmt: skip
    with pytest.raises(SystemExit, match="error: there is no folder"):
        distillation.main()
