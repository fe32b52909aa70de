"""What a process of ours gives back when it rests."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inference.memory import FreedMemory


def give_back_memory() -> None:
    """Give freed memory back to the system if this process rests; to be called now and then."""
    _freed().give_back()


@lru_cache(maxsize=1)
def _freed() -> "FreedMemory":
    from inference.memory import FreedMemory

    return FreedMemory()
