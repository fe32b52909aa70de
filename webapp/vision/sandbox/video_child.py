"""The process that reads a video: ``python video_child.py JSON``.

The argument says ``path`` and what is wanted: ``facts``; ``frames`` of a stretch, scaled down;
``pictures`` at exact ticks, as JPEGs of full size; or a ``fancam`` or a ``clip``, the only things
that are written to files. The answer is a line of JSON for each picture,
followed by the bytes it announces, and a last line with ``end`` or ``error``. It has no Django and
no models, limits on memory and time, and dies with its parent.
"""

import ctypes
import io
import json
import math
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from inference.errors import VideoError
from inference.types import RGBImage
from inference.video.reader import open_video, read_facts

MEMORY_BYTES = 4_000_000_000
"""Address space: the reference pictures of an 8K stream in two threads, and the libraries."""
QUALITY = 95
_ROUNDING = 1e-6
"""Of a step; 0.6 / 0.2 is a little less than 3."""

_PR_SET_PDEATHSIG = 1


def main(wanted: dict[str, Any]) -> None:
    """Answer one request on the standard output."""
    path = Path(wanted["path"])
    try:
        if wanted["what"] == "facts":
            end = send_facts(path)
        elif wanted["what"] == "frames":
            end = send_frames(path, wanted)
        elif wanted["what"] == "fancam":
            end = send_fancam(path, wanted)
        elif wanted["what"] == "clip":
            end = send_clip(path, wanted)
        else:
            end = send_pictures(path, wanted["ticks"])
    except VideoError as error:
        end = {"error": str(error)}
    except MemoryError:
        end = {"error": "The video needs more memory than this server gives to one."}
    send(end)


def send_facts(path: Path) -> dict[str, Any]:
    """Return what the video is."""
    facts = read_facts(path)
    return {
        "end": True,
        "width": facts.width,
        "height": facts.height,
        "seconds": facts.seconds,
        "recorded_at": facts.recorded_at.isoformat() if facts.recorded_at else None,
    }


def send_frames(path: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Send the first frame after each multiple of ``step`` seconds from ``start`` to ``stop``.

    The grid does not depend on ``start``, so any two stretches agree on where they overlap.
    """
    start, stop, step = wanted["start"], wanted["stop"], wanted["step"]
    first = math.ceil(start / step - _ROUNDING)
    past = math.ceil(stop / step) + 1

    def slot_of(seconds: float) -> int | None:
        slot = int(seconds / step + _ROUNDING)
        return past if seconds >= stop else slot if slot >= first else None

    reached, is_over = 0.0, True
    with open_video(path) as reader:
        for tick, frame in reader.first_frames(slot_of, start):
            seconds = reader.seconds_of(tick)
            if seconds >= stop:
                is_over = False
                break
            reached = max(reached, seconds)
            image = reader.upright(frame, wanted["side"])
            width, height = reader.upright_size(frame)
            about = {"tick": tick, "seconds": seconds, "width": width, "height": height}
            send(about | {"shape": image.shape}, image.tobytes())
        return {"end": True, "reached": reached, "is_over": is_over, "faults": reader.faults}


def send_pictures(path: Path, ticks: list[int]) -> dict[str, Any]:
    """Send the frames of these ticks as JPEGs of full size."""
    with open_video(path) as reader:
        for tick, frame in reader.frames_at(ticks):
            send({"tick": tick}, _jpeg(reader.upright(frame), f"{path.name} {tick}"))
    return {"end": True}


def send_fancam(path: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Cut a fancam into the file ``target`` and send the share that is done, again and again."""
    import numpy as np

    from inference.fancam.rendering import render

    with np.load(wanted["plan"], allow_pickle=False) as plan:
        times, windows, caption = plan["times"], plan["windows"], plan["caption"]

    def window_at(second: float) -> tuple[float, ...]:
        return tuple(float(np.interp(second, times, side)) for side in windows.T)

    render(
        path,
        Path(wanted["target"]),
        span=(wanted["start"], wanted["stop"]),
        window_at=window_at,
        caption=caption if caption.size else None,
        tell=lambda share: send({"share": share}),
    )
    return {"end": True}


def send_clip(path: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Cut a clip into ``target`` and ``animation``; sends the share that is done."""
    from inference.fancam.clips import render_clip

    render_clip(
        path,
        Path(wanted["target"]),
        Path(wanted["animation"]),
        span=(wanted["start"], wanted["stop"]),
        tell=lambda share: send({"share": share}),
    )
    return {"end": True}


def _jpeg(image: RGBImage, comment: str) -> bytes:
    """Encode a picture. The comment makes each frame a file of its own, even if nothing moves."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(
        buffer, "JPEG", quality=QUALITY, subsampling=0, comment=comment.encode()
    )
    return buffer.getvalue()


def send(about: dict[str, Any], content: bytes = b"") -> None:
    """Write one line of JSON and the bytes it announces."""
    line = json.dumps(about | {"bytes": len(content)}).encode() + b"\n"
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def limit_this_process(cpu_seconds: int, file_bytes: int = 0) -> None:
    """Cap memory, processor time and files, forbid core dumps, and die when the parent dies."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    os.umask(0o077)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    request = json.loads(sys.argv[1])
    limit_this_process(request["cpu_seconds"], request.get("file_bytes", 0))
    main(request)
