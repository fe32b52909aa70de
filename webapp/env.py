"""Environment variables, read strictly: an unknown value is an error that names it."""

import os
from collections.abc import Collection
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """Return the variable without surrounding blanks; unset and empty both mean ``default``."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """Return ``true`` or ``false`` as a bool.

    Raises:
        ImproperlyConfigured: Anything else is written there.
    """
    raw = text(name)
    if not raw:
        return default
    if raw not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name}={raw!r}: write true or false")
    return raw == "true"


def integer(name: str, default: int, *, minimum: int, maximum: int) -> int:
    """Return a whole number between ``minimum`` and ``maximum``, both allowed.

    Raises:
        ImproperlyConfigured: It is no number or lies outside.
    """
    raw = text(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        value = None
    if value is None or not minimum <= value <= maximum:
        raise ImproperlyConfigured(
            f"{name}={raw!r}: write a whole number from {minimum} to {maximum}"
        )
    return value


def choice(name: str, default: str, allowed: Collection[str]) -> str:
    """Return one of the allowed words.

    Raises:
        ImproperlyConfigured: Another word is written there.
    """
    raw = text(name, default)
    if raw not in allowed:
        raise ImproperlyConfigured(f"{name}={raw!r}: write one of {', '.join(sorted(allowed))}")
    return raw


def words(name: str) -> list[str]:
    """Return the comma-separated parts, without blanks and empty parts."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    """Return an absolute folder path; ``~`` is the home folder."""
    raw = text(name)
    return Path(raw).expanduser().resolve() if raw else default
