from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.datasets.fer2013plus import (
    EmotionSplit,
    load_split,
    majority_class,
    majority_label,
    repeated_in,
    vote_distribution,
)
from inference.emotion.labels import FERPLUS_LABELS, LABELS
from inference.errors import DatasetError
from tests.inference.training.generated_faces import (
    generated_split,
    write_generated_data,
    write_split_files,
)


def votes(**given: int) -> np.ndarray:
    row = np.zeros((1, 10), np.float32)
    columns = [*FERPLUS_LABELS, "unknown", "no_face"]
    for name, count in given.items():
        row[0, columns.index(name)] = count
    return row


def test_what_is_written_is_read_back_in_order(tmp_path: Path) -> None:
    split = generated_split(130, seed=5)  # more than one row of tiles
    write_split_files(tmp_path, {"Training": split})

    found = load_split(tmp_path, "Training")

    np.testing.assert_array_equal(found.images, split.images)
    np.testing.assert_array_equal(found.fer, split.fer)
    np.testing.assert_array_equal(found.votes, split.votes)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"happy": 6, "neutral": 4}, "happy", id="more than half"),
        pytest.param({"happy": 5, "neutral": 5}, None, id="exactly half is no majority"),
        pytest.param({"sad": 4, "fear": 3, "neutral": 3}, None, id="a plurality is not enough"),
        pytest.param({"sad": 5, "fear": 4, "anger": 1}, "sad", id="single votes do not count"),
        pytest.param({"unknown": 7, "sad": 3}, None, id="most people did not know"),
        pytest.param({"no_face": 10}, None, id="no face"),
    ],
)
def test_the_majority_follows_the_protocol_of_ferplus(
    given: dict[str, int], expected: str | None
) -> None:
    found = int(majority_class(votes(**given))[0])

    assert found == (-1 if expected is None else FERPLUS_LABELS.index(expected))


def test_votes_become_a_distribution_without_single_votes() -> None:
    target, weight = vote_distribution(votes(happy=6, neutral=2, fear=1, unknown=1))

    assert target[0, FERPLUS_LABELS.index("happy")] == pytest.approx(0.75)
    assert target[0, FERPLUS_LABELS.index("neutral")] == pytest.approx(0.25)
    assert weight[0] == 1


def test_doubtful_faces_weigh_less_and_non_faces_nothing() -> None:
    _, doubtful = vote_distribution(votes(happy=6, unknown=4))
    target, nothing = vote_distribution(votes(no_face=8, happy=2))

    assert doubtful[0] == pytest.approx(0.6)
    assert nothing[0] == 0
    assert target.sum() == pytest.approx(1), "an ignored row must still be a finite distribution"


def test_repeated_images_are_found_pixel_for_pixel() -> None:
    images = generated_split(6, seed=1).images
    others = generated_split(3, seed=2).images
    others[1] = images[4]

    assert repeated_in(images, others).tolist() == [False] * 4 + [True, False]


def test_a_part_of_a_split_keeps_faces_and_labels_together() -> None:
    split = generated_split(10, seed=1)

    part = split.take(split.fer == 2)

    assert part.fer.tolist() == [2, 2][: len(part)]
    np.testing.assert_array_equal(part.images[0], split.images[2])


def test_a_split_with_unequal_lengths_is_refused() -> None:
    split = generated_split(4, seed=1)
    with pytest.raises(ValueError, match="equally many"):
        EmotionSplit(split.images, split.fer[:3], split.votes)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"there is no folder .*nowhere"):
        load_split(tmp_path / "nowhere", "Training")


def test_an_empty_folder_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"has no labels\.csv"):
        load_split(tmp_path, "Training")


def test_an_empty_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("")
    with pytest.raises(DatasetError, match="is empty or has no column 'split'"):
        load_split(tmp_path, "Training")


def test_a_table_without_the_split_is_refused(tmp_path: Path) -> None:
    write_split_files(tmp_path, {"Training": generated_split(3, seed=1)})
    with pytest.raises(DatasetError, match="no rows of split PublicTest"):
        load_split(tmp_path, "PublicTest")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("fp_fear", "afraid", "is damaged: 'fp_fear'", id="a column is missing"),
        pytest.param("0,Training,0", "0,Training,x", "is damaged: invalid literal", id="a word"),
        pytest.param("0,Training,0", "0,Training,9", "labels outside 0 to 6", id="no such class"),
    ],
)
def test_a_damaged_table_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    write_generated_data(tmp_path)
    table = tmp_path / "labels.csv"
    table.write_text(table.read_text().replace(old, new, 1))

    with pytest.raises(DatasetError, match=message):
        load_split(tmp_path, "Training")


def test_a_table_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(b"\xff\xfe\x00\x81" * 20)
    with pytest.raises(DatasetError, match=r"labels\.csv cannot be read"):
        load_split(tmp_path, "Training")


def test_a_missing_sheet_is_named(tmp_path: Path) -> None:
    write_generated_data(tmp_path)
    (tmp_path / "train.png").unlink()
    with pytest.raises(DatasetError, match=r"there is no sheet .*train\.png"):
        load_split(tmp_path, "Training")


def test_a_truncated_sheet_is_refused(tmp_path: Path) -> None:
    write_generated_data(tmp_path)
    sheet = tmp_path / "train.png"
    sheet.write_bytes(sheet.read_bytes()[:2000])
    with pytest.raises(DatasetError, match=r"train\.png is not a readable picture"):
        load_split(tmp_path, "Training")


def test_a_sheet_too_small_for_the_table_is_refused(tmp_path: Path) -> None:
    write_generated_data(tmp_path)
    Image.new("L", (4800, 48)).save(tmp_path / "train.png")
    with pytest.raises(DatasetError, match="200 tiles of 48 px do not fit it"):
        load_split(tmp_path, "Training")


@pytest.mark.parametrize(
    ("name", "count", "majority"),
    [("Training", 28_709, 25_060), ("PublicTest", 3_589, 3_199), ("PrivateTest", 3_589, 3_153)],
)
def test_the_real_data_set_has_its_official_sizes(
    shared_data: Path, name: str, count: int, majority: int
) -> None:
    split = load_split(shared_data / "emotion" / "fer2013plus", name)

    assert len(split) == count
    assert int((majority_class(split.votes) >= 0).sum()) == majority


def test_the_majority_is_told_in_the_order_of_the_products_labels() -> None:
    votes = np.zeros((4, 10), np.float32)
    votes[0, FERPLUS_LABELS.index("surprised")] = 10
    votes[1, FERPLUS_LABELS.index("contempt")] = 10
    votes[2, :2] = 5
    votes[3, FERPLUS_LABELS.index("neutral")] = 9

    assert majority_label(votes).tolist() == [
        LABELS.index("surprised"),
        -1,
        -1,
        LABELS.index("neutral"),
    ]
