"""Processes that apps ask the supervisor for: kept while somebody asks, gone afterwards."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from webapp.core.extension import hooks
from webapp.core.extension.signals import Registry
from webapp.core.processes import supervisor as supervisors
from webapp.core.processes.supervisor import Supervisor

PATIENT = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"


@pytest.fixture
def wishes(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What an app asks for; to be changed by the test."""
    wanted: dict[str, list[str]] = {}
    asked: Registry[Callable[[], Mapping[str, Sequence[str]]]] = Registry()
    asked.register(lambda: dict(wanted))
    monkeypatch.setattr(hooks, "processes", asked)
    return wanted


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """A supervisor whose ``manage.py`` does what it is given."""
    manage = tmp_path / "manage.py"
    manage.write_text("import sys; exec(sys.argv[1])")
    found = Supervisor([], manage)
    yield found
    for child in found.children:
        child.kill()
        if child.process is not None:
            child.process.wait()


def turn(supervisor: Supervisor) -> None:
    supervisor.ask_for_more()
    supervisor.keep_what_is_asked_for()
    supervisor._start_due()
    supervisor._notice_ends()


def turns_until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        turn(supervisor)
        time.sleep(0.02)


def test_what_is_asked_for_runs_and_ends_with_the_asking(
    supervisor: Supervisor, wishes: dict[str, list[str]]
) -> None:
    wishes["film-1"] = [PATIENT]
    turn(supervisor)
    (child,) = supervisor.children
    process = child.process
    assert process is not None
    assert process.poll() is None
    wishes.clear()
    turns_until(supervisor, lambda: not supervisor.children)
    assert process.returncode == -15


def test_what_is_still_asked_for_comes_back(
    supervisor: Supervisor, wishes: dict[str, list[str]]
) -> None:
    wishes["film-1"] = [PATIENT]
    turn(supervisor)
    (child,) = supervisor.children
    child.kill()
    turns_until(supervisor, lambda: child.restarts == 1 and child.process is not None)


def test_what_does_not_end_is_killed(
    supervisor: Supervisor, wishes: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisors, "STOP_SECONDS", 0.1)
    wishes["film-1"] = [DEAF]
    turn(supervisor)
    wishes.clear()
    turns_until(supervisor, lambda: not supervisor.children)


def test_what_is_asked_for_again_while_it_ends_starts_anew(
    supervisor: Supervisor, wishes: dict[str, list[str]]
) -> None:
    wishes["film-1"] = [PATIENT]
    turn(supervisor)
    (child,) = supervisor.children
    first = child.process
    child.leave()
    turns_until(supervisor, lambda: child.process not in {None, first})
    assert child.leaves_at is None


def test_while_an_app_cannot_say_nothing_changes(
    supervisor: Supervisor, wishes: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Mapping[str, Sequence[str]]:
        raise RuntimeError("the database is away")

    wishes["film-1"] = [PATIENT]
    turn(supervisor)
    hooks.processes.register(broken)
    with pytest.raises(RuntimeError):
        supervisor.ask_for_more()
    supervisor.keep_what_is_asked_for()
    assert [child.name for child in supervisor.children] == ["film-1"]
