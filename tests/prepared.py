"""A data folder as the first start leaves it, made once and copied for every later one.

Migrating an empty database and collecting the static files takes some fifteen seconds of processor
time; the tests start more than seventy installations.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
MAKE = """
import django; django.setup()
from django.core.management import call_command
from webapp.core.web.collecting import collect_changed
call_command("migrate", interactive=False, verbosity=0)
collect_changed()
"""
KEPT = REPOSITORY / ".pytest_cache" / "prepared"
MOST_KEPT = 6
DATABASE = "encore.sqlite3"
STATIC = "static"
URL = "ENCORE_DATABASE_URL"


def prepare(folder: Path, environment: dict[str, str]) -> None:
    """Put what a first start would make into a data folder that has no database yet.

    Args:
        folder: The data folder; it is made where it is missing.
        environment: Of the installation; one with a database server gets the static files alone.
    """
    made = _made(environment)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / STATIC).exists():
        shutil.copytree(made / STATIC, folder / STATIC)
    if URL not in environment and not any(folder.glob(f"{DATABASE}*")):
        shutil.copy2(made / DATABASE, folder / DATABASE)


def _made(environment: dict[str, str]) -> Path:
    """Return the folder to copy from; whoever comes first makes it, the others wait."""
    made = KEPT / _fingerprint(environment)
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            part = made.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            own = {name: environment[name] for name in environment if name != URL}
            subprocess.run(
                [sys.executable, "-c", MAKE],
                cwd=REPOSITORY,
                env=own | {"ENCORE_DATA_DIR": str(part)},
                check=True,
            )
            _forget_old()
            part.rename(made)
    return made


def _forget_old() -> None:
    """Keep those that were made last; each kind of settings has its own."""
    folders = [path for path in KEPT.iterdir() if path.is_dir()]
    for path in sorted(folders, key=lambda path: path.stat().st_mtime)[:-MOST_KEPT]:
        shutil.rmtree(path)


def _fingerprint(environment: dict[str, str]) -> str:
    """Return what changes with any migration, any static file and the settings."""
    digest = hashlib.sha256(environment["DJANGO_SETTINGS_MODULE"].encode())
    sources = [*REPOSITORY.glob("webapp/**/*.py"), *REPOSITORY.glob("static/**/*")]
    for path in sorted([*sources, *REPOSITORY.glob("*.lock")]):
        found = path.stat()
        digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
