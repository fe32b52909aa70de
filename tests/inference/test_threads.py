"""As many threads as there are free processors, found while working."""

import itertools

import pytest

from inference import threads
from inference.threads import LOOK_SECONDS, FittingThreads, Usage


class Machine:
    """A machine of two processors on which others take a share."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most: int = 2) -> None:
        self.bound: list[int] = []
        self._now = 100.0
        self._usage = Usage(self._now, busy=50.0, own=10.0)
        monkeypatch.setattr("inference.threads.time.monotonic", lambda: self._now)
        monkeypatch.setattr(
            "inference.threads.os.sched_getaffinity", lambda _: {0, 1}, raising=False
        )
        self.threads = FittingThreads(most, lambda: self._usage, self.bound.append)
        self.threads.fit()

    def pass_by(self, others: float, own: float, seconds: float = LOOK_SECONDS) -> int:
        """Let time pass in which others and we take so many processors; returns the threads."""
        self._now += seconds
        before = self._usage
        busy = before.busy + (others + own) * seconds
        self._usage = Usage(self._now, busy, before.own + own * seconds)
        self.threads.fit()
        return self.threads.count


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_a_free_machine_is_used_with_all_threads(machine: Machine) -> None:
    for own in (0.1, 1.0, 1.9):
        assert machine.pass_by(others=0.0, own=own) == 2
    assert machine.bound == [2]


@pytest.mark.parametrize("own", [0.05, 0.5, 1.0])
def test_a_processor_that_somebody_takes_is_left_to_them(machine: Machine, own: float) -> None:
    """However little of the time we get: what counts is what others take."""
    assert machine.pass_by(others=1.0, own=own) == 1
    assert machine.bound == [2, 1]


def test_a_processor_that_comes_free_is_taken_up_again(machine: Machine) -> None:
    machine.pass_by(others=1.0, own=1.0)
    assert machine.pass_by(others=0.05, own=1.0) == 2


def test_work_that_comes_and_goes_does_not_lead_to_and_fro(machine: Machine) -> None:
    for others in itertools.islice(itertools.cycle((0.3, 0.45, 0.25)), 12):
        assert machine.pass_by(others=others, own=1.0) == 2
    machine.pass_by(others=1.0, own=1.0)
    for others in itertools.islice(itertools.cycle((0.3, 0.45, 0.25)), 12):
        assert machine.pass_by(others=others, own=1.0) == 1


def test_where_all_is_taken_one_thread_goes_on(machine: Machine) -> None:
    assert machine.pass_by(others=2.0, own=0.0) == 1


def test_the_processors_are_looked_at_twice_a_second_at_most(machine: Machine) -> None:
    assert machine.pass_by(others=1.0, own=1.0, seconds=LOOK_SECONDS / 3) == 2


def test_who_may_have_one_thread_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, most=1)
    assert machine.pass_by(others=0.0, own=0.5) == 1
    assert machine.bound == [1]


def test_a_system_that_does_not_tell_leaves_the_threads_as_they_are() -> None:
    bound: list[int] = []
    fitting = FittingThreads(2, lambda: None, bound.append)
    fitting.fit()
    fitting.fit()
    assert bound == [2]


def test_this_machine_tells_what_it_does() -> None:
    found = threads.usage()
    if found is not None:
        assert found.busy > 0
        assert found.own > 0
