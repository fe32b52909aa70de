"""Rules about the source itself: how models are loaded, and which versions are safe."""

import ast
import json
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version
from pillow_heif import libheif_version

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path for folder in ("inference", "webapp") for path in (REPOSITORY / folder).rglob("*.py")
)
UNSAFE_LOADING = {
    "pickle": r"\bpickle\.loads?\(|\bcPickle\b|\bjoblib\b|\bdill\b",
    "torch.hub": r"torch\.hub\b",
    "TorchScript": r"torch\.jit\.load",
    "numpy pickles": r"allow_pickle\s*=\s*True",
    "weights that run code": r"weights_only\s*=\s*False",
    "shell": r"shell\s*=\s*True|os\.system\(",
    "yaml": r"yaml\.load\(",
}
LEAST_VERSIONS = {
    "django": "5.2.14",
    "pillow": "12.2",
    "celery": "5.4",
    "kombu": "5.4",
    "torch": "2.6",
}


OWN_UNFINISHED = {
    "webapp/core/safekeeping/backups.py",  # The second names of the files while it copies them.
    "webapp/core/files/installation.py",  # A mark whose writing failed.
    "webapp/core/web/collecting.py",  # The stamp of the static files.
    "webapp/core/jobs/wakeups.py",  # A message whose writing failed.
    "webapp/vision/models/downloads.py",  # A download of another size than announced.
    "webapp/vision/sandbox/photo_child.py",  # A picture whose encoding failed.
    "webapp/analysis/portraits.py",  # Parts that were not renamed.
    "webapp/api/predictions/answering.py",  # Pictures sent to be read once, never kept.
    "webapp/vision/films/fancams.py",  # A film that was not finished.
    "webapp/moments/reel/filming.py",  # A film that was not finished.
}
"""Who may remove files beside ``webapp.core.files.orphans``: each only what it wrote itself."""
REMOVING = {"unlink", "rmtree", "rmdir", "removedirs"}


def removes_files(path: Path) -> bool:
    """Whether a source names one of the functions that remove files or folders."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and (
            node.attr in REMOVING
            or (node.attr == "remove" and getattr(node.value, "id", "") == "os")
        ):
            return True
        if isinstance(node, ast.ImportFrom) and node.module in {"os", "shutil"}:
            return any(name.name in REMOVING | {"remove"} for name in node.names)
    return False


def test_only_one_room_removes_files() -> None:
    removing = {
        str(path.relative_to(REPOSITORY))
        for path in (REPOSITORY / "webapp").rglob("*.py")
        if removes_files(path)
    }
    assert removing == OWN_UNFINISHED | {"webapp/core/files/orphans.py"}


def test_there_is_source_to_look_at() -> None:
    assert len(SOURCES) > 50


@pytest.mark.parametrize("rule", UNSAFE_LOADING)
def test_nothing_loads_files_that_can_run_code(rule: str) -> None:
    pattern = re.compile(UNSAFE_LOADING[rule])
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if pattern.search(line.partition("#")[0])
    ]
    assert found == []


def test_every_torch_load_takes_weights_only() -> None:
    calls = [
        (path, match[0])
        for path in SOURCES
        for match in re.finditer(r"torch\.load\((?:[^()]|\([^()]*\))*\)", path.read_text())
    ]
    assert [str(path) for path, call in calls if "weights_only=True" not in call] == []


def test_every_weights_file_is_pinned_by_its_hash() -> None:
    register = tomllib.loads((REPOSITORY / "inference" / "weights.toml").read_text())
    assert register
    unpinned = [
        name
        for name, entry in register.items()
        if entry["origin"] != "download" and not re.fullmatch(r"[0-9a-f]{64}", entry["sha256"])
    ]
    assert unpinned == []


@pytest.mark.parametrize("package", LEAST_VERSIONS)
def test_a_dependency_is_not_older_than_its_security_fixes(package: str) -> None:
    assert Version(version(package)) >= Version(LEAST_VERSIONS[package])


def test_libheif_is_not_older_than_its_security_fixes() -> None:
    assert Version(libheif_version()) >= Version("1.22")


def test_every_dependency_is_locked_with_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        blocks = re.split(r"\n(?=[a-z0-9])", (REPOSITORY / name).read_text())
        pinned = [block for block in blocks if re.match(r"[a-z0-9][\w.\-\[\]]*==", block)]
        assert pinned
        assert [block.split()[0] for block in pinned if "--hash=sha256:" not in block] == []


def test_every_tool_for_the_scripts_is_locked_with_a_hash_and_without_an_address() -> None:
    lock = json.loads((REPOSITORY / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
