"""An upgrade keeps every row of a database that holds one of everything, on both databases."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.test_upgrade_names import database as database
from tests.live import REPOSITORY


@pytest.mark.parametrize(("version", "tables"), [("first rooms", 30), ("played videos", 45)])
def test_every_row_is_there_after_an_upgrade(
    database: dict[str, str], tmp_path: Path, version: str, tables: int
) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.faults.upgrade_everything", version],
        cwd=REPOSITORY,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "webapp.settings", "ENCORE_DATA_DIR": str(tmp_path)}
        | database,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert len(told["before"]) > tables
    assert all(told["before"].values()), "a table without a row proves nothing"
    lost = {label: set(ids) - set(told["after"][label]) for label, ids in told["before"].items()}
    assert not any(lost.values()), lost
    if version == "first rooms":  # An upload told its concert in a column of its own.
        assert list(told["uploads"].values()) == [told["concert"]]
