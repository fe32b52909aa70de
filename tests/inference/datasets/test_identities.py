from pathlib import Path

import pytest

from inference.datasets.identities import (
    HELD_OUT_CROPS,
    held_out_kpop,
    is_held_out_file,
    training_identities,
)
from inference.errors import DatasetError

GROUPS = {"blackpink": ["lisa"], "twice": ["sana"], "girlgroup15_crops": ["irene", "chaeyong"]}


@pytest.fixture
def data(tmp_path):
    def photo(*parts):
        path = tmp_path.joinpath("faces", *parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"never opened here")

    for group, people in GROUPS.items():
        for person in people:
            photo("kpop", group, person, "0001.jpg")
    names = [f"photo{number}.jpg" for number in range(40)]
    for name in names:
        photo("kpop", "bts_group", "images", name)
    rows = "".join(f"{name},train,rm,1,2,30,40\n" for name in names)
    table = "file,split,person,x1,y1,x2,y2\n" + rows
    (tmp_path / "faces/kpop/bts_group/boxes.csv").write_text(table)
    photo("glint24_western", "will_smith", "0001.jpg")
    photo("lfw_unpaired", "Ana_Maria_0004.jpg")
    return tmp_path


def test_no_photo_is_both_learnt_from_and_judged_by(data):
    held, learnt = (
        {photo.path for photo in photos}
        for photos in (held_out_kpop(data), training_identities(data))
    )
    assert held
    assert learnt
    assert not held & learnt


def test_people_of_the_test_groups_are_in_no_training_set(data):
    learnt = {photo.person for photo in training_identities(data)}
    assert {"lisa", "sana", "chaeyoung", "chaeyong"}.isdisjoint(learnt)
    assert {"irene", "will_smith", "Ana_Maria", "rm"} <= learnt


def test_one_person_has_one_name_in_every_set(data):
    people = {photo.person for photo in held_out_kpop(data)}
    assert "chaeyoung" in people
    assert "chaeyong" not in people


def test_three_of_ten_group_photos_are_held_out_whatever_else_is_there():
    names = [f"train_{number:03d}.jpg" for number in range(1000)]
    share = sum(map(is_held_out_file, names)) / len(names)
    assert share == pytest.approx(0.3, abs=0.04)


def test_a_group_photo_keeps_the_box_of_its_label(data):
    boxes = {photo.box for photo in held_out_kpop(data) if photo.source == "bts_group"}
    assert boxes == {(1.0, 2.0, 30.0, 40.0)}


@pytest.mark.parametrize(
    "path", ["kpop/twice", "kpop/bts_group/boxes.csv", "kpop/blackpink/lisa/0001.jpg"]
)
def test_a_missing_part_ends_with_one_sentence(data, path):
    target = data / "faces" / path
    if target.is_dir():
        for file in sorted(target.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        target.rmdir()
    else:
        target.unlink()
    with pytest.raises(DatasetError, match=r"there is no"):
        held_out_kpop(data)


def test_the_real_sets_hold_the_expected_people(shared_data: Path):
    held, learnt = held_out_kpop(shared_data), training_identities(shared_data)
    assert len({photo.person for photo in held}) == 20
    assert len(HELD_OUT_CROPS) == 6
    test_groups = {photo.person for photo in held if photo.source != "bts_group"}
    assert test_groups.isdisjoint({photo.person for photo in learnt})
