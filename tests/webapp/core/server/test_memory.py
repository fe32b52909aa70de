"""What a web process has loaded does not hold up its pages."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from webapp.core.server.memory import keep_what_is_loaded


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_a_collection_has_next_to_nothing_to_look_at() -> None:
    before = len(gc.get_objects())
    keep_what_is_loaded()
    assert len(gc.get_objects()) < before / 10


def test_what_is_garbage_already_is_not_kept() -> None:
    class Thing:
        own: "Thing"

    thing = Thing()
    thing.own = thing
    is_there = weakref.ref(thing)
    del thing
    keep_what_is_loaded()
    assert is_there() is None
