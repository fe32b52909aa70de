"""Collecting the static files at a start, and not again while none of them has changed.

Hashing every file and rewriting the imports between scripts takes four seconds, which is longer
than everything else between ``manage.py up`` and the first page.
"""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from webapp.core.web import static

STAMP = ".collected"


def collect_changed() -> bool:
    """Collect the static files unless the last collection saw these very ones.

    Returns:
        Whether there was something to collect.
    """
    stamp = Path(settings.STATIC_ROOT) / STAMP
    seen = fingerprint()
    if stamp.is_file() and stamp.read_text() == seen:
        return False
    # A collection that is cut off half-way must not count as done. The old files go first: Django
    # keeps what is newer than its source, which a release unpacked with its own dates always is.
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(seen)
    return True


def fingerprint() -> str:
    """Return what changes with any static file, and with the code that rewrites them."""
    digest = hashlib.sha256()
    for address, path in sorted(_sources()):
        found = path.stat()
        digest.update(f"{address}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    digest.update(Path(static.__file__).read_bytes())
    return digest.hexdigest()


def _sources() -> list[tuple[str, Path]]:
    """Return address and file of all that would be collected."""
    found = []
    for finder in get_finders():
        for name, storage in finder.list(None):
            prefix = getattr(storage, "prefix", None)
            found.append((f"{prefix}/{name}" if prefix else name, Path(storage.path(name))))
    return found
