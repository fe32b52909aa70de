from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file

from inference.errors import WeightsError
from inference.evaluation.naming.identification import equal_error_rate, pair_similarities
from inference.recognition import adaptation
from inference.recognition.adaptation import (
    Levels,
    adapt,
    joined,
    library_postprocessing,
    load_statistics,
    measure_levels,
    measure_statistics,
    shipped_postprocessing,
)
from inference.recognition.postprocessing import Part, unit_rows
from inference.recognition.thresholds import THRESHOLDS

PARTS = (Part(16, 1.0),)


def look_alikes(seed, people=12, photos=10, turn=0):
    """People close together, who all vary most in the same two directions; ``turn`` moves these."""
    draw = np.random.default_rng(seed)
    common = np.zeros(16)
    common[0] = 3.0
    centres = common + draw.normal(0, 0.4, (people, 16)) * ([0] * 3 + [1] * 13)
    nuisance = draw.normal(0, 1.0, (people * photos, 16)) * ([0, 1, 1] + [0.05] * 13)
    rows = np.roll(np.repeat(centres, photos, axis=0) + nuisance, turn, axis=1)
    names = np.repeat([f"{seed}-{k}" for k in range(people)], photos).tolist()
    return unit_rows(rows.astype(np.float32)), names


def under_a_lamp(rows, seed):
    """The same faces where each meets more or less of a lamp that moves all faces one way."""
    strength = np.random.default_rng(seed).normal(0, 1.5, (len(rows), 1))
    lamp = np.roll(np.eye(16)[0], 7)
    return unit_rows((rows + strength * lamp).astype(np.float32))


def error_rate(rows, names):
    return equal_error_rate(*pair_similarities(rows, names))


def training():
    return measure_statistics(*look_alikes(seed=1), PARTS)


def test_what_some_people_teach_tells_others_apart():
    strangers, names = look_alikes(seed=2)
    apart = error_rate(adapt(training(), 0.5).apply(strangers), names)
    assert error_rate(strangers, names) > 0.2
    assert apart < 0.7 * error_rate(strangers, names)


def test_own_references_teach_how_faces_vary_in_this_library():
    elsewhere, names = look_alikes(seed=2, turn=8)
    references, people = look_alikes(seed=3, turn=8)
    alone = error_rate(adapt(training(), 0.5).apply(elsewhere), names)
    adapted = error_rate(adapt(training(), 0.5, references, people).apply(elsewhere), names)
    assert adapted < 0.8 * alone


def test_no_references_change_nothing():
    shipped = adapt(training(), 0.5)
    empty = adapt(training(), 0.5, np.zeros((0, 16), np.float32), [])
    assert np.array_equal(shipped.mean, empty.mean)
    assert np.array_equal(shipped.matrix, empty.matrix)


def test_many_photos_of_one_person_do_not_move_the_mean():
    rows, names = look_alikes(seed=1)
    first = [row for row, name in enumerate(names) if name == names[0]]
    crowded = np.concatenate([rows, *[rows[first]] * 20])
    uneven = measure_statistics(crowded, names + [names[0]] * (20 * len(first)), PARTS)
    assert np.allclose(training().mean, uneven.mean, atol=1e-5)


def test_the_order_of_the_references_does_not_matter():
    references, people = look_alikes(seed=3)
    order = np.random.default_rng(0).permutation(len(people))
    first = adapt(training(), 0.5, references, people)
    second = adapt(training(), 0.5, references[order], [people[i] for i in order])
    assert np.allclose(first.matrix, second.matrix, atol=1e-4)
    assert np.allclose(first.mean, second.mean, atol=1e-6)


def test_one_photo_of_one_person_is_enough_and_stays_finite():
    rows, names = look_alikes(seed=3)
    adapted = adapt(training(), 0.5, rows[:1], names[:1])
    assert np.allclose(np.linalg.norm(adapted.apply(rows), axis=1), 1.0, atol=1e-5)


def levelled(genuine=0.5, impostor=0.0):
    return replace(training(), levels=Levels(genuine, impostor))


def test_where_people_look_alike_more_similarity_is_asked_for():
    apart, names = look_alikes(seed=3)
    alike = unit_rows(apart + np.eye(16, dtype=np.float32)[3])
    usual = adapt(levelled(), 0.5, apart, names).threshold
    # The mean follows the library only half-way, so what its people share still shows.
    assert adapt(levelled(), 0.5, alike, names).threshold > usual


