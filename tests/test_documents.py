"""What documents name is there: files, folders, headings, modules, commands."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

REPOSITORY = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *(path for path in sorted((REPOSITORY / "docs").rglob("*.md")) if path.name != "evaluation.md"),
]
ROOTS = [
    REPOSITORY / part
    for part in ("", "webapp", "inference", "static/js", "templates", "docs", "docs/img", "tests")
]
FILE = re.compile(r"[\w./-]+\.(?:py|js|html|css|toml|json|sh|svg|png|lock|yaml)")
FOLDER = re.compile(r"(?:[\w-]+/)+")
MADE_WHILE_RUNNING = re.compile(
    r"(var|media|trash|backup|\.venv|models|faces|emotion|segmentation|videos)/"
)
"""Begins a path in the data folder, or in the folder of evaluation data."""


@cache
def names() -> frozenset[str]:
    """The names of all files and folders that people write."""
    parts = ("webapp", "inference", "static", "templates", "tests", "docs", "deploy")
    below = (path.name for part in parts for path in (REPOSITORY / part).rglob("*"))
    return frozenset(below) | {path.name for path in REPOSITORY.iterdir()}


def is_there(name: str) -> bool:
    """Whether a path, from any folder that documents begin at, or a bare name, is there."""
    if name.startswith("/") or MADE_WHILE_RUNNING.match(name):  # An address, or made later.
        return True
    return any((root / name).exists() for root in ROOTS) or (
        "/" not in name.strip("/") and name.strip("/") in names()
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_names_is_there(document: Path) -> None:
    text = document.read_text()
    quoted = re.findall(r"`([^`\n]+)`", text)
    named = [one for one in quoted if FILE.fullmatch(one) or FOLDER.fullmatch(one)]
    assert [one for one in named if not is_there(one)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_where_a_document_leads_is_there(document: Path) -> None:
    for path, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)]*))?\)", document.read_text()):
        target = document.parent / path if path else document
        assert target.exists(), path
        if anchor:
            assert anchor in headings(target), f"{path}#{anchor}"


def headings(document: Path) -> set[str]:
    """The anchors of a document, as its readers make them."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_tells_to_run_is_there(document: Path) -> None:
    text = document.read_text()
    modules = {
        one.rstrip(".")
        for one in re.findall(r"python3? -m ((?:inference|tests|webapp)[\w.]*)", text)
    }
    files = [REPOSITORY / one.replace(".", "/") for one in sorted(modules)]
    assert [
        str(one) for one in files if not (one.with_suffix(".py").exists() or one.is_dir())
    ] == []
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert commands - set(get_commands()) == set()
    targets = set(
        re.findall(r"^([a-z0-9-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    )
    assert set(re.findall(r"`make ([a-z0-9-]+)", text)) - targets == set()
