"""An installation in which processes are killed at random."""

import gc
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.storm import Storm
from tests.live import LiveEncore


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    encore = LiveEncore(
        tmp_path / "var", settings="webapp.settings", ENCORE_UPLOADS_PER_MINUTE="100000"
    )
    seed = int(os.environ.get("ENCORE_STORM_SEED", "1"))
    try:
        encore.start()
        yield Storm(encore, seed)
    finally:
        encore.clean_up()
        _forget_broken_connections()


def _forget_broken_connections() -> None:
    """Collect connections to killed servers here, where their missing close is no news."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
