"""Signals reach everybody once, in order, and an error of theirs is the sender's."""

import pytest

from webapp.core.extension.signals import Registry, Signal


def test_everybody_is_told_once_in_the_order_of_connecting() -> None:
    painted = Signal[str, int]()
    heard: list[tuple[str, str, int]] = []

    def first(colour: str, coats: int) -> None:
        heard.append(("first", colour, coats))

    def second(colour: str, coats: int) -> None:
        heard.append(("second", colour, coats))

    for receiver in (first, second, first):
        painted.connect(receiver)
    painted.send("red", 2)

    assert heard == [("first", "red", 2), ("second", "red", 2)]


def test_a_receiver_made_on_the_spot_is_not_lost() -> None:
    painted, heard = Signal[str](), list[str]()
    painted.connect(lambda colour: heard.append(colour))
    painted.send("red")
    assert heard == ["red"]


def test_an_error_of_a_receiver_stops_the_sender() -> None:
    """It writes in the same transaction: half of what follows must not be stored."""
    painted, heard = Signal[str](), list[str]()

    def refuse(colour: str) -> None:
        raise ValueError(colour)

    painted.connect(refuse)
    painted.connect(heard.append)
    with pytest.raises(ValueError, match="red"):
        painted.send("red")
    assert heard == []


def test_a_registry_keeps_each_entry_once_and_may_grow_while_it_is_read() -> None:
    colours: Registry[str] = Registry()
    for colour in ("red", "blue", "red"):
        colours.register(colour)
    for colour in colours:
        colours.register(f"dark {colour}")
    assert list(colours) == ["red", "blue", "dark red", "dark blue"]
