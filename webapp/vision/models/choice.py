"""Which embedder this site uses: that of the environment, or what its owner chose on a page.

What was chosen is in the database, which this package does not know; an app says how to read it.
It is read whenever it matters, so every process of the site follows a change at once.
"""

from collections.abc import Callable

from django.conf import settings

_readers: list[Callable[[], str]] = []


def choose_embedder_with(read: Callable[[], str]) -> None:
    """Say how to read what the owner chose; the reader answers with nothing for no choice."""
    _readers[:] = [read]


def chosen_embedder() -> str:
    """Return the name of the embedder that is wanted; empty for the best of those shipped."""
    return settings.EMBEDDER or next((read() for read in _readers), "")
