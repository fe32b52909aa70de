"""Who comes too often is counted, each source for itself, and nobody is remembered for ever."""

from webapp.core.server import rates
from webapp.core.server.rates import RecentCounts


def test_a_source_that_comes_too_often_must_wait_and_no_other() -> None:
    counts = RecentCounts(60)
    assert [counts.allows("a", 3, 100.0 + at) for at in range(4)] == [True, True, True, False]
    assert counts.allows("b", 3, 104.0)
    assert counts.allows("a", 3, 161.0)


def test_the_source_that_was_quiet_for_longest_is_forgotten(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(rates, "MOST_REMEMBERED", 2)
    counts = RecentCounts(60)
    for source in "abc":
        counts.allows(source, 1, 100.0)
    assert counts.allows("a", 1, 101.0)
    assert not counts.allows("c", 1, 101.0)
