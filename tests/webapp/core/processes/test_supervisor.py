"""``manage.py up`` with real processes: deaths, poison, hangs and orderly ends."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.live import REPOSITORY, LiveEncore, alive, wait_until

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveEncore]:
    encore = LiveEncore(tmp_path / "var")
    try:
        encore.start()
        yield encore
    finally:
        encore.clean_up()


def _workers_are_up(live: LiveEncore) -> bool:
    """Whether all processes are there: web, two workers and a job process under each."""
    return len(live.children()) >= 5


def _database_files(process: psutil.Process) -> list[str]:
    return [file.path for file in process.open_files() if "encore.sqlite3" in file.path]


def test_a_worker_that_forks_has_no_database_open(live: LiveEncore) -> None:
    beats = "SELECT COUNT(*) FROM core_heartbeat WHERE name LIKE 'worker-%'"
    wait_until(lambda: live.rows(beats) == [(2,)], 60, "the workers show no life")
    for queue in ("default", "vision"):
        worker = live.child("work", queue)
        assert worker is not None
        assert _database_files(worker) == []  # Locks in its memory would be its child's for ever.
        assert any(_database_files(child) for child in worker.children())


def test_killing_the_supervisor_leaves_no_process(live: LiveEncore) -> None:
    wait_until(lambda: _workers_are_up(live), 30, "the workers did not start")
    children = live.children()
    live.kill()
    wait_until(lambda: not alive(children), 2, f"{alive(children)} live on")


def test_a_second_instance_on_the_same_data_is_refused_with_a_sentence(live: LiveEncore) -> None:
    second = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=REPOSITORY,
        env=live.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert second.returncode == 1
    assert "already runs" in second.stderr
    assert str(live.port) in second.stderr


def test_work_goes_on_after_a_kill_of_the_supervisor(live: LiveEncore) -> None:
    live.enqueue("quick", times=20)
    live.kill()
    live.start()
    wait_until(lambda: live.states("quick") == {"done": 20}, 60, "the jobs were not finished")
    terminal = live.rows("SELECT COUNT(*) FROM core_event WHERE kind = 'quick'")
    assert terminal == [(20,)]


def test_a_child_that_dies_comes_back(live: LiveEncore) -> None:
    for words in (("serve",), ("work", "default")):
        child = wait_until(lambda words=words: live.child(*words), 30, f"no {words}")
        child.kill()
        wait_until(
            lambda words=words, pid=child.pid: (new := live.child(*words)) and new.pid != pid,
            10,
            f"{words} did not come back",
        )
    live.enqueue("quick")
    wait_until(lambda: live.states("quick") == {"done": 1}, 30, "no work after the restart")


def test_input_that_kills_its_process_is_set_aside_and_others_finish(live: LiveEncore) -> None:
    live.enqueue("suicidal")
    live.enqueue("quick", times=5)
    wait_until(lambda: live.states("quick") == {"done": 5}, 60, "others did not finish")
    wait_until(lambda: live.states("suicidal") == {"quarantined": 1}, 60, "not set aside")
    ((reason,),) = live.rows("SELECT error FROM core_job WHERE stage = 'suicidal'")
    assert "set aside" in reason
    time.sleep(3)
    assert len([note for note in live.notes() if note["stage"] == "suicidal"]) == 3


def test_a_hung_stage_is_killed_at_its_limit_and_set_aside(live: LiveEncore) -> None:
    live.enqueue("stubborn")
    wait_until(lambda: live.states("stubborn") == {"quarantined": 1}, 90, "not set aside")
    assert len([note for note in live.notes() if note["stage"] == "stubborn"]) == 3
    live.enqueue("quick")
    wait_until(lambda: live.states("quick") == {"done": 1}, 30, "the worker is stuck")


def test_a_process_that_was_interrupted_does_nothing_more(live: LiveEncore) -> None:
    live.enqueue("late")
    wait_until(lambda: live.states("late") == {"quarantined": 1}, 120, "not set aside")
    pids = [note["pid"] for note in live.notes() if note["stage"] == "late"]
    assert len(set(pids)) == 3  # An import that was cut off would have stayed half done.


def test_sigterm_ends_within_fifteen_seconds_and_returns_running_work(live: LiveEncore) -> None:
    live.enqueue("slow")
    wait_until(lambda: live.states("slow") == {"running": 1}, 30, "it did not start")
    children = live.children()
    assert live.stop() <= 15
    assert live.process is not None
    assert live.process.returncode == 0
    assert live.rows("SELECT state, attempts FROM core_job WHERE stage = 'slow'") == [
        ("pending", 0)
    ]
    assert not alive(children)


def test_a_wakeup_reaches_the_worker_quickly(live: LiveEncore) -> None:
    wait_until(lambda: _workers_are_up(live), 30, "the workers did not start")
    live.enqueue("quick")
    wait_until(lambda: live.states("quick") == {"done": 1}, 30, "the first job")
    live.enqueue("quick", times=10)
    wait_until(lambda: live.states("quick") == {"done": 11}, 30, "ten jobs")
    created = dict(
        live.rows("SELECT id, (julianday(created_at) - 2440587.5) * 86400 FROM core_job")
    )
    waits = sorted(note["at"] - created[note["job"]] for note in live.notes()[1:])
    assert waits[5] < 1.5, waits


def test_a_taken_port_gives_way_to_the_next_free_one(live: LiveEncore, tmp_path: Path) -> None:
    other = LiveEncore(tmp_path / "other", ENCORE_PORT=str(live.port))
    other.port = live.port + 1
    try:
        other.start()
        wait_until(
            lambda: f"Port {live.port} is taken; using" in other.log.read_text(), 5, "no word of it"
        )
    finally:
        other.clean_up()


def test_ctrl_c_is_an_orderly_end_too(live: LiveEncore) -> None:
    assert live.process is not None
    live.process.send_signal(signal.SIGINT)
    assert live.process.wait(15) == 0
