"""The limits of files and functions."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import limits


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git = shutil.which("git")
    assert git is not None
    subprocess.run([git, "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def function(lines: int, head: str = "def long() -> None:") -> str:
    return f"{head}\n" + "    x = 1\n" * (lines - 1)


@pytest.mark.parametrize(
    ("lines", "faults", "long"),
    [
        pytest.param(300, [], [], id="short"),
        pytest.param(301, [], ["301 page.css"], id="over the soft limit"),
        pytest.param(500, [], ["500 page.css"], id="at the hard limit"),
        pytest.param(501, ["page.css: 501 lines; 500 are the most"], [], id="over the hard limit"),
    ],
)
def test_a_file_is_judged_by_its_lines(
    checkout: Path, lines: int, faults: list[str], long: list[str]
) -> None:
    (checkout / "page.css").write_text("\n" * lines)
    assert limits.judge(checkout) == (faults, long)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(function(45), [], id="at the limit"),
        pytest.param(function(46), [(1, "long", 46)], id="over it"),
        pytest.param(function(46, "async def slow():"), [(1, "slow", 46)], id="async"),
        pytest.param(
            "class A:\n" + "".join(f"    {line}\n" for line in function(46).splitlines()),
            [(2, "long", 46)],
            id="in a class",
        ),
    ],
)
def test_a_function_is_judged_by_its_lines(text: str, found: list[tuple[int, str, int]]) -> None:
    assert list(limits.long_functions(text)) == found


def test_what_git_ignores_and_what_django_writes_is_not_judged(checkout: Path) -> None:
    (checkout / ".gitignore").write_text("built/\n")
    for folder in ("built", "migrations"):
        (checkout / folder).mkdir()
        (checkout / folder / "0001.py").write_text(function(501))
    assert limits.judge(checkout) == ([], [])


def test_a_long_function_fails_the_check(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "one.py").write_text(function(46))
    assert limits.main(checkout) == 1
    assert "one.py:1: long has 46 lines; 45 are the most" in capsys.readouterr().err
    (checkout / "one.py").write_text(function(45))
    assert limits.main(checkout) == 0
