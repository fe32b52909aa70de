"""Time zones by their IANA names, as people choose them and browsers tell them."""

from functools import cache
from zoneinfo import available_timezones

LONGEST_NAME = 64
COOKIE = "encore-zone"
"""In which the browser says where it is; ``static/js/site/zone.js`` sets it."""

_NOT_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


@cache
def zone_names() -> tuple[str, ...]:
    """Return the zones that can be chosen: places, and UTC."""
    places = (name for name in available_timezones() if "/" in name)
    return (*sorted(name for name in places if not name.startswith(_NOT_PLACES)), "UTC")


def zone_choices() -> list[tuple[str, str]]:
    """Return the zones that can be chosen, each with its name as people read it."""
    return [(name, name.replace("_", " ")) for name in zone_names()]


def known_zone(name: str) -> str:
    """Return a zone's name, empty for one that there is not."""
    return name if name in available_zones() else ""


@cache
def available_zones() -> frozenset[str]:
    """Return every zone that this machine can reckon with."""
    return frozenset(available_timezones())
