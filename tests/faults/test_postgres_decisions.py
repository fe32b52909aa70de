"""On PostgreSQL several transactions write at once; the user's word must win all the same."""

import os
import subprocess
import sys
from pathlib import Path

from tests.live import REPOSITORY
from tests.services import Postgres


def test_a_match_under_way_does_not_overwrite_what_the_user_decides(tmp_path: Path) -> None:
    postgres = Postgres()
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "tests.faults.decide_while_matching"],
            cwd=REPOSITORY,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "webapp.settings",
                "ENCORE_DATABASE_URL": postgres.url,
                "ENCORE_DATA_DIR": str(tmp_path / "var"),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        postgres.stop()

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines() == [
        "unname user None",
        "name user Rose",
        "delete nobody None",
        "forget nobody None",
    ]
