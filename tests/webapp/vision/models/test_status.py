"""Which model files are there and right."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inference import weights
from webapp.vision import ModelStatus, has_embedder, models_status
from webapp.vision.models.status import _trouble

CONTENT = b"tensors"


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Path:
    """A folder of downloads, and a register that knows one file in it."""
    record = weights.WeightsRecord(
        name="net",
        filename="net.safetensors",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        bytes=len(CONTENT),
        origin="download",
        licence="MIT",
    )
    monkeypatch.setattr(weights, "records", lambda: {"net": record})
    settings.WEIGHTS_DIR = tmp_path
    return tmp_path


def status() -> ModelStatus:
    """Return the status of the one model."""
    [only] = models_status()
    return only


def test_the_right_file_is_available(folder: Path) -> None:
    (folder / "net.safetensors").write_bytes(CONTENT)

    assert (status().is_available, status().detail) == (True, "available")


def test_a_missing_download_is_said(folder: Path) -> None:
    assert (status().is_available, status().detail) == (False, "not downloaded")


def test_one_flipped_byte_is_found_even_in_a_file_that_was_right_before(folder: Path) -> None:
    path = folder / "net.safetensors"
    path.write_bytes(CONTENT)
    assert status().is_available

    path.write_bytes(b"Tensors")

    assert (status().is_available, status().detail) == (False, "the file has the wrong hash")


def test_an_embedder_is_there_while_one_of_the_shipped_ones_can_be_loaded(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    assert has_embedder()
    settings.EMBEDDER = "facenet-vggface2"  # A download, which is not here.
    assert not has_embedder()
    settings.EMBEDDER = ""
    shipped = {
        name: replace(record, sha256="0" * 64)
        for name, record in weights.records().items()
        if name.startswith("dlib-resnet")
    }
    damaged = weights.records() | shipped
    monkeypatch.setattr(weights, "records", lambda: damaged)
    _trouble.cache_clear()
    assert has_embedder(), "encore-resnet stands alone"
    gone = {name: record for name, record in damaged.items() if name != "encore-resnet"}
    monkeypatch.setattr(weights, "records", lambda: gone)
    assert not has_embedder()
    _trouble.cache_clear()


def test_the_health_page_needs_no_torch() -> None:
    code = (
        "import os, sys, tempfile\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"
        "import django; django.setup()\n"
        "from webapp.vision import models_status\n"
        "assert any(one.is_available for one in models_status())\n"
        "assert not {'torch', 'cv2'} & set(sys.modules), 'a network library was loaded'\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
