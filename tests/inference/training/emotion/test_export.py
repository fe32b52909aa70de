from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from inference.datasets.fer2013plus import EmotionSplit
from inference.emotion.architectures import EmotionLogits, build, build_pair
from inference.emotion.calibration import Calibration, split_calibration
from inference.emotion.labels import LABELS, PLUS_TO_LABEL
from inference.training import runs
from inference.training.emotion import export
from inference.training.emotion.export import (
    LogShares,
    fit_calibration,
    fit_temperature,
    pair_that_ships,
)
from tests.inference.training.generated_faces import generated_split, write_generated_data

EVEN = LogShares(np.log(np.full(7, 1 / 7, np.float32)), np.log(np.full(7, 1 / 7, np.float32)))


def oversure_logits(count: int, right: float) -> EmotionLogits:
    """Logits that name the right class in a share of the cases and are always very sure."""
    generator = np.random.default_rng(8)
    truth = np.arange(count) % 7
    named = np.where(generator.random(count) < right, truth, (truth + 1) % 7)
    fer = torch.zeros(count, 7)
    fer[torch.arange(count), torch.from_numpy(named)] = 10
    plus = torch.zeros(count, 8)
    plus[torch.arange(count), torch.tensor(PLUS_TO_LABEL)[torch.from_numpy(named)]] = 10
    return EmotionLogits(fer, plus)


def test_the_temperature_of_least_loss_is_found() -> None:
    assert fit_temperature(lambda t: (np.log(t) - np.log(2.5)) ** 2) == pytest.approx(2.5, rel=0.01)


def test_certainty_falls_to_what_the_network_is_worth() -> None:
    split, logits = generated_split(350, seed=1), oversure_logits(350, right=0.7)

    calibration = fit_calibration(logits, split, EVEN)

    assert calibration.fer_temperature > 2
    assert calibration.fer(logits).max(1).mean() == pytest.approx(0.7, abs=0.05)
    assert calibration.product(logits).max(1).mean() == pytest.approx(0.7, abs=0.05)


def test_a_useless_head_gets_no_share() -> None:
    split, logits = generated_split(350, seed=1), oversure_logits(350, right=0.9)
    noise = torch.randn(350, 8, generator=torch.Generator().manual_seed(1)) * 10

    calibration = fit_calibration(EmotionLogits(logits.fer, noise), split, EVEN)

    assert calibration.plus_share < 0.5


def test_a_mix_that_promises_more_than_it_keeps_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    split, logits = generated_split(350, seed=1), oversure_logits(350, right=0.7)

    def dishonest(probabilities: np.ndarray, truth: np.ndarray) -> float:
        errors.append(0.5 if len(errors) != 3 else 0.01)
        return errors[-1]

    errors: list[float] = []
    monkeypatch.setattr(export, "expected_calibration_error", dishonest)

    calibration = fit_calibration(logits, split, EVEN)

    assert calibration.plus_share == pytest.approx(export.SHARES[3])


def test_a_rare_label_is_heard_again_once_its_frequency_is_forgotten() -> None:
    generator = np.random.default_rng(4)
    fer = np.where(np.arange(1400) < 1300, LABELS.index("neutral"), LABELS.index("disgust"))
    votes = np.zeros((1400, 10), np.float32)
    votes[np.arange(1400), np.array(PLUS_TO_LABEL)[fer]] = 10
    split = EmotionSplit(np.zeros((1400, 48, 48), np.uint8), fer, votes)
    # Both labels look almost alike, so the frequent one swallows the rare one.
    evidence = np.where(fer == LABELS.index("disgust"), 1.5, -1.5) + generator.normal(0, 1.2, 1400)
    shares = LogShares.of(split)
    logits = np.tile(shares.fer, (1400, 1))
    logits[:, LABELS.index("disgust")] += evidence
    plus = np.full((1400, 8), -9.0, np.float32)
    plus[:, list(PLUS_TO_LABEL)] = logits
    network = EmotionLogits(torch.from_numpy(logits).float(), torch.from_numpy(plus))
    disgusted = fer == LABELS.index("disgust")

    plain = Calibration().product(network).argmax(1)
    fitted = fit_calibration(network, split, shares).product(network).argmax(1)

    assert (plain[disgusted] == fer[disgusted]).mean() < 0.5
    assert (fitted[disgusted] == fer[disgusted]).mean() > 0.7


def test_shipped_weights_are_calibrated_anew_without_a_run(tmp_path: Path) -> None:
    torch.manual_seed(1)
    shipped, target = tmp_path / "shipped.safetensors", tmp_path / "new.safetensors"
    old = Calibration(fer_temperature=4.5, abstain_below=0.9)
    runs.save_weights(shipped, {**build_pair().state_dict(), **old.tensors()})
    data = write_generated_data(tmp_path / "faces")

    export.main(["--weights", str(shipped), "--data", str(data), "--target", str(target)])

    state, calibration = split_calibration(load_file(target))
    for name in ("first.fer.weight", "second.fer.weight"):
        torch.testing.assert_close(state[name], load_file(shipped)[name])
    assert calibration.abstain_below != old.abstain_below


def test_an_exported_run_can_be_loaded_with_its_calibration(tmp_path: Path) -> None:
    run, target = tmp_path / "run", tmp_path / "out" / "emotion.safetensors"
    run.mkdir()
    torch.manual_seed(1)
    runs.save_weights(run / runs.WEIGHTS, build("residual").state_dict())
    data = write_generated_data(tmp_path / "faces")

    export.main(["--run", str(run), "--data", str(data), "--target", str(target)])

    state, calibration = split_calibration(load_file(target))
    assert set(state) == set(build_pair().state_dict())
    assert state["first.fer.weight"].dtype == torch.float16
    assert calibration != Calibration()
    assert target.stat().st_size < 12_000_000


def test_a_run_sees_the_mirror_image_beside_the_network_that_it_is_paired_with(
    tmp_path: Path,
) -> None:
    run, shipped = tmp_path / "run.safetensors", tmp_path / "shipped.safetensors"
    torch.manual_seed(1)
    runs.save_weights(run, build("residual").state_dict())
    runs.save_weights(shipped, {**build_pair().state_dict(), **Calibration().tensors()})

    state = pair_that_ships(run, pair_with=shipped)

    assert torch.equal(state["first.fer.weight"], load_file(shipped)["first.fer.weight"].float())
    assert torch.equal(state["second.fer.weight"], load_file(run)["fer.weight"].float())
    assert state.keys() == build_pair().state_dict().keys()


def test_a_run_can_meet_either_network_of_a_pair_half_way(tmp_path: Path) -> None:
    run, shipped = tmp_path / "run.safetensors", tmp_path / "shipped.safetensors"
    torch.manual_seed(1)
    runs.save_weights(run, build("residual").state_dict())
    runs.save_weights(shipped, build_pair().state_dict())

    state = pair_that_ships(run, mean_with=shipped)

    for member in ("first", "second"):
        half_way = (
            load_file(run)["fer.weight"].float()
            + load_file(shipped)[f"{member}.fer.weight"].float()
        ) / 2
        torch.testing.assert_close(state[f"{member}.fer.weight"], half_way)


def test_a_run_without_weights_ends_with_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="train first"):
        export.main(["--run", str(tmp_path), "--data", str(tmp_path)])
