"""What the engine says about a frame, in the words of ``inference/protocol/messages.py``."""

from inference.engine.analysis import View
from inference.engine.galleries import LiveGallery
from inference.engine.mailboxes import Frame
from inference.protocol.messages import Dropped, LiveFace, RefusalCode, Refused, Result
from inference.tracking.tracker import Track
from inference.types import Face

Times = tuple[float, float, float, float]
"""When a step began, had decoded, had found the faces, and ended; seconds of the engine's clock."""


def result_of(view: View, gallery: LiveGallery | None, times: Times) -> Result:
    """Describe what one frame shows."""
    started, decoded_at, found_at, ended = times
    frame, decoded = view.frame, view.decoded
    result: Result = {
        "type": "result",
        "camera": frame.camera[1],
        "frame": frame.number,
        "captured_at": frame.captured_at,
        "width": decoded.width,
        "height": decoded.height,
        "faces": [_live_face(track, face, view, gallery) for track, face in view.shown],
        "timing": {
            "queue_ms": _milliseconds(started - frame.arrived_at),
            "decode_ms": _milliseconds(decoded_at - started),
            "detect_ms": _milliseconds(found_at - decoded_at),
            "total_ms": _milliseconds(ended - frame.arrived_at),
        },
        "detected": view.search != "none",
        "dropped": view.camera.dropped,
    }
    if view.portrait is not None:
        result["portrait"] = view.portrait
    return result


def refusal(camera: str | None, frame: int | None, code: RefusalCode, message: str) -> Refused:
    """Say why something cannot be used."""
    return {
        "type": "refused",
        "camera": camera,
        "frame": frame,
        "code": code,
        "message": message,
    }


def dropped(frame: Frame) -> Dropped:
    """Say that a frame was not read."""
    return {"type": "dropped", "camera": frame.camera[1], "frame": frame.number}


def _live_face(track: Track, face: Face, view: View, gallery: LiveGallery | None) -> LiveFace:
    """Describe one face in pixels of the frame as it was sent."""
    scale, want = view.decoded.scale, view.frame.want
    x1, y1, x2, y2 = (round(side * scale, 1) for side in face.box)
    name = track.name if "names" in want and gallery is not None else None
    emotions = track.emotions if "emotions" in want else None
    probabilities = dict(emotions.probabilities) if emotions else {}
    return {
        "track": track.id,
        "box": (x1, y1, x2, y2),
        "score": round(face.score, 4),
        "landmarks": [
            (round(float(x) * scale, 1), round(float(y) * scale, 1)) for x, y in face.landmarks
        ],
        "person": name.key if name else None,
        "name": gallery.names.get(name.key) if name and gallery else None,
        "similarity": round(name.similarity, 4) if name else None,
        "is_sure": name is not None and name.is_sure,
        "emotion": emotions.label if emotions else None,
        "emotions": {label: round(p, 4) for label, p in probabilities.items()} or None,
        "quality": round(track.quality, 3),
        "is_seen": track.seen_at == view.time,
    }


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
