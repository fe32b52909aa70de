"""Files from outside: their header checked here, their pixels decoded in a child process.

A decoder is a large program fed by strangers. It runs alone, with limits on memory and time, so
that whatever a photo does to it, this process goes on. It is forked for each photo from a parent
that has the decoders in memory (``fork_server``).
"""

import json
import logging
import os
import signal
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from webapp.vision.sandbox.fork_client import ForkServer, ForkServerError

logger = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[3]
CHILD = Path(__file__).with_name("photo_child.py")
TIME_LIMIT_SECONDS = 60


class UnreadablePhotoError(Exception):
    """The file cannot become a photo; the text says why, for the user."""


class TooLittleMemoryError(Exception):
    """The file may be a photo, but needs more memory than it gets; the text is for the user."""


class DecoderDiedError(Exception):
    """The decoding process died, hung or could not read the disk; another try may help."""


@dataclass(frozen=True, slots=True)
class OriginalFacts:
    """What is known of a stored original whose places were blanked.

    Attributes:
        original_bytes: Its size.
        original_sha256: Its hash.
        picture_sha256: Of the compressed picture in it; empty where that cannot be told apart.
        taken_at: Time on the camera's clock, with its offset from UTC where the file tells it, else
            without a zone.
    """

    original_bytes: int
    original_sha256: str
    picture_sha256: str
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class PhotoFacts(OriginalFacts):
    """What is known of a photo after decoding.

    Attributes:
        format: What the content is: ``JPEG``, ``PNG``, ``WEBP`` or ``HEIF``.
        width: Pixels of the upright ``full.jpg``; ``height`` likewise.
        camera: Maker and model; empty when unknown.
    """

    format: str
    width: int
    height: int
    camera: str


def check_header(path: Path) -> str:
    """Refuse what is no photo or too large, from its first bytes; returns the format.

    Raises:
        UnreadablePhotoError: With the reason for the user.
    """
    from inference.errors import ImageError
    from inference.images.headers import read_header

    try:
        return read_header(path).format
    except ImageError as error:
        raise UnreadablePhotoError(str(error)) from error


def decode_into(folder: Path) -> PhotoFacts:
    """Decode ``folder/original`` and write ``full.jpg``, ``display.jpg`` and ``thumb.jpg``.

    Takes tens of milliseconds to seconds, in a process of its own; the first photo of this
    process waits for the import of the decoders.

    Raises:
        UnreadablePhotoError: The file is at fault.
        TooLittleMemoryError: The process may not take as much memory as it needs.
        DecoderDiedError: The process crashed, was killed, could not read the disk, or hung as it
            does while the disk is slow.
    """
    return PhotoFacts(**_ask_child("decode", folder))


def revise_original(folder: Path) -> OriginalFacts:
    """Read the time of ``folder/original``, blank its places and hash it, as ``decode_into`` does.

    Raises:
        UnreadablePhotoError: The file is at fault.
        DecoderDiedError: As for ``decode_into``.
    """
    return OriginalFacts(**_ask_child("revise", folder))


def picture_sha256(path: Path) -> str:
    """Return the hash of the picture that a file holds; empty where it cannot be told apart."""
    from inference.images.fingerprint import picture_sha256

    return picture_sha256(path)


def without_places(path: Path) -> bytes:
    """Return a photo's file with its places blanked; nothing is decoded and nothing written.

    Raises:
        UnreadablePhotoError: Nobody can say what is in it.
    """
    from inference.places.blanking import UnreadableError
    from inference.places.photos import blank_places

    data = bytearray(path.read_bytes())
    try:
        blank_places(data)
    except UnreadableError as error:
        raise UnreadablePhotoError("The parts of this file cannot be told apart.") from error
    return bytes(data)


def _ask_child(job: str, folder: Path) -> dict[str, Any]:
    try:
        reply = fork_server.ask(job, folder, TIME_LIMIT_SECONDS)
    except ForkServerError as error:
        raise DecoderDiedError(str(error)) from error
    logger.debug("a decoder took %.2f s of a processor", reply["cpu_seconds"])
    if reply["is_late"]:
        raise DecoderDiedError(f"the decoder took over {TIME_LIMIT_SECONDS} s")
    if reply["status"] == -signal.SIGXCPU:
        raise UnreadablePhotoError("The photo takes too long to read.")
    if reply["status"] != 0:
        raise DecoderDiedError(f"the decoder ended with status {reply['status']}: {reply['said']}")
    return checked_answer(json.loads(reply["said"]))


def child_environment() -> dict[str, str]:
    """Return the environment of a decoder: one thread, and nothing of ours."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, **threads, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def checked_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what a decoder has found.

    Raises:
        UnreadablePhotoError: The file is at fault.
        TooLittleMemoryError: It needs more memory than it may take.
    """
    logger.debug("decoding took %d kB", answer.pop("peak_kilobytes"))
    if "error" in answer:
        raise UnreadablePhotoError(answer["error"])
    if "needs" in answer:
        raise TooLittleMemoryError(answer["needs"])
    if answer.get("taken_at") is not None:
        answer["taken_at"] = datetime.fromisoformat(answer["taken_at"])
    return answer


fork_server = ForkServer(CHILD, child_environment())
"""That of this process."""
os.register_at_fork(after_in_child=fork_server.forget)
