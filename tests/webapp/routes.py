"""Every address of the site, found by asking Django, with arguments filled in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

ARGUMENTS = {
    "int": "1",
    "uuid": str(UUID(int=7)),
    "uuidstr": str(UUID(int=7)),
    "slug": "thumb",
    "str": "thumb",
    "path": "thumb",
}


@dataclass(frozen=True)
class Route:
    """One address.

    Attributes:
        pattern: As written in ``urls.py``.
        path: With an example for every argument.
    """

    pattern: str
    path: str

    def filled(self, fill: Callable[[str, str], str]) -> str:
        """Return the path with each argument that ``fill`` gives for pattern and name."""
        return "/" + re.sub(
            r"<(?:\w+:)?(\w+)>", lambda match: fill(self.pattern, match[1]), self.pattern
        )


def every_route() -> list[Route]:
    """Return all addresses of all apps."""
    return sorted(set(_walk(get_resolver(), "")), key=lambda route: route.path)


def _walk(resolver: URLResolver, prefix: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, pattern)
        elif isinstance(entry, URLPattern):
            yield Route(pattern, "/" + _filled(pattern))


def _filled(pattern: str) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda match: ARGUMENTS.get(match[1] or "str", "1"), pattern)
