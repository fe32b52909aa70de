"""On PostgreSQL several transactions write at once: what must hold all the same."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import REPOSITORY
from tests.services import Postgres


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()


def told_by(module: str, postgres: Postgres, folder: Path) -> list[str]:
    """Run a script against the server; return what it prints."""
    answer = subprocess.run(
        [sys.executable, "-m", module],
        cwd=REPOSITORY,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            "ENCORE_DATABASE_URL": postgres.url,
            "ENCORE_DATA_DIR": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


def test_a_match_under_way_does_not_overwrite_what_the_user_decides(
    postgres: Postgres, tmp_path: Path
) -> None:
    """Each decision waits for the write under way, undoes it and takes the claim away."""
    assert told_by("tests.faults.decide_while_matching", postgres, tmp_path / "var") == [
        *("the match began anew", "unname user None"),
        *("the match began anew", "name user Rose"),
        *("the match began anew", "delete nobody None"),
        *("the match began anew", "forget nobody None"),
    ]


def test_no_event_is_committed_before_one_with_a_lower_number(
    postgres: Postgres, tmp_path: Path
) -> None:
    """A page that has seen the second would never ask for the first."""
    assert told_by("tests.faults.publish_together", postgres, tmp_path / "var") == [
        "while the first is open: []",
        "at the end: ['slow', 'quick']",
    ]
