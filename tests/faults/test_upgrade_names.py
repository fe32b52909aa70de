"""Spellings of one name meet on both databases, in an upgrade and in every door after it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import REPOSITORY
from tests.services import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """What the environment says about the database."""
    if request.param == "sqlite":
        yield {}
        return
    postgres = Postgres()
    yield {"ENCORE_DATABASE_URL": postgres.url}
    postgres.stop()


def test_spellings_that_were_two_stay_two_and_new_ones_find_the_first(
    database: dict[str, str], tmp_path: Path
) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.faults.upgrade_names"],
        cwd=REPOSITORY,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "webapp.settings", "ENCORE_DATA_DIR": str(tmp_path)}
        | database,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines() == [
        "LOVÉ/ROSÉ, LOVÉ/ＲＯＳÉ (2), LOVÉ/Rose\u0301 (3), Lovæ/Rosé, None/ROSÉ",
        "ROSÉ",
        "5 5",
        "a double is refused",
        "Été Tour",
        "True",
    ]
