"""From a frame of a step to the moments of its camera, and to the messages that tell them."""

from collections.abc import Mapping
from uuid import uuid4

from inference.engine.analysis import View
from inference.engine.galleries import LiveGallery
from inference.moments.candidates import Candidate, ChosenMoment, Star
from inference.moments.observer import SeenFace, SeenFrame
from inference.protocol.messages import MomentChosen, MomentFrame
from inference.tracking.tracker import Track
from inference.types import Face


def observe(view: View, galleries: Mapping[str, LiveGallery]) -> list[ChosenMoment]:
    """Score the faces that are really on a frame; returns the moments that are decided by now."""
    observer = view.camera.observer
    if not observer.taste.is_wanted:
        return []
    gallery = galleries.get(view.camera.gallery)
    decoded = view.decoded
    frame = SeenFrame(
        image=decoded.image,
        time=view.time,
        number=view.frame.number,
        captured_at=view.frame.captured_at,
        width=decoded.width,
        height=decoded.height,
        scale=decoded.scale,
    )
    faces = [_seen_face(track, face, gallery) for track, face in view.seen()]
    return observer.observe(frame, faces)


def moment_message(camera: str, moment: ChosenMoment) -> MomentChosen:
    """Put a moment into words for the web process."""
    best = moment.best
    return {
        "type": "moment",
        "camera": camera,
        "key": uuid4().hex,
        "people": [{"person": star.person, "name": star.name} for star in moment.stars],
        "track": best.track,
        "emotion": best.emotion,
        "emotions": {label: round(share, 4) for label, share in best.emotions.items()},
        "peak_at": round(moment.peak_at, 1),
        "frames": [_frame_message(frame) for frame in moment.frames],
    }


def _frame_message(frame: Candidate) -> MomentFrame:
    return {
        "frame": frame.number,
        "captured_at": frame.captured_at,
        "score": round(frame.score, 4),
        "terms": frame.terms,
        "reason": frame.reason,
        "box": frame.box,
        "width": frame.width,
        "height": frame.height,
    }


def _seen_face(track: Track, face: Face, gallery: LiveGallery | None) -> SeenFace:
    reading = track.reading
    star = None
    if track.name is not None and track.name.is_sure and gallery is not None:
        star = Star(track.name.key, gallery.names.get(track.name.key, ""))
    across, along = track.motion.drift.tolist()
    return SeenFace(
        track=track.id,
        frames=track.frames,
        face=face,
        star=star,
        is_supposed=track.name is not None,
        emotion=track.instant.label,
        emotions=reading.probabilities if reading else None,
        speed=float(across**2 + along**2) ** 0.5 / max(face.width, 1.0),
        embedding=track.probe.embedding,
    )
