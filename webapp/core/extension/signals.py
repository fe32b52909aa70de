"""How an app tells those above it, without knowing them, and what those may add to it.

Every signal and registry is a named value of the app that owns it, and everybody connects in
``AppConfig.ready``; so ``grep`` finds who listens, and mypy checks each receiver and each sender.
Django's own signals would do the same with untyped keywords, which each receiver has to take
whatever they are called, so that nobody notices a renamed one; and they hold receivers weakly, so
that one made on the spot is gone without a word.
"""

from collections.abc import Callable, Iterator
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Signal(Generic[P]):
    """Something that others are told of, within the transaction and the thread of who tells.

    An error of a receiver is the sender's: the transaction is rolled back as a whole.
    """

    def __init__(self) -> None:
        self._receivers: list[Callable[P, object]] = []

    def connect(self, receiver: Callable[P, object]) -> None:
        """Add a receiver, told after those before it; adding it twice changes nothing."""
        if receiver not in self._receivers:
            self._receivers.append(receiver)

    def send(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Tell everybody who is connected."""
        for receiver in self._receivers:
            receiver(*args, **kwargs)


class Registry(Generic[T]):
    """What others add to something, in the order in which they did."""

    def __init__(self) -> None:
        self._entries: list[T] = []

    def register(self, entry: T) -> None:
        """Add an entry; adding it twice changes nothing."""
        if entry not in self._entries:
            self._entries.append(entry)

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._entries))
