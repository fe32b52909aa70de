"""One step of the engine: the frames of several cameras through every network together.

Search (some frames) -> follow (the others) -> look (who is it, rarely) -> read (expressions) ->
name. Each stage is one batch over all cameras of the step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from inference.engine.camera import COARSE_EVERY, Camera, Search
from inference.engine.frames import DecodedFrame
from inference.engine.galleries import LiveGallery
from inference.engine.mailboxes import Frame
from inference.engine.models import LiveModels, Sighting
from inference.protocol.messages import Label, PortraitMask
from inference.tracking.naming import Evidence, Nearness, choose_names
from inference.tracking.tracker import Track
from inference.types import Embedding, EmotionPrediction, Face

KEEP_SCORE = 0.5
"""A followed face may look a little worse than one that is found (0.7) and still be there."""

MIN_LOOK_QUALITY = 0.15
"""Below this an embedding says little about who it is (recognition model card)."""

LOOKS_PER_FRAME = 2
"""Embeddings per frame of a step; they are the dearest part, and names may come a frame later."""

FIRST_LOOKS, ENOUGH_LOOKS = 2, 4
"""Until there are so many, a face is looked at again at once, and soon."""

FIRST_LOOK_SECONDS, DOUBTFUL_LOOK_SECONDS, SURE_LOOK_SECONDS = 0.15, 0.8, 3.0
"""Until the next look: at a new face, at one nobody is sure of, at one with a clear name."""

CLEAR_MARGIN = 0.08
READ_SECONDS = 0.12
"""Between two readings of an expression; about every second frame of a 15 fps camera."""

_SWIFT_CHANGE = 0.2
"""From this distance of what was read to what is shown, every frame is read: a moment may be
swifter than ``READ_SECONDS``. Half the sum of differences of probabilities, 0 to 1."""


@dataclass(eq=False)
class View:
    """One frame on its way through a step.

    Attributes:
        camera: Whose it is.
        frame: As it came.
        decoded: As pixels.
        time: In seconds of the camera.
        can_name: Whether there is anybody to be named. Where there is nobody, above all where
            nobody consented to recognition, no face is embedded.
        search: How it is searched.
        shown: The tracks to draw, with their faces on this frame.
        portrait: What stands out in it, if that was wanted and looked at.
    """

    camera: Camera
    frame: Frame
    decoded: DecodedFrame
    time: float
    can_name: bool = True
    search: Search = "none"
    shown: list[tuple[Track, Face]] = field(default_factory=list)
    portrait: PortraitMask | None = None

    def seen(self) -> list[tuple[Track, Face]]:
        """Return the tracks whose face is really on this frame."""
        return [(track, face) for track, face in self.shown if track.seen_at == self.time]

    def wants(self, label: Label) -> bool:
        """Tell whether a label is to be found out, for its camera or for its moments."""
        return label in self.frame.want or self.camera.observer.taste.is_wanted


class Analysis:
    """Runs steps. One thread at a time."""

    def __init__(self, models: LiveModels) -> None:
        self._models = models
        names = models.names
        self._can_name = names["embedder"] is not None
        self._can_read = names["emotion"] is not None
        self.detections = 0
        self.embeddings = 0

    def find(self, views: Sequence[View], every: int) -> None:
        """Search some frames whole and follow the known faces on the others."""
        for view in views:
            if view.camera.scene.is_cut_by(view.decoded.image):
                view.camera.tracker.doubt(view.time)
        _plan(views, every)
        self._follow(
            [
                (
                    view,
                    list(view.camera.tracker.tracks) if view.search == "none" else self._find(view),
                )
                for view in views
            ]
        )
        for view in views:
            image = view.decoded.image
            height, width = image.shape[:2]
            tracker = view.camera.tracker
            view.shown = tracker.shown(view.time, width, height)
            view.camera.is_calm = tracker.is_calm(view.time, width, height)

    def describe(self, views: Sequence[View], galleries: Mapping[str, LiveGallery]) -> None:
        """Find out who the shown faces are and what they express."""
        if self._can_name:
            self._look([view for view in views if view.can_name and view.wants("names")])
            for view in views:
                self._name(view, galleries.get(view.camera.gallery))
        if self._can_read:
            self._read([view for view in views if view.wants("emotions")])

    def _find(self, view: View) -> list[Track]:
        """Take in what the detector finds; returns the tracks that it did not find."""
        self.detections += 1
        tracker, image = view.camera.tracker, view.decoded.image
        faces = self._models.detect(image, is_coarse=view.search == "coarse")
        can_name = self._can_name and view.can_name
        doubtful = tracker.doubtful(faces, view.time) if can_name else []
        clear = [
            index
            for index in doubtful
            if self._models.quality((image, faces[index])) >= MIN_LOOK_QUALITY
        ]
        embeddings = self._embed([(image, faces[index]) for index in clear])
        return tracker.match(faces, view.time, dict(zip(clear, embeddings, strict=True)))

    def _follow(self, expected: Sequence[tuple[View, list[Track]]]) -> None:
        """Look for tracks where they should be now, in all pictures together."""
        places = [view.camera.tracker.predict(tracks, view.time) for view, tracks in expected]
        pictures = [view.decoded.image for view, _ in expected]
        found = self._models.refine(list(zip(pictures, places, strict=True)))
        for (view, tracks), faces in zip(expected, found, strict=True):
            tracker = view.camera.tracker
            there = [face if face.score >= KEEP_SCORE else None for face in faces]
            tracker.follow(list(zip(tracks, there, strict=True)), view.time)
            view.camera.note_search(view.search)

    def _look(self, views: Sequence[View]) -> None:
        """Embed the faces that are new, doubtful or not looked at for long, a few per step."""
        waiting = [
            (view, track, face)
            for view in views
            for track, face in view.seen()
            if track.look_at <= view.time and track.frames >= 2
        ]
        # The least known first; among them those that have waited longest.
        waiting.sort(key=lambda entry: (_known(entry[1]), entry[1].look_at))
        chosen: list[tuple[View, Track, Face]] = []
        for view, track, face in waiting[: 4 * LOOKS_PER_FRAME * len(views)]:
            track.quality = self._models.quality((view.decoded.image, face))
            if track.quality < MIN_LOOK_QUALITY:
                track.look_at = view.time + FIRST_LOOK_SECONDS
            elif len(chosen) < LOOKS_PER_FRAME * len(views):
                chosen.append((view, track, face))
        rows = self._embed([(view.decoded.image, face) for view, _, face in chosen])
        for (view, track, _), row in zip(chosen, rows, strict=True):
            view.camera.tracker.look(track, row, view.time)
            track.look_at = view.time + _pause_seconds(track)

    def _embed(self, sightings: Sequence[Sighting]) -> list[Embedding]:
        self.embeddings += len(sightings)
        return list(self._models.embed(sightings)) if sightings else []

    def _name(self, view: View, gallery: LiveGallery | None) -> None:
        """Choose the names of one frame, when something about them has changed."""
        tracks = [track for track, _ in view.shown]
        revision = gallery.revision if gallery else -1
        if not view.camera.note_names(tracks, revision):
            return
        if gallery is None:
            for track in tracks:
                track.name, track.margin = None, 1.0
            return
        nearness = _nearness(tracks, gallery)
        evidence = [
            Evidence.of(track.probe, row, track.name)
            for track, row in zip(tracks, nearness, strict=True)
        ]
        names = choose_names(gallery.gallery, evidence)
        for track, name, row in zip(tracks, names, nearness, strict=True):
            track.name = name
            track.margin = float(row.max(initial=-1.0)) - gallery.gallery.threshold

    def _read(self, views: Sequence[View]) -> None:
        """Read the expressions that were not read for a moment."""
        due = [
            (view, track, face)
            for view in views
            for track, face in view.seen()
            if track.read_at <= view.time
        ]
        if not due:
            return
        sightings = [(view.decoded.image, face) for view, _, face in due]
        for (view, track, _), prediction in zip(
            due, self._models.read_emotions(sightings), strict=True
        ):
            is_swift = _change(track.emotions.probabilities, prediction) >= _SWIFT_CHANGE
            track.emotions.update(prediction, view.time)
            track.instant.update(prediction, view.time)
            track.reading = prediction
            is_observed = view.camera.observer.taste.is_wanted
            track.read_at = view.time + (0.0 if is_swift and is_observed else READ_SECONDS)


def _plan(views: Sequence[View], every: int) -> None:
    """Choose how each frame is searched, so that no step takes much longer than the others.

    When many cameras are due at once, the ones that have waited longest go first, new cameras
    before all; the others are followed meanwhile.
    """
    due = [(view, view.camera.search_due(every)) for view in views]
    whole = [view for view, search in due if search == "whole"]
    whole.sort(key=lambda view: -_waited(view.camera))
    for view in whole[: -(-len(views) // every)]:
        view.search = "whole"
    coarse = [view for view, search in due if search != "none" and view.search == "none"]
    coarse.sort(key=lambda view: -view.camera.since_search)
    for view in coarse[: -(-len(views) // COARSE_EVERY)]:
        view.search = "coarse"


def _waited(camera: Camera) -> float:
    """Return the frames since the last whole search; a new camera has waited for ever."""
    return float("inf") if camera.since_whole is None else camera.since_whole


def _change(shown: Mapping[str, float], read: EmotionPrediction) -> float:
    """Return how far a reading lies from what is shown, 0 to 1; 0 where nothing is shown yet."""
    if not shown:
        return 0.0
    return (
        sum(abs(share - shown.get(label, 0.0)) for label, share in read.probabilities.items()) / 2
    )


def _known(track: Track) -> int:
    """Return how little a look at a track is worth; 0 for who is new or may be somebody else."""
    return 0 if track.probe.is_unsettled else min(track.probe.count, FIRST_LOOKS)


def _pause_seconds(track: Track) -> float:
    """Return how long a track needs no other look, by how sure its name is."""
    if track.probe.count < FIRST_LOOKS or track.probe.is_unsettled:
        return FIRST_LOOK_SECONDS
    is_open = track.name is not None and not track.name.is_sure
    is_clear = abs(track.margin) >= CLEAR_MARGIN and not is_open
    if track.probe.count < ENOUGH_LOOKS or not is_clear:
        return DOUBTFUL_LOOK_SECONDS
    return SURE_LOOK_SECONDS


def _nearness(tracks: Sequence[Track], gallery: LiveGallery) -> list[Nearness]:
    """Compare the mean look of each track with everybody; -1 where there is no look yet."""
    nearness = np.full((len(tracks), len(gallery.gallery.keys)), -1.0, dtype=np.float32)
    means = {
        row: track.probe.raw for row, track in enumerate(tracks) if track.probe.raw is not None
    }
    if means:
        probes = gallery.space.apply(np.stack(list(means.values())))
        nearness[list(means)] = gallery.gallery.similarities(probes)
    return list(nearness)
