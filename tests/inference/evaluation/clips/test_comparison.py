"""Two recipes on one clip: which faces, whose names, how steady, how fast."""

import pytest

from inference.evaluation.clips.comparison import (
    Run,
    Seen,
    compare,
    count_names,
    found_share,
    switches_per_minute,
    together,
)
from inference.evaluation.clips.making import Clip

BOX = (100.0, 100.0, 200.0, 200.0)
ELSEWHERE = (400.0, 100.0, 500.0, 200.0)


def run(*frames: list[Seen], seconds: float = 1.0) -> Run:
    return Run(list(frames), seconds)


def clip(frames: int, *places: tuple[float, float, str], rate: float = 15.0) -> Clip:
    return Clip("clip", [b""] * frames, rate, [places] * frames if places else ())


@pytest.mark.parametrize(
    ("reference", "other", "expected"),
    [
        pytest.param([Seen(BOX, None)], [Seen(BOX, None)], (1, 1, 0), id="the same face"),
        pytest.param([Seen(BOX, None)], [], (0, 1, 0), id="missed"),
        pytest.param([], [Seen(BOX, None)], (0, 0, 1), id="only the other has it"),
        pytest.param([Seen(BOX, None)], [Seen(ELSEWHERE, None)], (0, 1, 1), id="elsewhere"),
        pytest.param(
            [Seen(BOX, None)],
            [Seen((100.0, 100.0, 200.0, 160.0), None)],
            (1, 1, 0),
            id="more than half of it",
        ),
        pytest.param(
            [Seen((-80.0, 100.0, 60.0, 200.0), None)],
            [Seen((0.0, 100.0, 60.0, 200.0), None)],
            (1, 1, 0),
            id="cut by the edge, only what is seen counts",
        ),
        pytest.param([], [], (0, 0, 0), id="nobody there"),
    ],
)
def test_faces_of_the_reference_that_the_other_has(
    reference: list[Seen], other: list[Seen], expected: tuple[int, int, int]
) -> None:
    assert found_share(run(reference), run(other)) == expected


def test_runs_of_different_lengths_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="argument"):
        found_share(run([], []), run([]))


@pytest.mark.parametrize(
    ("name", "place", "expected"),
    [
        pytest.param("Minji", (150.0, 150.0, "Minji"), (1, 0), id="right"),
        pytest.param("Minji", (150.0, 150.0, "Hanni"), (0, 1), id="somebody else"),
        pytest.param("Minji", (450.0, 150.0, "Minji"), (0, 1), id="named where she is not"),
        pytest.param("Minji", (95.0, 150.0, "Minji"), (1, 0), id="she leaves, and her box is cut"),
        pytest.param(None, (150.0, 150.0, "Minji"), (0, 0), id="unknown is not wrong"),
    ],
)
def test_names(
    name: str | None, place: tuple[float, float, str], expected: tuple[int, int]
) -> None:
    assert count_names(clip(1, place), run([Seen(BOX, name)])) == expected


def test_another_name_on_a_track_is_a_switch_and_a_name_lost_for_a_while_is_none() -> None:
    steady = [[Seen(BOX, name, 1)] for name in ("Minji", None, "Minji", "Minji")]
    moody = [[Seen(BOX, name, 1)] for name in ("Minji", "Hanni", None, "Minji")]
    four_seconds = clip(4, rate=1.0)
    assert switches_per_minute(four_seconds, run(*steady)) == 0
    assert switches_per_minute(four_seconds, run(*moody)) == pytest.approx(2 * 60 / 4)


def test_two_tracks_may_have_two_names() -> None:
    both = [[Seen(BOX, "Minji", 1), Seen(ELSEWHERE, "Hanni", 2)]] * 3
    assert switches_per_minute(clip(3), run(*both)) == 0


def test_without_faces_nothing_switches() -> None:
    assert switches_per_minute(clip(2), run([], [])) == 0


def test_speed_is_the_ratio_of_two_times_of_the_same_clip() -> None:
    seen = [Seen(BOX, "Minji")]
    values = compare(
        clip(2, (150.0, 150.0, "Minji")), run(seen, seen, seconds=2.0), run(seen, [], seconds=0.5)
    )
    assert (values["plain_fps"], values["engine_fps"], values["times_faster"]) == (1, 4, 4)
    assert (values["found_share"], values["faces"]) == (0.5, 2)
    assert (values["plain_right_names"], values["engine_right_names"]) == (2, 1)


def test_a_clip_of_unknown_people_says_nothing_about_names_nor_one_without_faces_about_shares() -> (
    None
):
    values = compare(clip(1), run([]), run([]))
    assert "engine_right_names" not in values
    assert "found_share" not in values


def test_clips_add_up_by_their_faces_and_seconds() -> None:
    easy = {"frames": 10, "faces": 90, "found": 90, "extra": 0}
    hard = {"frames": 10, "faces": 10, "found": 0, "extra": 3}
    times = {"plain_seconds": 4.0, "engine_seconds": 1.0}
    total = together({"easy": easy | times, "hard": hard | times})
    assert total["found_share"] == 0.9
    assert (total["plain_fps"], total["engine_fps"], total["times_faster"]) == (2.5, 10, 4)
    assert (total["frames"], total["extra"]) == (20, 3)
