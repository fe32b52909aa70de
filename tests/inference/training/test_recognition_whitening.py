import numpy as np
import pytest

from inference.errors import DatasetError
from inference.evaluation.identification import equal_error_rate, pair_similarities
from inference.recognition.postprocessing import unit_rows
from inference.training.datasets.faces import WIDE_SIZE, WIDE_TEMPLATE, WideCrops
from inference.training.recognition_whitening import embed_kpop_people, learn_whitening


def look_alikes(seed, people=12, photos=10):
    """People close together, who all vary most in the same two directions."""
    draw = np.random.default_rng(seed)
    common = np.zeros(16)
    common[0] = 3.0
    centres = common + draw.normal(0, 0.4, (people, 16)) * ([0] * 3 + [1] * 13)
    nuisance = draw.normal(0, 1.0, (people * photos, 16)) * ([0, 1, 1] + [0.05] * 13)
    rows = np.repeat(centres, photos, axis=0) + nuisance
    names = np.repeat([f"{seed}-{k}" for k in range(people)], photos).tolist()
    return unit_rows(rows.astype(np.float32)), names


def test_whitening_learnt_on_some_people_tells_others_apart():
    whitening = learn_whitening(*look_alikes(seed=1))
    strangers, names = look_alikes(seed=2)
    raw = equal_error_rate(*pair_similarities(strangers, names))
    whitened = equal_error_rate(*pair_similarities(whitening.apply(strangers), names))
    assert raw > 0.2
    assert whitened < 0.6 * raw


def test_what_varies_within_a_person_is_shrunk():
    whitening = learn_whitening(*look_alikes(seed=1), shrinkage=0.0)
    assert np.abs(whitening.matrix[1]).max() < 0.2 * np.abs(whitening.matrix[8]).max()


def test_full_shrinkage_leaves_the_directions_alone():
    whitening = learn_whitening(*look_alikes(seed=1), shrinkage=1.0)
    assert np.allclose(whitening.matrix, np.eye(16), atol=1e-5)


def test_many_photos_of_one_person_do_not_move_the_mean():
    embeddings, names = look_alikes(seed=1)
    first = [row for row, name in enumerate(names) if name == names[0]]
    crowded = np.concatenate([embeddings, *[embeddings[first]] * 20])
    even = learn_whitening(embeddings, names)
    uneven = learn_whitening(crowded, names + [names[0]] * (20 * len(first)))
    assert np.allclose(even.mean, uneven.mean, atol=1e-5)


def test_people_with_one_photo_each_teach_nothing():
    embeddings, _ = look_alikes(seed=1)
    with pytest.raises(DatasetError, match="at least two photos"):
        learn_whitening(embeddings, [str(k) for k in range(len(embeddings))])


@pytest.mark.weights
def test_only_k_pop_faces_are_embedded():
    draw = np.random.default_rng(0)
    images = draw.integers(0, 255, (3, WIDE_SIZE, WIDE_SIZE, 3)).astype(np.uint8)
    points = np.stack([WIDE_TEMPLATE] * 3)
    crops = WideCrops(images, points, ("rm", "will_smith", "irene"),
                      ("bts_group", "glint24", "girlgroup15_crops"))  # fmt: skip
    rows, people = embed_kpop_people(crops, "dlib-resnet")
    assert rows.shape == (2, 128)
    assert people == ["rm", "irene"]


def test_a_set_without_k_pop_faces_is_refused():
    crops = WideCrops(
        np.zeros((1, 9, 9, 3), np.uint8), np.zeros((1, 5, 2), np.float32), ("x",), ("lfw",)
    )
    with pytest.raises(DatasetError, match="no K-pop face"):
        embed_kpop_people(crops, "dlib-resnet")
