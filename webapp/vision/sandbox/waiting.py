"""Pictures decoded one by one, each by a process of its own that has started before it is needed.

A decoder is a large program fed by strangers, so it gets one picture, little memory and little
time, and ends. Its start takes longer than most pictures; here the next one starts while the
models look at the last picture.
"""

import json
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from webapp.vision.sandbox.photos import (
    CHILD,
    TIME_LIMIT_SECONDS,
    DecoderDiedError,
    checked_answer,
    child_environment,
)


class WaitingDecoder:
    """Decodes pictures to lossless files. Safe to call from several threads, one at a time."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def decode(self, source: Path, target: Path) -> None:
        """Decode a picture upright into sRGB and write it as a PNG.

        Raises:
            webapp.vision.sandbox.photos.UnreadablePhotoError: The file is at fault.
            webapp.vision.sandbox.photos.TooLittleMemoryError: It needs too much memory.
            DecoderDiedError: The process crashed, was killed or hung.
        """
        with self._lock:
            child, self._child = self._waiting(), None
            try:
                # One that has just ended, as nobody needed it for minutes, says nothing.
                answer = _ask(child, source, target) or _ask(_started(), source, target)
            finally:
                self._child = _started()
        if answer is None:
            raise DecoderDiedError("the decoder has said nothing")
        checked_answer(answer)

    def stop(self) -> None:
        """End the process that waits."""
        with self._lock:
            if self._child is not None:
                _end(self._child)
            self._child = None

    def _waiting(self) -> "subprocess.Popen[bytes]":
        """Return a process that waits; one that has waited for too long has ended by itself."""
        if self._child is not None and self._child.poll() is None:
            return self._child
        if self._child is not None:
            _end(self._child)
        return _started()


def _started() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own file
        [sys.executable, "-P", "-W", "ignore", str(CHILD), "--wait"],
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _ask(child: "subprocess.Popen[bytes]", source: Path, target: Path) -> dict[str, object] | None:
    """Give a child its one picture and wait for its end; ``None`` if it was at its end before."""
    wish = json.dumps([str(source), str(target)]).encode()
    try:
        said, _ = child.communicate(wish, timeout=TIME_LIMIT_SECONDS)
    except subprocess.TimeoutExpired as error:
        _end(child)
        raise DecoderDiedError(f"the decoder took over {TIME_LIMIT_SECONDS} s") from error
    if child.returncode != 0:
        raise DecoderDiedError(f"the decoder ended with status {child.returncode}")
    answer: dict[str, object] | None = json.loads(said) if said else None
    return answer


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.kill()
    with suppress(OSError, ValueError):
        child.communicate(timeout=5)


decoder = WaitingDecoder()
"""That of this process."""
