"""The types of the scripts are those of the server's messages."""

from typing import Literal, NotRequired, TypedDict

from tests import message_types


def test_the_scripts_know_the_messages_as_the_server_has_them() -> None:
    assert message_types.FILE.read_text() == message_types.written(), (
        "run: python -m tests.message_types"
    )


def test_a_message_becomes_a_type() -> None:
    class Said(TypedDict):
        type: Literal["said"]
        words: str | None
        marks: list[int | None]
        at: NotRequired[tuple[float, float]]

    assert message_types.typedef(Said).splitlines()[1:] == [
        " * @typedef {object} Said",
        ' * @property {"said"} type',
        " * @property {string|null} words",
        " * @property {(number|null)[]} marks",
        " * @property {[number, number]} [at]",
    ]
