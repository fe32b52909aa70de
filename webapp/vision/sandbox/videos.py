"""Videos from outside: their header checked here, everything else done in a limited child process.

Whatever a file does to a decoder, this process goes on.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from inference.types import RGBImage

_ROOT = Path(__file__).resolve().parents[3]
_CHILD = Path(__file__).with_name("video_child.py")
FACTS_CPU_SECONDS = 60
STRETCH_CPU_SECONDS = 240
"""Two threads decode; the job around it has 300 s."""
FANCAM_CPU_SHARE = 8
"""Processor seconds for a second of film: 4K needs most, HD about one."""
FANCAM_BYTES = 4_000_000_000
CLIP_CPU_SHARE = 12
"""As for a fancam, and its animation."""
CLIP_BYTES = 400_000_000
_MAX_LINE = 10_000

TOO_LONG = "The video takes too long to read."
_PASSED_ON = ("PATH", "LANG")


class UnreadableVideoError(Exception):
    """The file cannot be read as a video; the text says why, for the user."""


class ReaderDiedError(Exception):
    """The reading process crashed or was killed; another try may help."""


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of a video after opening it.

    Attributes:
        width: Of the upright picture in pixels; ``height`` likewise.
        seconds: How long it says it is; where it does not say, how far its packets reach.
        recorded_at: When the recording began, by the recorder's word; ``None`` when unknown.
    """

    width: int
    height: int
    seconds: float
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True, eq=False)
class StretchFrame:
    """One picture of a stretch.

    Attributes:
        tick: Names the frame in its file (``inference.video.reader``).
        seconds: Since the beginning of the video.
        image: ``(H, W, 3)`` uint8 RGB, upright, perhaps scaled down.
        width: Of the upright frame in full size; ``height`` likewise.
    """

    tick: int
    seconds: float
    image: "RGBImage"
    width: int
    height: int


@dataclass(slots=True)
class Stretch:
    """The pictures of a part of a video, read while they are used.

    Attributes:
        reached: Time of the last one given, in seconds; known when the frames are used up.
        is_over: Whether the video ends within this stretch; likewise.
        faults: Packets that could not be decoded; likewise.
    """

    frames: Iterator[StretchFrame] = field(repr=False)
    reached: float = 0.0
    is_over: bool = False
    faults: int = 0


def check_header(path: Path) -> None:
    """Refuse what is no MP4, MOV or WebM, from its first bytes.

    Raises:
        UnreadableVideoError: With the reason for the user.
    """
    from inference.errors import VideoError
    from inference.video.headers import demuxer_of

    try:
        demuxer_of(path)
    except VideoError as error:
        raise UnreadableVideoError(str(error)) from error


def content_type_of(path: Path) -> str:
    """Return as what a browser is to play a video, by its first bytes.

    A file that is missing or no video has the type of an MP4; sending it fails by itself.
    """
    from inference.errors import VideoError
    from inference.video.headers import demuxer_of

    try:
        return "video/webm" if demuxer_of(path) == "matroska" else "video/mp4"
    except (VideoError, OSError):
        return "video/mp4"


def blank_places(path: Path) -> bool:
    """Blank whatever says where a video was filmed, in place; returns whether that was anything.

    Nothing is decoded, and only a page of the file is held at a time.

    Raises:
        UnreadableVideoError: Its parts cannot be told apart.
    """
    from inference.errors import VideoError
    from inference.places import videos

    try:
        return videos.blank_places(path)
    except VideoError as error:
        raise UnreadableVideoError(str(error)) from error


def read_facts(path: Path) -> VideoFacts:
    """Open a video and decode its first picture, in a process of its own.

    Raises:
        UnreadableVideoError: The file is at fault.
        ReaderDiedError: The process crashed or was killed.
    """
    with _answers(path, "facts", FACTS_CPU_SECONDS) as answers:
        for about, _ in answers:
            recorded_at = about["recorded_at"]
            return VideoFacts(
                width=about["width"],
                height=about["height"],
                seconds=about["seconds"],
                recorded_at=datetime.fromisoformat(recorded_at) if recorded_at else None,
            )
    raise ReaderDiedError("the reader gave no answer")


@contextmanager
def open_stretch(
    path: Path, start: float, stop: float, *, step: float, side: int
) -> Iterator[Stretch]:
    """Read the frames with ``start <= seconds < stop``, one for each ``step`` seconds.

    They are decoded in a process of its own while the caller works on the earlier ones.

    Args:
        path: The video.
        start: In seconds.
        stop: In seconds.
        step: Between two frames; a video with fewer gives all it has.
        side: Longest side of the pictures in pixels.

    Raises:
        UnreadableVideoError: The file is at fault; may come in the middle of the frames.
        ReaderDiedError: The process crashed or was killed; likewise.
    """
    wanted = {"start": start, "stop": stop, "step": step, "side": side}
    with _answers(path, "frames", STRETCH_CPU_SECONDS, **wanted) as answers:
        stretch = Stretch(iter(()))
        stretch.frames = _frames(answers, stretch)
        yield stretch


