import numpy as np
import pytest

from inference.recognition.postprocessing import Part, PostProcessing, unchanged
from inference.tracking.probe import HALF_LIFE_SECONDS, MAX_LOOKS, Probe
from inference.types import Embedding
from tests.inference.tracking.faces import person

SPACE = unchanged(16, threshold=0.5)


def probe_of(*seen: tuple[Embedding, float, float]) -> Probe:
    probe = Probe(SPACE)
    for raw, quality, time in seen:
        probe.add(raw, quality, time)
    return probe


def embedding_of(probe: Probe) -> Embedding:
    assert probe.embedding is not None
    return probe.embedding


def noisy(seed: int, index: int = 0) -> Embedding:
    return person(index, noise=0.25, seed=seed)


def test_noise_averages_out() -> None:
    alone = [float(noisy(seed) @ person(0)) for seed in range(9)]
    probe = probe_of(*((noisy(seed), 1.0, 0.1 * seed) for seed in range(9)))
    assert float(embedding_of(probe) @ person(0)) > max(alone)
    assert probe.looks == pytest.approx(9, abs=0.1)


def test_a_look_counts_by_its_quality() -> None:
    mean = embedding_of(probe_of((person(0), 1.0, 0.0), (_between(), 0.5, 0.0)))
    other = embedding_of(probe_of((person(0), 0.5, 0.0), (_between(), 1.0, 0.0)))
    assert mean[0] > other[0] > _between()[0]
    assert np.linalg.norm(mean) == pytest.approx(1.0)


def test_poor_looks_beside_a_good_one_are_worth_little_more_than_it_alone() -> None:
    probe = probe_of((noisy(1), 1.0, 0.0), *((noisy(seed), 0.05, 0.0) for seed in range(2, 5)))
    assert 1.0 < probe.looks < 1.4


def test_an_old_look_fades() -> None:
    probe = probe_of((person(0), 1.0, 0.0), (_between(), 1.0, HALF_LIFE_SECONDS))
    faded = probe_of((person(0), 0.5, 0.0), (_between(), 1.0, 0.0))
    assert embedding_of(probe) == pytest.approx(embedding_of(faded))
    assert probe.weight == pytest.approx(1.5)


def test_only_the_last_looks_are_kept() -> None:
    early, late = [(_between(), 1.0, 0.0)] * 5, [(person(0), 1.0, 0.0)] * MAX_LOOKS
    probe = probe_of(*early, *late)
    assert probe.looks == pytest.approx(MAX_LOOKS)
    assert probe.count == MAX_LOOKS + 5
    assert embedding_of(probe) == pytest.approx(person(0))


def test_the_mean_of_raw_looks_is_made_comparable_and_not_the_mean_of_comparable_ones() -> None:
    """Where post-processing takes a common part off, a look near it would count beyond measure."""
    mean = np.zeros(2, np.float32)
    mean[0] = 0.5
    space = PostProcessing(mean, np.eye(2, dtype=np.float32), 0.5, (Part(2, 1.0),))
    looks = [np.array(row, np.float32) for row in ([1.0, 0.0], [0.8, 0.6])]
    probe = Probe(space)
    for look in looks:
        probe.add(look, 1.0, 0.0)
    raw = np.mean(looks, axis=0)
    expected = space.apply((raw / np.linalg.norm(raw))[None])[0]
    assert embedding_of(probe) == pytest.approx(expected)


def test_one_odd_look_changes_nothing_and_asks_for_another() -> None:
    probe = probe_of((person(0), 1.0, 0.0))
    assert not probe.add(person(1), 1.0, 1.0)
    assert probe.is_unsettled
    assert embedding_of(probe) == pytest.approx(person(0))
    assert not probe.add(person(0), 1.0, 2.0)
    assert not probe.is_unsettled
    assert embedding_of(probe) == pytest.approx(person(0))


def test_two_odd_looks_in_a_row_begin_anew() -> None:
    probe = probe_of(*[(person(0), 1.0, 0.0)] * 4)
    assert [probe.add(person(1), 1.0, time) for time in (1.0, 2.0)] == [False, True]
    assert embedding_of(probe) == pytest.approx(person(1))
    assert probe.looks == pytest.approx(1.0)


def test_after_a_cut_one_other_look_begins_anew() -> None:
    probe = probe_of(*[(person(0), 1.0, 0.0)] * 4)
    probe.doubt()
    assert probe.is_doubted
    assert probe.add(person(1), 1.0, 1.0)
    assert embedding_of(probe) == pytest.approx(person(1))
    assert not probe.is_doubted


def test_after_a_cut_the_same_face_goes_on() -> None:
    probe = probe_of(*[(person(0), 1.0, 0.0)] * 4)
    probe.doubt()
    assert not probe.add(noisy(3), 1.0, 0.0)
    assert probe.looks == pytest.approx(5)
    assert not probe.is_doubted


def test_after_a_cut_somebody_alike_is_somebody_else() -> None:
    alike = (0.4 * person(0) + np.sqrt(1 - 0.4**2) * person(1)).astype(np.float32)
    calm, cut = (probe_of(*[(person(0), 1.0, 0.0)] * 4) for _ in range(2))
    cut.doubt()
    assert not calm.add(alike, 1.0, 1.0), "where nothing was cut it is an odd look at the same face"
    assert cut.add(alike, 1.0, 1.0)
    assert embedding_of(cut) == pytest.approx(alike)


def test_before_the_first_look_nothing_is_known() -> None:
    probe = Probe(SPACE)
    probe.doubt()
    assert (probe.raw, probe.embedding, probe.looks, probe.weight) == (None, None, 0.0, 0.0)
    assert not probe.is_doubted
    assert probe.likeness(person(0)) == -1.0


def _between() -> Embedding:
    """Return a face near the first person, and a little near the second."""
    row: Embedding = np.float32(0.8) * person(0) + np.float32(0.6) * person(1)
    return row
