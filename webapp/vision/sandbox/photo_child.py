"""What a process does that decodes one photo: forked for it, or ``python photo_child.py --wait``.

Reads ``FOLDER/original``; writes ``full.jpg``, ``display.jpg`` and ``thumb.jpg`` beside it, blanks
the places in ``original``, and answers what it found as one JSON object. To revise a photo is only
to read its time, to blank and to hash. ``fork_server`` imports this file once and forks a process
for each. One that waits reads from its input which picture to decode into which lossless file, and
does no more. It has no Django and no models, little memory and little time, and dies with its
parent.
"""

import ctypes
import hashlib
import json
import os
import resource
import select
import signal
import sys
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial
from io import BufferedWriter
from pathlib import Path
from typing import Any

from PIL import Image

from inference.errors import ImageError, ImageMemoryError
from inference.images.decoding import open_upright, read_taken_at
from inference.images.encoding import save_jpeg, shrink
from inference.images.fingerprint import picture_sha256
from inference.places.blanking import UnreadableError
from inference.places.photos import blank_places

MEMORY_BYTES = 1_600_000_000
"""Address space: a picture of 50 megapixels held three times, and the libraries."""
CPU_SECONDS = 45
WAIT_SECONDS = 300
"""How long a process that waits stays without anything to do."""
FULL_QUALITY = 95
DISPLAY_SIDE, DISPLAY_QUALITY = 2048, 88
THUMB_SIDE, THUMB_QUALITY = 512, 82
_UNREADABLE = (
    "The parts of this file cannot be told apart, so nobody can say whether one of them says where "
    "it was taken. Save it anew and upload that."
)
_PR_SET_PDEATHSIG = 1

Image.init()  # Else Pillow looks for its plugins after the fork, or when the picture is there.


def decode(folder: Path) -> dict[str, Any]:
    """Decode the photo of this folder and return the facts, or the reason against it.

    A device that cannot be read is no such reason: the process dies of it.
    """
    try:
        photo = open_upright(folder / "original")
        width, height = photo.image.size
        _write_derivatives(photo.image, folder)
    except (ImageMemoryError, MemoryError):
        return {"needs": "The photo needs more memory than this server gives to one."}
    except ImageError as error:
        return {"error": str(error)}
    return _settle_original(folder) | {
        "format": photo.format,
        "width": width,
        "height": height,
        "taken_at": _written(photo.taken_at),
        "camera": photo.camera,
    }


def revise(folder: Path) -> dict[str, Any]:
    """Blank the places of the original; returns its time and its hashes, or the reason against it.

    The time comes first: the place tells in which zone a clock stood.
    """
    taken_at = read_taken_at(folder / "original")
    return _settle_original(folder) | {"taken_at": _written(taken_at)}


def wait_for_one() -> dict[str, Any]:
    """Decode the one picture that is named on the input; ends when nobody has named any."""
    ready, _, _ = select.select([sys.stdin], [], [], WAIT_SECONDS)
    told = sys.stdin.read() if ready else ""
    if not told:
        sys.exit(0)
    source, target = map(Path, json.loads(told))
    try:
        image = open_upright(source).image
        image.info.clear()
        image.save(target, "PNG", compress_level=1)
    except (ImageMemoryError, MemoryError):
        return {"needs": "The picture needs more memory than this server gives to one."}
    except ImageError as error:
        return {"error": str(error)}
    return {}


def _written(taken_at: datetime | None) -> str | None:
    return taken_at.isoformat() if taken_at else None


def _settle_original(folder: Path) -> dict[str, Any]:
    """Blank the places of the original and return its hashes, or the reason against it."""
    original = folder / "original"
    try:
        size, sha256 = _blank_places(original)
    except UnreadableError:
        return {"error": _UNREADABLE}
    return {
        "original_bytes": size,
        "original_sha256": sha256,
        "picture_sha256": picture_sha256(original),
    }


def limit_this_process() -> None:
    """Cap memory and processor time, forbid core dumps, and die when the parent dies."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _weighed(job: Callable[[Path], dict[str, Any]], folder: Path) -> dict[str, Any]:
    return job(folder) | {"peak_kilobytes": peak_kilobytes()}


def _write_derivatives(image: Image.Image, folder: Path) -> None:
    display = shrink(image, DISPLAY_SIDE)
    thumb = shrink(display, THUMB_SIDE)
    wanted = (
        ("full.jpg", image, FULL_QUALITY),
        ("display.jpg", display, DISPLAY_QUALITY),
        ("thumb.jpg", thumb, THUMB_QUALITY),
    )
    for name, picture, quality in wanted:
        _replace(folder / name, partial(_write_picture, picture, quality))


def _write_picture(picture: Image.Image, quality: int, file: BufferedWriter) -> None:
    save_jpeg(picture, file, quality)


def _blank_places(original: Path) -> tuple[int, str]:
    """Blank the place data of the stored original; returns its size and hash afterwards."""
    data = bytearray(original.read_bytes())
    if blank_places(data):
        _replace(original, lambda file: file.write(data))
    return len(data), hashlib.sha256(data).hexdigest()


def _replace(path: Path, write: Callable[[BufferedWriter], object]) -> None:
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def peak_kilobytes() -> int:
    """Return the most memory this program held at once.

    Linux carries the ``ru_maxrss`` of the parent over into a child, but not the high-water mark.
    """
    status = Path("/proc/self/status")
    if status.exists():
        marks = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(marks[0].split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


JOBS = {"decode": partial(_weighed, decode), "revise": partial(_weighed, revise)}
"""What ``fork_server`` may ask of a process."""


if __name__ == "__main__":
    limit_this_process()
    sys.stdout.write(json.dumps(wait_for_one() | {"peak_kilobytes": peak_kilobytes()}))