def _frames(
    answers: Iterator[tuple[dict[str, Any], bytes]], end: Stretch
) -> Iterator[StretchFrame]:
    for about, content in answers:
        if "end" in about:
            end.reached, end.is_over = about["reached"], about["is_over"]
            end.faults = about["faults"]
            return
        image = np.frombuffer(content, dtype=np.uint8).reshape(about["shape"])
        yield StretchFrame(about["tick"], about["seconds"], image, about["width"], about["height"])


def read_pictures(path: Path, ticks: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield the frames of these ticks as JPEGs of full size, in the order of time.

    A frame that is not there or cannot be decoded is left out.

    Raises:
        UnreadableVideoError: The file is at fault.
        ReaderDiedError: The process crashed or was killed.
    """
    if not ticks:
        return
    with _answers(path, "pictures", STRETCH_CPU_SECONDS, ticks=list(ticks)) as answers:
        for about, content in answers:
            if "end" in about:
                return
            yield about["tick"], content


def cut_fancam(
    path: Path, target: Path, plan: Path, span: tuple[float, float], tell: Callable[[float], None]
) -> None:
    """Cut a tall film out of a part of a video, in a process of its own.

    Args:
        path: The video.
        target: Written anew.
        plan: Where the window goes (``webapp.vision.films.fancams``).
        span: First and last second.
        tell: Called with the share that is done; may raise to stop.

    Raises:
        UnreadableVideoError: The file is at fault.
        ReaderDiedError: The process crashed or was killed.
    """
    cpu_seconds = round(FANCAM_CPU_SHARE * (span[1] - span[0])) + FACTS_CPU_SECONDS
    wanted = {"target": str(target), "plan": str(plan), "start": span[0], "stop": span[1]}
    limits = {"file_bytes": FANCAM_BYTES}
    with _answers(path, "fancam", cpu_seconds, **wanted, **limits) as answers:
        for about, _ in answers:
            if "end" in about:
                return
            tell(about["share"])
    raise ReaderDiedError("the fancam was not finished")


def cut_clip(
    path: Path,
    target: Path,
    animation: Path,
    span: tuple[float, float],
    tell: Callable[[float], None],
) -> None:
    """Cut a part of a video as it is into a film and an animation, in a process of its own.

    Raises:
        UnreadableVideoError: The file is at fault.
        ReaderDiedError: The process crashed or was killed.
    """
    cpu_seconds = round(CLIP_CPU_SHARE * (span[1] - span[0])) + FACTS_CPU_SECONDS
    files = {"target": str(target), "animation": str(animation), "file_bytes": CLIP_BYTES}
    span_named = {"start": span[0], "stop": span[1]}
    with _answers(path, "clip", cpu_seconds, **files, **span_named) as answers:
        for about, _ in answers:
            if "end" in about:
                return
            tell(about["share"])
    raise ReaderDiedError("the clip was not finished")


@contextmanager
def _answers(
    path: Path, what: str, cpu_seconds: int, **wanted: Any
) -> Iterator[Iterator[tuple[dict[str, Any], bytes]]]:
    """Start a reader and yield its answers; it ends with the context, whatever it is doing."""
    if not path.is_file():
        raise FileNotFoundError(path)
    request = {"path": str(path), "what": what, "cpu_seconds": cpu_seconds, **wanted}
    child = subprocess.Popen(  # noqa: S603 - our own file, and the path is ours too
        [sys.executable, "-P", "-W", "ignore", str(_CHILD), json.dumps(request)],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with child:
        try:
            if child.stdout is None:
                raise ReaderDiedError("the reader has no output")
            yield _read_answers(child, child.stdout)
        finally:
            child.kill()


def _read_answers(
    child: "subprocess.Popen[bytes]", output: IO[bytes]
) -> Iterator[tuple[dict[str, Any], bytes]]:
    while line := output.readline(_MAX_LINE):
        about: dict[str, Any] = json.loads(line)
        if "error" in about:
            raise UnreadableVideoError(about["error"])
        content = output.read(about["bytes"])
        if len(content) < about["bytes"]:
            break
        yield about, content
        if "end" in about:
            return
    status = child.wait()
    if status == -signal.SIGXCPU:
        raise UnreadableVideoError(TOO_LONG)
    raise ReaderDiedError(f"the reader ended with status {status}")


def _environment() -> dict[str, str]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, **threads, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
