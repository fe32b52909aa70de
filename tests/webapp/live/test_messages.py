"""What cameras and viewers say is looked at by the types of the messages, where it comes in."""

import json
from typing import Any

import pytest

from webapp.live.messages import (
    MessageError,
    Shutter,
    frames_of,
    moment_of,
    pack,
    read_camera,
    read_frame,
    read_viewer,
)

MOMENT = "5e0c5e0c-5e0c-4e0c-8e0c-5e0c5e0c5e0c"
SAID: list[dict[str, Any]] = [
    {"type": "want", "names": False, "portrait": True},
    {"type": "shutter", "frame": 3, "captured_at": 1.5, "others": [{"frame": 2, "captured_at": 1}]},
    {"type": "missed", "moment": MOMENT, "frames": [1, 2]},
    {"type": "resume"},
    {"type": "over"},
]


@pytest.mark.parametrize("message", SAID, ids=lambda one: one["type"])
def test_what_a_camera_says_comes_in_as_it_went_out(message: dict[str, Any]) -> None:
    assert read_camera(json.dumps(message)) == message


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"type": "want", "names": "yes"}, id="text for truth"),
        pytest.param({"type": "shutter", "frame": "3", "captured_at": 1}, id="text for a number"),
        pytest.param({"type": "shutter", "frame": 3}, id="no time"),
        pytest.param(SAID[1] | {"others": [3]}, id="numbers for frames"),
        pytest.param({"type": "missed", "frames": [1]}, id="no moment"),
        pytest.param({"type": "missed", "moment": MOMENT, "frames": [None]}, id="no number"),
        pytest.param({"type": "result", "frame": 1}, id="what only the server says"),
        pytest.param([], id="a list"),
    ],
)
def test_what_has_another_shape_is_refused_in_words(message: Any) -> None:
    with pytest.raises(MessageError, match="cannot be used") as refused:
        read_camera(json.dumps(message))
    assert refused.value.code == "bad_message"


def test_a_shutter_names_each_frame_once_and_the_meant_one_first() -> None:
    two = {"frame": 2, "captured_at": 1.0}
    shutter: Shutter = {"type": "shutter", "frame": 3, "captured_at": 1.5, "others": [two, two]}  # type: ignore[list-item]
    assert frames_of(shutter) == [{"frame": 3, "captured_at": 1.5}, two]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"frame": -1}, id="before the first"),
        pytest.param({"captured_at": -1.0}, id="before the beginning"),
        pytest.param({"others": [{"frame": n, "captured_at": 1.0} for n in range(5)]}, id="five"),
    ],
)
def test_a_shutter_that_no_camera_can_mean_is_refused(changes: dict[str, Any]) -> None:
    shutter: Any = {"type": "shutter", "frame": 3, "captured_at": 1.5} | changes
    with pytest.raises(MessageError):
        frames_of(shutter)


def test_a_moment_has_an_id() -> None:
    assert str(moment_of({"type": "missed", "moment": MOMENT, "frames": []})) == MOMENT
    with pytest.raises(MessageError, match="no moment"):
        moment_of({"type": "missed", "moment": "the best one", "frames": []})


def test_a_frame_from_before_the_beginning_is_refused() -> None:
    assert read_frame(pack({"frame": 0, "captured_at": 0}, b"x")).number == 0
    with pytest.raises(MessageError):
        read_frame(pack({"frame": -1, "captured_at": 0}, b"x"))


def test_a_viewer_says_only_that_it_has_shown_a_picture() -> None:
    assert read_viewer('{"type": "shown", "frame": 7}') == {"type": "shown", "frame": 7}
    with pytest.raises(MessageError):
        read_viewer('{"type": "over"}')
