"""Freed memory goes back to the system when a process rests, and not before."""

import sys
from pathlib import Path

import numpy as np
import pytest

from inference.memory import FreedMemory


class Process:
    """Stands in for a process: time passes, and some of it is spent computing."""

    def __init__(self) -> None:
        self.now = self.computed = 0.0
        self.given_back = 0
        self.freed = FreedMemory(self._release, lambda: self.now, lambda: self.computed)

    def _release(self) -> None:
        self.given_back += 1

    def spend(self, seconds: float, computing: float) -> None:
        self.now += seconds
        self.computed += computing
        self.freed.give_back()


def test_nothing_is_given_back_while_the_process_computes() -> None:
    process = Process()
    for _ in range(5):
        process.spend(10, computing=9)
    assert process.given_back == 0


def test_once_it_rests_memory_is_given_back_once() -> None:
    process = Process()
    process.spend(10, computing=9)
    for _ in range(5):
        process.spend(10, computing=0.2)
    assert process.given_back == 1


def test_after_more_work_it_is_given_back_again() -> None:
    process = Process()
    for computing in (9, 0, 0, 4, 0, 0):
        process.spend(10, computing)
    assert process.given_back == 2


def resident() -> int:
    """Return the bytes that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_was_freed_in_small_pieces_leaves_the_process() -> None:
    pieces = [np.ones(20_000, np.uint8) for _ in range(4000)]
    last = np.ones(20_000, np.uint8)  # Above them, so that the C library keeps their place.
    del pieces
    held = resident()
    FreedMemory().give_back()
    assert held - resident() > 40_000_000
    assert last.all()
