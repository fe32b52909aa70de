"""The register of weights: what each file is, where it lies, and whether it is the right one.

``weights.toml`` beside this module holds one table per file. Nothing else in the project knows a
file name, and a file whose sha256 differs is never loaded.
"""

import hashlib
import pickle  # only for the name of the error that torch raises
import tomllib
from dataclasses import dataclass, field, fields
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from inference.errors import WeightsError

if TYPE_CHECKING:
    from torch import Tensor

Origin = Literal["trained", "dependency", "download"]

BUNDLES: dict[str, tuple[str, ...]] = {
    "stars": ("mobilefacenet-foamliu",),
}
"""Downloads by the name under which they are asked for: files that are of use together."""

REGISTER = Path(__file__).with_suffix(".toml")
TRAINED_DIRECTORY = Path(__file__).with_name("weights")
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsRecord:
    """One weights file.

    Attributes:
        name: What the code calls it.
        filename: Path under the directory of its origin; for a dependency, under its package.
        sha256: Hash of the whole file, lower-case hexadecimal. Empty only for a download whose
            publisher gives none; the hash found when it is accepted then counts from there on.
        bytes: Size of the file.
        origin: ``trained`` by this project and committed, carried by a ``dependency``, or an
            optional ``download``.
        licence: SPDX identifier, or a short name where there is none.
        package: Import name of the dependency that carries the file.
        url: Where it comes from; for a download, the file itself.
        paper: Authors, year and arXiv id or venue.
        input_size: Width and height that the network takes; empty where any size will do.
        colour: Order of the channels that the network takes.
        mean: Subtracted from pixels of 0 to 255, per channel.
        std: Divided by afterwards, per channel.
        classes: Names of the outputs in order.
        scores: What it was measured at; the names are those of ``docs/metrics.json``.
        notes: Whatever else a reader must know.
        terms: What an owner has to accept before a download is fetched; empty where nothing is.
    """

    name: str
    filename: str
    sha256: str
    bytes: int
    origin: Origin
    licence: str
    package: str = ""
    url: str = ""
    paper: str = ""
    input_size: tuple[int, ...] = ()
    colour: str = "RGB"
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    classes: tuple[str, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)
    notes: str = ""
    terms: str = ""

    def __post_init__(self) -> None:
        if self.origin not in get_args(Origin):
            raise WeightsError(f"{self.name}: origin {self.origin!r} is none of {get_args(Origin)}")
        if self.origin == "dependency" and not self.package:
            raise WeightsError(f"{self.name}: a file of a dependency needs its package")
        if len(self.sha256) != 64 and not (self.origin == "download" and not self.sha256):
            raise WeightsError(f"{self.name}: sha256 must have 64 digits, not {len(self.sha256)}")


@lru_cache(maxsize=1)
def records() -> dict[str, WeightsRecord]:
    """Return every record of the register by name, in the order of the file."""
    return read_register(REGISTER)


def read_register(path: Path) -> dict[str, WeightsRecord]:
    """Read a register.

    Raises:
        WeightsError: A table lacks a field, or has one that is not known.
    """
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: _record(name, table) for name, table in tables.items()}


def _record(name: str, table: dict[str, Any]) -> WeightsRecord:
    known = {item.name for item in fields(WeightsRecord)}
    if unknown := set(table) - known:
        raise WeightsError(f"weights.toml: {name} has unknown fields {sorted(unknown)}")
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    try:
        return WeightsRecord(name=name, **values)
    except TypeError as error:
        raise WeightsError(f"weights.toml: {name} is not complete ({error})") from error


def record(name: str) -> WeightsRecord:
    """Return one record.

    Raises:
        WeightsError: No file of this name is registered.
    """
    try:
        return records()[name]
    except KeyError:
        raise WeightsError(f"no weights are registered as {name!r}") from None


def locate(record: WeightsRecord, directory: Path | None = None) -> Path:
    """Find the file of a record and check its hash.

    Args:
        record: What to look for.
        directory: Where optional downloads lie; other origins do not need it.

    Returns:
        Path of a file whose bytes are the registered ones.

    Raises:
        WeightsError: The file is missing or has another hash; says what to do.
    """
    path = expected_path(record, directory)
    if not path.is_file():
        raise WeightsError(f"{record.name}: no {path.name} in {path.parent}; {_remedy(record)}")
    _check_hash(record, path, record.sha256 or _accepted_hash(record, path))
    return path


