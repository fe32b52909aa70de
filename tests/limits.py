"""No file over 500 lines, no Python function over 45: ``python -m tests.limits``, in ``make lint``.

The longest files over 300 lines are named without a failure: where to split next. Migrations
are left out, which Django writes. ESLint holds the functions of scripts to the same limit.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE = 500
LONG_FILE = 300
LONGEST_FUNCTION = 45
MOST_NAMED = 12
SUFFIXES = {".py", ".js", ".css", ".html"}


def sources(folder: Path) -> list[Path]:
    """Return the sources that people write and Git knows, also those that are not added yet."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=folder, capture_output=True, text=True, check=True).stdout
    paths = {folder / name for name in names.split("\0") if Path(name).suffix in SUFFIXES}
    return sorted(path for path in paths if path.is_file() and path.parent.name != "migrations")


def long_functions(text: str) -> Iterator[tuple[int, str, int]]:
    """Find functions over the limit: first line, name, number of lines."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield node.lineno, node.name, lines


def judge(folder: Path) -> tuple[list[str], list[str]]:
    """Return what is over a hard limit, and which files are over the soft one, longest first."""
    faults: list[str] = []
    long: list[tuple[int, str]] = []
    for path in sources(folder):
        name, text = str(path.relative_to(folder)), path.read_text()
        lines = len(text.splitlines())
        if lines > LONGEST_FILE:
            faults.append(f"{name}: {lines} lines; {LONGEST_FILE} are the most")
        elif lines > LONG_FILE:
            long.append((lines, name))
        for line, function, length in long_functions(text) if path.suffix == ".py" else ():
            faults.append(
                f"{name}:{line}: {function} has {length} lines; {LONGEST_FUNCTION} are the most"
            )
    return faults, [f"{lines} {name}" for lines, name in sorted(long, reverse=True)]


def main(folder: Path) -> int:
    """Print both lists; fails where a hard limit is broken."""
    faults, long = judge(folder)
    print(f"{len(long)} files have over {LONG_FILE} lines: {', '.join(long[:MOST_NAMED])} ...")  # noqa: T201
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[1]))
