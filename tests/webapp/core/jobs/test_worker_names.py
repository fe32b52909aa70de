"""Workers that run side by side on one machine hold their jobs under names of their own."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.live import REPOSITORY, LiveEncore, wait_until
from webapp.core.models import Heartbeat, Job
from webapp.core.processes import heartbeats, instance
from webapp.core.processes.supervisor import embedded_children

Start = Callable[[], subprocess.Popen[bytes]]


def supervised_names(settings: Any, folder: Path) -> list[str]:
    folder.mkdir(exist_ok=True)
    settings.DATA_DIR = folder
    with closing(instance.listen("127.0.0.1", 20_000)) as listener:
        return [child.worker for child in embedded_children(listener) if child.worker]


def test_supervised_workers_keep_their_names_and_share_them_with_no_other_installation(
    settings: Any, tmp_path: Path
) -> None:
    names = supervised_names(settings, tmp_path / "one")
    assert names == supervised_names(settings, tmp_path / "one")
    assert not set(names) & set(supervised_names(settings, tmp_path / "two"))
    assert len(set(names)) == 2


def test_a_long_host_name_fits_into_the_job_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "h" * 63 + ".example.org")
    longest = Job._meta.get_field("worker").max_length
    for name in (instance.process_name(), instance.installation_name(tmp_path)):
        assert len(f"worker-default-{name}") <= longest


def test_a_process_never_has_the_name_of_an_earlier_one() -> None:
    assert instance.process_name() != instance.process_name()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_ends_in_order_leaves_no_silent_entry() -> None:
    with heartbeats.beating("worker-x", {}):
        wait_until(Heartbeat.objects.filter(name="worker-x").exists, 10, "no sign of life")
    assert not Heartbeat.objects.exists()


@pytest.fixture
def encore(tmp_path: Path) -> LiveEncore:
    """An installation that nobody supervises."""
    encore = LiveEncore(tmp_path / "var")
    encore.python(
        "from django.core.management import call_command\ncall_command('migrate', verbosity=0)"
    )
    return encore


@pytest.fixture
def start(encore: LiveEncore) -> Iterator[Start]:
    """Start one more worker."""
    workers: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        with encore.log.open("ab") as log:
            workers.append(
                subprocess.Popen(
                    [sys.executable, "manage.py", "work", "default"],
                    cwd=REPOSITORY,
                    env=encore.environment,
                    stdout=log,
                    stderr=log,
                )
            )
        return workers[-1]

    yield start
    for worker in workers:
        kill(worker)


def kill(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is None:
        for child in psutil.Process(worker.pid).children(recursive=True):
            child.kill()
        worker.kill()
    worker.wait()


def holders(encore: LiveEncore) -> list[str]:
    sql = "SELECT worker FROM core_job WHERE state = 'running' ORDER BY worker"
    return [str(worker) for (worker,) in encore.rows(sql)]


@pytest.mark.timeout(120)
def test_the_death_of_one_worker_costs_its_neighbour_nothing(
    encore: LiveEncore, start: Start
) -> None:
    first, _second = start(), start()
    encore.enqueue("slow", times=2)
    names = wait_until(lambda: len(held := holders(encore)) == 2 and held, 60, "not both work")
    assert len(set(names)) == 2
    (mine,) = [name for name in names if name.startswith(f"default-{first.pid}-")]
    kill(first)
    given_back = encore.python(
        f"from webapp.core import jobs\nprint(jobs.forfeit_worker({mine!r}, 'It died.'))"
    )
    assert given_back == "1"
    assert holders(encore) == [name for name in names if name != mine]
