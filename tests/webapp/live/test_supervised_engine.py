"""The real inference process under the supervisor: it answers, dies with it, and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import LiveEncore, alive, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

ENGINE_SECONDS = 120
READY = (
    "from webapp.vision.engine_socket import look_at_engine\n"
    "import time\n"
    "end = time.monotonic() + 100\n"
    "while (state := look_at_engine().state) != 'ready' and time.monotonic() < end:\n"
    "    time.sleep(0.2)\n"
    "print(state)\n"
)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveEncore]:
    encore = LiveEncore(tmp_path / "var", ENCORE_LIVE_ENGINE="true")
    try:
        encore.start()
        yield encore
    finally:
        encore.clean_up()


def test_it_answers_comes_back_after_a_kill_and_dies_with_the_supervisor(
    live: LiveEncore,
) -> None:
    assert live.python(READY) == "ready"
    engine = wait_until(lambda: live.child("inference.engine"), 10, "no inference process")
    path = live.folder / "run" / "engine.sock"
    assert path.stat().st_mode & 0o777 == 0o600
    engine.kill()
    wait_until(
        lambda: (new := live.child("inference.engine")) and new.pid != engine.pid,
        10,
        "it did not come back",
    )
    assert live.python(READY) == "ready"
    children = live.children()
    live.kill()
    wait_until(lambda: not alive(children), 2, f"{alive(children)} live on")