def accept_download(record: WeightsRecord, directory: Path) -> Path:
    """Check a file that has just been downloaded, before anything loads it.

    Where the publisher gives no hash, only the size can be checked; the hash found is then
    written beside the file and holds for every later load.

    Returns:
        The file's path.

    Raises:
        WeightsError: The file is missing or is not the registered one.
    """
    path = expected_path(record, directory)
    if not path.is_file():
        raise WeightsError(f"{record.name}: no {path.name} in {path.parent}; {_remedy(record)}")
    if (size := path.stat().st_size) != record.bytes:
        raise WeightsError(f"{record.name}: {path} has {size} bytes, not {record.bytes}")
    if record.sha256:
        _check_hash(record, path, record.sha256)
    else:
        _hash_file(path).write_text(sha256_of(path), encoding="ascii")
    return path


def expected_path(record: WeightsRecord, directory: Path | None = None) -> Path:
    """Return where the file of a record belongs, whether it is there or not.

    A package is located without being imported: importing it could load seconds of code or fail.

    Raises:
        WeightsError: The package is not installed, or a download has no directory to be in.
    """
    if record.origin == "trained":
        return TRAINED_DIRECTORY / record.filename
    if record.origin == "dependency":
        return _package_directory(record) / record.filename
    if directory is None:
        raise WeightsError(f"{record.name}: no directory for downloaded weights was given")
    return directory / record.filename


def bundle_of(name: str) -> str:
    """Return under which name a download is asked for: that of the embedder it is a part of."""
    return next((bundle for bundle, files in BUNDLES.items() if name in files), name)


def is_present(record: WeightsRecord, directory: Path | None = None) -> bool:
    """Say whether the file of a record is there, by existence and size; cheap enough for a page."""
    try:
        path = expected_path(record, directory)
    except WeightsError:
        return False
    return path.is_file() and path.stat().st_size == record.bytes


def load_state_dict(name: str, directory: Path | None = None) -> "dict[str, Tensor]":
    """Load the tensors of a registered file onto the processor.

    Floating-point tensors come as float32, however small they were stored.

    Raises:
        WeightsError: The file is missing, wrong, or holds no tensors by name.
    """
    # Only here and below: the health page reads the register where torch must not be loaded.
    import torch

    path = locate(record(name), directory)
    tensors = _read_tensors(path)
    if not isinstance(tensors, dict) or not all(
        isinstance(value, torch.Tensor) for value in tensors.values()
    ):
        raise WeightsError(f"{name}: {path.name} holds no tensors by name")
    return {
        key: tensor.float() if tensor.is_floating_point() else tensor
        for key, tensor in tensors.items()
    }


def _read_tensors(path: Path) -> Any:
    """Read a file that can hold nothing but data; code in a pickle is refused, not run."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise WeightsError(f"{path.name} cannot be read: {error}") from error


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in lower-case hexadecimal, reading it in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _package_directory(record: WeightsRecord) -> Path:
    spec = find_spec(record.package)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(f"{record.name}: package {record.package} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def _check_hash(record: WeightsRecord, path: Path, wanted: str) -> None:
    found = sha256_of(path)
    if found != wanted:
        raise WeightsError(
            f"{record.name}: {path} has sha256 {found[:12]}…, not {wanted[:12]}…; {_remedy(record)}"
        )


def _accepted_hash(record: WeightsRecord, path: Path) -> str:
    hash_file = _hash_file(path)
    if not hash_file.is_file():
        raise WeightsError(f"{record.name}: {path} was never accepted; {_remedy(record)}")
    return hash_file.read_text(encoding="ascii").strip()


def _hash_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _remedy(record: WeightsRecord) -> str:
    if record.origin == "download":
        return f"run manage.py download_weights {bundle_of(record.name)}"
    if record.origin == "dependency":
        return f"reinstall {record.package} in the version of requirements.lock"
    return "restore it from the repository"
