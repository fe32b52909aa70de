"""Environment variables, read strictly: an unknown value is an error that names it.

Beside them what the settings make out of a value: private folders, the secret key, the database.
"""

import base64
import os
import secrets
from collections.abc import Callable, Collection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;PRAGMA mmap_size=0;"
)

_ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the base point (FIPS 186-5); a private key is a number below it."""

POSTGRES_PATIENCE = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""How soon a server that is silent counts as away; libpq would wait for minutes. Options in the
URL go before."""


def text(name: str, default: str = "") -> str:
    """Return the variable without surrounding blanks; unset and empty both mean ``default``."""
    return os.environ.get(name, "").strip() or default


def needed(name: str) -> str:
    """Return what has to be said because something else was.

    Raises:
        ImproperlyConfigured: Nothing is written there.
    """
    raw = text(name)
    if not raw:
        raise ImproperlyConfigured(f"{name} is empty; what is set beside it does not work without")
    return raw


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


def address(name: str, raw: str) -> tuple[str, int]:
    """Return host and port of ``host:port``, the host without the brackets of IPv6.

    Raises:
        ImproperlyConfigured: It is written otherwise.
    """
    host, _, port = raw.rpartition(":")
    is_known = port.isascii() and port.isdigit() and 0 < int(port) < 65536
    if not host or not is_known or "/" in host:
        raise ImproperlyConfigured(f"{name}={raw!r}: write host:port, such as gpu1:7700")
    return host.strip("[]"), int(port)


def safe_address(name: str) -> str:
    """Return an https address, or one of this machine; unset means empty.

    Raises:
        ImproperlyConfigured: What goes there could be read and changed on its way.
    """
    raw = text(name)
    parts = urlsplit(raw)
    is_near = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if raw and not (parts.hostname and (parts.scheme == "https" or is_near)):
        raise ImproperlyConfigured(f"{name}={raw!r}: write an address that begins with https://")
    return raw


def file(name: str) -> Path | None:
    """Return the path of a file that is there; unset means ``None``.

    Raises:
        ImproperlyConfigured: There is none, or this account may not read it.
    """
    raw = text(name)
    if not raw:
        return None
    path = Path(raw).expanduser().resolve()
    if not path.is_file() or not os.access(path, os.R_OK):
        raise ImproperlyConfigured(f"{name}={raw!r}: there is no such file, or it is not readable")
    return path


def folder(name: str, default: Path) -> Path:
    """Return an absolute folder path; ``~`` is the home folder."""
    raw = text(name)
    return Path(raw).expanduser().resolve() if raw else default


def folders(name: str) -> list[Path]:
    """Return the comma-separated folders, which need not be there yet; links are left alone.

    Raises:
        ImproperlyConfigured: One of them is no absolute path.
    """
    found = [Path(word).expanduser() for word in words(name)]
    for path in found:
        if not path.is_absolute():
            raise ImproperlyConfigured(
                f"{name}={str(path)!r}: write whole paths, such as /srv/photos"
            )
    return found


def private_folder(path: Path) -> Path:
    """Make a folder that only this account may enter, and return it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def secret_key(path: Path) -> str:
    """Return the key in the file, making it at the first start.

    The file is made with ``O_EXCL``: of two first starts one writes and the other reads.
    """
    return _kept_secret(path, get_random_secret_key)


def push_key(name: str, path: Path) -> str:
    """Return the key of the variable, else of the file, which is made at the first start.

    By it messages to devices are signed: a private key of the curve P-256, 32 bytes in base64url.

    Raises:
        ImproperlyConfigured: What is written there is no such key.
    """
    key = text(name) or _kept_secret(path, _new_push_key)
    try:
        raw = base64.b64decode(key + "=" * (-len(key) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32 or not 0 < int.from_bytes(raw, "big") < _ORDER_OF_P256:
        raise ImproperlyConfigured(f"{name} or {path} holds no private key of the curve P-256")
    return key


def _new_push_key() -> str:
    number = 1 + secrets.randbelow(_ORDER_OF_P256 - 1)
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


def _kept_secret(path: Path, make: Callable[[], str]) -> str:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(make())
    return path.read_text().strip()


def database(name: str, sqlite: Path) -> dict[str, object]:
    """Return Django's settings for the database of a URL; without one, for SQLite in a file.

    Raises:
        ImproperlyConfigured: The URL is not one of PostgreSQL, or asks for what libpq does not
            know.
    """
    url = text(name)
    if url:
        return _postgres(name, url)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": sqlite,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": SQLITE_PRAGMAS,
        },
    }


def _postgres(name: str, url: str) -> dict[str, object]:
    """Return the settings of a PostgreSQL URL, as libpq itself reads it.

    So every option of libpq works (``sslmode``, several hosts, a socket folder), and one that it
    does not know is refused here instead of being left out.
    """
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(f"{name}: write postgresql://user:password@host/name")
    # Here, so that an installation on SQLite does not wait for it.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        found = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"{name}: {_what_libpq_refuses(url, str(error))}") from None
    places = {"NAME": "dbname", "USER": "user", "PASSWORD": "password",
              "HOST": "host", "PORT": "port"}  # fmt: skip
    answer: dict[str, object] = {django: found.pop(key, "") for django, key in places.items()}
    options = POSTGRES_PATIENCE | found
    return {"ENGINE": "django.db.backends.postgresql", **answer, "OPTIONS": options}


def _what_libpq_refuses(url: str, trouble: str) -> str:
    """Return a sentence about a broken URL; libpq's own may repeat the password."""
    for option in parse_qs(urlsplit(url).query, keep_blank_values=True):
        if f'"{option}"' in trouble:
            return (
                f"PostgreSQL knows no option {option!r}; the known ones are in its manual, "
                "under Parameter Key Words"
            )
    return "this is no address that PostgreSQL can read; percent-encode signs in the password"
