"""The rules of the test run itself: no connection leaves, and nothing is skipped in silence."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def test_a_connection_to_another_machine_is_an_error() -> None:
    with socket.socket() as outside, pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))


def test_a_connection_within_this_machine_is_allowed() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())


@pytest.mark.parametrize(
    ("source", "required", "status"),
    [
        pytest.param("def test_it():\n    pytest.skip('no camera')", "1", 1, id="test"),
        pytest.param("pytest.skip('no', allow_module_level=True)", "1", 2, id="module"),
        pytest.param("@pytest.mark.skip\ndef test_it():\n    pass", "1", 1, id="mark"),
        pytest.param("def test_it():\n    pytest.skip('no camera')", "0", 0, id="not required"),
        pytest.param("def test_it():\n    pass", "1", 0, id="nothing skipped"),
    ],
)
def test_a_skipped_test_is_an_error_where_all_are_required(
    tmp_path: Path, source: str, required: str, status: int
) -> None:
    path = tmp_path / "test_sample.py"
    path.write_text(f"import pytest\n\n{source}\n")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "tests.strictness",
            "-c",
            "pyproject.toml",
            path,
        ],
        cwd=REPOSITORY,
        env=os.environ | {"REQUIRE_ALL": required},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout
