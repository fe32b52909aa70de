"""Who answers browsers starts before all others, which wait until it is ready."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import wait_until
from webapp.core.processes import supervisor as module
from webapp.core.processes.supervisor import Child, Supervisor, embedded_children

READY_WHEN_TOLD = """
import os, sys, time
from pathlib import Path
here = Path(__file__).parent
Path(here / sys.argv[1]).touch()
while sys.argv[1] == "web" and not (here / "go").exists():
    if (here / "die").exists():
        sys.exit(1)
    time.sleep(0.01)
if "--ready-fd" in sys.argv:
    os.close(int(sys.argv[-1]))
time.sleep(60)
"""


@pytest.fixture
def manage(tmp_path: Path) -> Path:
    script = tmp_path / "manage.py"
    script.write_text(READY_WHEN_TOLD)
    return script


@pytest.fixture
def supervisor(manage: Path) -> Iterator[Supervisor]:
    made = Supervisor([Child("web", ["web"], comes_first=True), Child("worker", ["work"])], manage)
    yield made
    for child in made.children:
        child.kill()
        if child.process is not None:
            child.process.wait()
        child._stop_waiting()


def started(supervisor: Supervisor) -> list[str]:
    supervisor._start_due()
    return [child.name for child in supervisor.children if child.process is not None]


def test_the_others_start_when_the_first_is_ready(supervisor: Supervisor, manage: Path) -> None:
    assert started(supervisor) == ["web"]
    wait_until(manage.with_name("web").exists, 30, "the first did not start")
    assert started(supervisor) == ["web"]
    manage.with_name("go").touch()
    wait_until(lambda: started(supervisor) == ["web", "worker"], 30, "the others did not start")


def test_one_that_dies_holds_nobody_back(supervisor: Supervisor, manage: Path) -> None:
    assert started(supervisor) == ["web"]
    manage.with_name("die").touch()
    wait_until(lambda: started(supervisor) == ["web", "worker"], 30, "the others did not start")


def test_one_that_never_gets_ready_does_so_for_a_while_only(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READY_SECONDS", 0.5)
    assert started(supervisor) == ["web"]
    wait_until(lambda: started(supervisor) == ["web", "worker"], 30, "the others did not start")


def test_the_web_process_comes_first_and_checks_are_made_once() -> None:
    with socket.socket() as listener:
        children = embedded_children(listener)
    assert [child.name for child in children if child.comes_first] == [children[0].name] == ["web"]
    of_django = [child for child in children if child.arguments]
    assert len(of_django) == 3
    assert all("--skip-checks" in child.arguments for child in of_django)
