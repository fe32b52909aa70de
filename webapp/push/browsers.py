"""Which browser on which system a device is, so that its user knows it again in a list."""

from django.utils.translation import gettext

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
"""What stands in a ``User-Agent``, the more telling first: Edge calls itself Chrome and Safari."""


def name_of(user_agent: str) -> str:
    """Return a name such as "Chrome, Android"; a plain word for a browser that says nothing."""
    found = [_first(user_agent, words) for words in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found)) or gettext("A browser")


def _first(user_agent: str, words: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in words if mark in user_agent), "")
