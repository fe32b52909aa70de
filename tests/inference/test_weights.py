"""The register of weights, and the refusal of anything that is not in it."""

import dataclasses
import hashlib
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from inference import weights
from inference.errors import WeightsError
from inference.weights import WeightsRecord

DEPENDENCIES = [r for r in weights.records().values() if r.origin == "dependency"]


def _download(path: Path, *, sha256: str | None = None) -> WeightsRecord:
    data = path.read_bytes()
    return WeightsRecord(
        name="toy",
        filename=path.name,
        sha256=sha256 or hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        origin="download",
        licence="MIT",
    )


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small safetensors file, registered under the name ``toy``."""
    path = tmp_path / "toy.safetensors"
    save_file({"a": torch.ones(2, dtype=torch.float16), "n": torch.tensor([3])}, path)
    registered = {"toy": _download(path)}
    monkeypatch.setattr(weights, "records", lambda: registered)
    return path


@pytest.mark.weights
@pytest.mark.parametrize("record", DEPENDENCIES, ids=lambda record: record.name)
def test_every_file_of_a_dependency_is_the_registered_one(record: WeightsRecord) -> None:
    path = weights.locate(record)
    assert path.stat().st_size == record.bytes
    assert weights.is_present(record)


@pytest.mark.weights
def test_every_trained_file_is_committed_and_small() -> None:
    for record in weights.records().values():
        if record.origin == "trained":
            assert weights.locate(record).stat().st_size == record.bytes <= 12 * 2**20, record.name


def test_a_package_is_located_without_being_imported() -> None:
    weights.locate(weights.record("dlib-resnet"))
    assert "face_recognition_models" not in sys.modules


def test_half_precision_comes_as_float32_and_whole_numbers_stay(toy: Path) -> None:
    tensors = weights.load_state_dict("toy", toy.parent)
    assert tensors["a"].dtype == torch.float32
    assert tensors["n"].dtype == torch.int64
    assert tensors["a"].tolist() == [1, 1]


def test_a_changed_byte_stops_the_load(toy: Path) -> None:
    data = bytearray(toy.read_bytes())
    data[-1] ^= 1
    toy.write_bytes(data)
    with pytest.raises(WeightsError, match=r"has sha256 .* manage.py download_weights toy"):
        weights.load_state_dict("toy", toy.parent)


def test_a_missing_download_says_what_to_do(toy: Path) -> None:
    toy.unlink()
    with pytest.raises(WeightsError, match=r"no toy.safetensors in .*download_weights toy"):
        weights.load_state_dict("toy", toy.parent)


def test_a_download_needs_a_directory(toy: Path) -> None:
    with pytest.raises(WeightsError, match="no directory"):
        weights.load_state_dict("toy")
    assert not weights.is_present(weights.record("toy"))


def test_a_pickle_that_runs_code_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "evil.pt"
    torch.save({"a": Path("x")}, path)
    monkeypatch.setattr(weights, "records", lambda: {"toy": _download(path)})
    with pytest.raises(WeightsError, match=r"evil\.pt cannot be read"):
        weights.load_state_dict("toy", tmp_path)


@pytest.fixture
def unpublished(toy: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsRecord:
    """The toy file, for which nobody has published a hash."""
    record = dataclasses.replace(weights.record("toy"), sha256="")
    monkeypatch.setattr(weights, "records", lambda: {"toy": record})
    return record


def test_a_download_without_a_published_hash_is_not_loaded_until_accepted(
    toy: Path, unpublished: WeightsRecord
) -> None:
    with pytest.raises(WeightsError, match="was never accepted"):
        weights.load_state_dict("toy", toy.parent)
    weights.accept_download(unpublished, toy.parent)
    assert weights.load_state_dict("toy", toy.parent)["a"].tolist() == [1, 1]


def test_an_accepted_download_may_not_change_afterwards(
    toy: Path, unpublished: WeightsRecord
) -> None:
    weights.accept_download(unpublished, toy.parent)
    toy.write_bytes(toy.read_bytes()[:-1] + b"x")
    with pytest.raises(WeightsError, match="has sha256"):
        weights.load_state_dict("toy", toy.parent)


def test_a_download_of_another_size_is_not_accepted(toy: Path, unpublished: WeightsRecord) -> None:
    toy.write_bytes(toy.read_bytes() + b"x")
    with pytest.raises(WeightsError, match="bytes, not"):
        weights.accept_download(unpublished, toy.parent)


def test_a_published_hash_is_checked_when_a_download_is_accepted(toy: Path) -> None:
    record = weights.record("toy")
    weights.accept_download(record, toy.parent)
    toy.write_bytes(toy.read_bytes()[:-1] + b"x")
    with pytest.raises(WeightsError, match="has sha256"):
        weights.accept_download(record, toy.parent)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(WeightsError, match="'nonsense'"):
        weights.record("nonsense")


def test_a_missing_package_is_named() -> None:
    record = WeightsRecord(
        name="x",
        filename="x.pt",
        sha256="0" * 64,
        bytes=1,
        origin="dependency",
        package="no_such_package",
        licence="MIT",
    )
    with pytest.raises(WeightsError, match="no_such_package is not installed"):
        weights.locate(record)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('[a]\ncolor = "RGB"\n', r"unknown fields \['color'\]", id="misspelt field"),
        pytest.param('[a]\nfilename = "a"\n', "a is not complete", id="missing fields"),
        pytest.param(
            '[a]\nfilename = "a"\nsha256 = "12"\nbytes = 1\norigin = "trained"\nlicence = "MIT"\n',
            "64 digits, not 2",
            id="short hash",
        ),
        pytest.param(
            f'[a]\nfilename = "a"\nsha256 = "{"0" * 64}"\nbytes = 1\norigin = "web"\n'
            'licence = "MIT"\n',
            "origin 'web'",
            id="unknown origin",
        ),
    ],
)
def test_a_wrong_register_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "weights.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError, match=message):
        weights.read_register(path)