def test_a_library_of_one_photo_has_nearly_the_usual_threshold():
    rows, names = look_alikes(seed=3)
    assert adapt(levelled(), 0.5, rows[:1], names[:1]).threshold == pytest.approx(0.5)


def test_a_library_as_usual_keeps_the_usual_threshold():
    rows, names = look_alikes(seed=3)
    apart = adapt(training(), 0.5, rows, names).apply(rows)
    own = measure_levels(apart, names, Levels(0.0, 0.0), weight=0)
    assert adapt(levelled(own.genuine, own.impostor), 0.5, rows, names).threshold == pytest.approx(
        0.5, abs=1e-6
    )


def test_levels_are_means_over_pairs():
    rows = np.array([[1, 0], [0, 1], [1, 0]], np.float32)
    levels = measure_levels(rows, ["a", "a", "b"], Levels(0.0, 0.0), weight=0)
    assert (levels.genuine, levels.impostor) == (0.0, 0.5)


def test_references_without_people_are_refused():
    with pytest.raises(ValueError, match="1 people for references"):
        adapt(training(), 0.5, np.zeros((2, 16), np.float32), ["one"])


def test_side_by_side_the_similarity_is_the_weighted_mean_of_the_parts():
    rows, names = look_alikes(seed=1)
    others = np.ascontiguousarray(rows[:, ::-1])
    both = joined(
        [measure_statistics(rows, names, PARTS), measure_statistics(others, names, PARTS)],
        [0.25, 0.75],
    )
    wide = np.concatenate([np.sqrt(0.25) * rows, np.sqrt(0.75) * others], axis=1)
    fused = adapt(both, 0.5).apply(wide.astype(np.float32))
    single = [
        adapt(measure_statistics(part, names, PARTS), 0.5).apply(part) for part in (rows, others)
    ]
    expected = 0.25 * (single[0] @ single[0].T) + 0.75 * (single[1] @ single[1].T)
    assert np.allclose(fused @ fused.T, expected, atol=1e-3)


def test_parts_summed_up_over_other_faces_do_not_fit_together():
    rows, names = look_alikes(seed=1)
    fewer = measure_statistics(rows[:50], names[:50], PARTS)
    with pytest.raises(ValueError, match="different faces"):
        joined([training(), fewer], [0.5, 0.5])


@pytest.mark.weights
def test_a_library_gets_its_own_threshold_and_an_empty_one_the_strict_one():
    draw = np.random.default_rng(0)
    size = len(load_statistics("encore").mean)
    references = unit_rows(draw.normal(0, 1, (4, size)).astype(np.float32))
    shipped = shipped_postprocessing("encore")
    adapted = library_postprocessing("encore", references, ["a", "a", "b", "b"])
    empty = library_postprocessing("encore", references[:0], [])
    assert adapted.threshold < shipped.threshold == empty.threshold == THRESHOLDS["encore"]


@pytest.mark.weights
@pytest.mark.parametrize("name", ["encore", "encore-resnet", "dlib-resnet", "stars"])
def test_shipped_statistics_fit_their_embedder(name):
    postprocessing = shipped_postprocessing(name)
    assert postprocessing.threshold == THRESHOLDS[name]
    assert np.isfinite(postprocessing.matrix).all()
    # Raw rows have unit length and faces are alike, so their mean is long and inside the sphere.
    assert 0.3 < np.linalg.norm(postprocessing.mean) < 1.0
    assert load_statistics(name).people == 16


def test_a_file_without_statistics_is_a_weights_error(monkeypatch, tmp_path):
    path = tmp_path / "broken.safetensors"
    save_file({"mean": np.zeros(3, np.float32)}, path)
    monkeypatch.setattr(adaptation, "locate", lambda _record: path)
    load_statistics.cache_clear()
    with pytest.raises(WeightsError, match=r"broken\.safetensors holds no statistics"):
        load_statistics("dlib-resnet")


def test_what_lamps_do_to_faces_is_shrunk_where_they_were_seen_under_them():
    rows, names = look_alikes(seed=1)
    white = measure_statistics(rows, names, PARTS)
    lit = measure_statistics(rows, names, PARTS, [under_a_lamp(rows, seed) for seed in (1, 2)])
    others, people = look_alikes(seed=2)
    seen = under_a_lamp(others, 3)
    without, with_lamps = (error_rate(adapt(one, 0.5).apply(seen), people) for one in (white, lit))
    assert with_lamps < without - 0.03
    assert (lit.people, lit.freedom) == (white.people, white.freedom)
    assert np.allclose(lit.mean, white.mean)
