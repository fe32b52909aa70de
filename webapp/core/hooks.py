"""Where apps above core add to what core does, without core knowing them."""

from collections.abc import Callable

_greeters: list[Callable[[str], list[str]]] = []


def greet_with(greeter: Callable[[str], list[str]]) -> None:
    """Add lines to what ``manage.py up`` prints; the greeter gets the site's address."""
    if greeter not in _greeters:
        _greeters.append(greeter)


def first_start_lines(url: str) -> list[str]:
    """Return the lines of all greeters."""
    return [line for greeter in _greeters for line in greeter(url)]
