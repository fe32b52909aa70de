"""``make install`` on machines that are not fit for it: a sentence instead of a traceback."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that an installation starts from, in an empty folder."""
    folder = tmp_path / "encore"
    folder.mkdir()
    for name in ("Makefile", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(REPOSITORY / name, folder)
    (folder / "deploy").mkdir()
    shutil.copy(REPOSITORY / "deploy" / "install-packages.sh", folder / "deploy")
    return folder


def program(folder: Path, name: str, script: str) -> Path:
    """Make a program that stands in for another."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def install(checkout: Path, python: Path, first_path: Path) -> subprocess.CompletedProcess[str]:
    make = shutil.which("make")
    assert make is not None
    return subprocess.run(
        [make, "install", f"PYTHON={python}"],
        cwd=checkout,
        env={"PATH": f"{first_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_is_too_old_is_named_with_its_version(checkout: Path, tmp_path: Path) -> None:
    old = program(tmp_path, "python-old", '[ "$1" = -V ] && echo Python 3.9.2; exit 1')
    done = install(checkout, old, tmp_path)
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stdout
    assert "Python 3.9.2" in done.stdout
    assert "make install PYTHON=python3.12" in done.stdout


def test_a_disk_that_is_too_small_is_told_before_anything_is_downloaded(
    checkout: Path, tmp_path: Path
) -> None:
    good = program(tmp_path, "python-good", f'echo "$@" >> {tmp_path}/calls')
    program(tmp_path, "df", "echo Filesystem; echo /dev/x 9999999 8000000 2000000 80% /")
    done = install(checkout, good, tmp_path)
    assert done.returncode != 0
    assert "needs 8 GB of free disk" in done.stdout
    assert "here are 2 GB" in done.stdout
    assert "venv" not in (tmp_path / "calls").read_text()


def test_a_python_without_venv_is_told_what_to_install_and_leaves_nothing(
    checkout: Path, tmp_path: Path
) -> None:
    bare = program(
        tmp_path, "python-bare", 'if [ "$1" = -m ]; then mkdir .venv; exit 1; fi; exit 0'
    )
    program(tmp_path, "df", "echo Filesystem; echo /dev/x 99999999 1 90000000 1% /")
    done = install(checkout, bare, tmp_path)
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stdout
    assert not (checkout / ".venv").exists()


def test_a_second_install_does_nothing(checkout: Path, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    good = program(
        tmp_path,
        "python-good",
        f'echo "$@" >> {calls}; [ "$2" != venv ] || '
        '{ mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; }',
    )
    program(tmp_path, "df", "echo Filesystem; echo /dev/x 99999999 1 90000000 1% /")
    assert install(checkout, good, tmp_path).returncode == 0
    first = calls.read_text()
    assert "--require-hashes" in first
    assert install(checkout, good, tmp_path).returncode == 0
    assert calls.read_text() == first


PIP = """
[ "$2" = venv ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
[ "$2" = pip ] || exit 0
"""
"""A Python that makes its environment; what follows is what its pip does."""


def test_an_installation_says_how_long_it_takes_and_how_far_it_is(
    checkout: Path, tmp_path: Path
) -> None:
    slow = program(tmp_path, "python-slow", f"{PIP} echo Collecting one; sleep 11")
    program(tmp_path, "df", "echo Filesystem; echo /dev/x 99999999 1 90000000 1% /")

    done = install(checkout, slow, tmp_path)

    assert done.returncode == 0
    assert "2 to 10 minutes" in done.stdout
    assert "10 s: fetched 1 of" in done.stdout


def test_an_installation_that_fails_shows_why_and_is_tried_again(
    checkout: Path, tmp_path: Path
) -> None:
    cut_off = program(tmp_path, "python-cut", f"{PIP} echo the line went down; exit 3")
    program(tmp_path, "df", "echo Filesystem; echo /dev/x 99999999 1 90000000 1% /")

    done = install(checkout, cut_off, tmp_path)

    assert done.returncode != 0
    assert "the line went down" in done.stderr
    assert "run the same command again" in done.stderr
    assert not (checkout / ".venv" / ".installed").exists()
