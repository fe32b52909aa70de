"""What the photo pipeline says about picture files on disk, without the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict
from uuid import UUID

from django.utils.translation import gettext

from webapp import vision
from webapp.analysis.models import Portrait
from webapp.core.words.names import folded
from webapp.photos.arrival import folders


class PersonReport(TypedDict):
    """Somebody a face may show; ``similarity`` is a cosine similarity."""

    name: str
    group: str | None
    similarity: float


class EmotionReport(TypedDict):
    """What a face expresses; ``label`` is ``None`` where the model abstains."""

    label: str | None
    probabilities: dict[str, float]


class FaceReport(TypedDict):
    """One face, in pixels of the upright picture."""

    box: list[float]
    score: float
    landmarks: list[list[float]]
    person: PersonReport | None
    candidates: list[PersonReport]
    emotion: EmotionReport | None
    quality: float


class PhotoReport(TypedDict):
    """One file. Where it could not be read, ``error`` says why and the rest is empty."""

    path: str
    width: int | None
    height: int | None
    error: str | None
    faces: list[FaceReport]
    portrait: str | None
    mask: str | None


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Who can be named, and what they are called.

    Attributes:
        people: The references to match against.
        names: Id of a person to name and group (``None`` without one).
    """

    people: vision.LibraryGallery
    names: Mapping[UUID, tuple[str, str | None]]

    def describe(self, candidate: vision.Candidate) -> PersonReport:
        """Return a candidate by name."""
        name, group = self.names[candidate.person]
        return {"name": name, "group": group, "similarity": round(candidate.similarity, 4)}


@dataclass(slots=True)
class Analyser:
    """Runs the pipeline over files.

    Attributes:
        known: Whom to name; without it no embedding is computed and every person is ``None``.
        portraits: Folder for portrait versions, or ``None`` for none.
        masks: Folder for person masks, or ``None`` for none.
        notes: What was left out, and why; each sentence once.
    """

    known: KnownNames | None = None
    portraits: Path | None = None
    masks: Path | None = None
    notes: set[str] = field(default_factory=set)
    _used: set[str] = field(default_factory=set)

    def analyse(self, path: Path) -> PhotoReport:
        """Report on one file; an unreadable one gets its error, and never stops the others.

        Raises:
            vision.UnavailableError: The detector is missing; no file can be reported on.
        """
        if not path.is_file():
            return _failed(path, gettext("There is no such file."))
        try:
            seen = vision.find_faces(path, embed=self.known is not None)
            if seen.names_unavailable:
                self.notes.add(seen.names_unavailable)
            faces = self._faces(path, seen)
            portrait, mask = self._portrait(path, faceless=not seen.faces)
        except (vision.UnreadablePhotoError, OSError) as error:
            return _failed(path, str(error))
        return {
            "path": folders.shown(path),
            "width": seen.width,
            "height": seen.height,
            "error": None,
            "faces": faces,
            "portrait": portrait,
            "mask": mask,
        }

    def _faces(self, path: Path, seen: vision.SeenPhoto) -> list[FaceReport]:
        names = self._names(seen)
        emotions = self._emotions(path, seen)
        return [
            {
                "box": list(face.shape.box),
                "score": face.shape.score,
                "landmarks": [list(point) for point in face.shape.landmarks],
                "person": person,
                "candidates": candidates,
                "emotion": emotion,
                "quality": round(face.quality, 4),
            }
            for face, (person, candidates), emotion in zip(seen.faces, names, emotions, strict=True)
        ]

    def _names(
        self, seen: vision.SeenPhoto
    ) -> list[tuple[PersonReport | None, list[PersonReport]]]:
        if self.known is None:
            return [(None, [])] * len(seen.faces)
        probes = [vision.Probe(face.embedding, seen.embedder, face.quality) for face in seen.faces]
        describe = self.known.describe
        return [
            (
                describe(naming.match) if naming.match else None,
                [describe(candidate) for candidate in naming.candidates],
            )
            for naming in self.known.people.name_faces(probes)
        ]

    def _emotions(self, path: Path, seen: vision.SeenPhoto) -> list[EmotionReport | None]:
        nothing: list[EmotionReport | None] = [None] * len(seen.faces)
        if not seen.faces:
            return nothing
        try:
            _, found = vision.classify_emotions(path, [face.shape for face in seen.faces])
        except vision.UnavailableError as error:
            self.notes.add(str(error))
            return nothing
        return [{"label": one.label or None, "probabilities": one.probabilities} for one in found]

    def _portrait(self, path: Path, *, faceless: bool) -> tuple[str | None, str | None]:
        """Write portrait and mask where they are wanted; returns their paths."""
        if self.portraits is None and self.masks is None:
            return None, None
        try:
            made = vision.make_portrait(path, Portrait.DEFAULT_STRENGTH, faceless=faceless)
        except vision.UnavailableError as error:
            self.notes.add(str(error))
            return None, None
        if not made.has_person:
            return None, None
        name = self._unused(path.stem)
        return (
            _write(self.portraits, f"{name}.jpg", made.full),
            _write(self.masks, f"{name}.png", made.alpha),
        )

    def _unused(self, stem: str) -> str:
        """Return a file name for a picture; several folders may hold the same one."""
        number, name = 1, stem
        while folded(name) in self._used:
            number += 1
            name = f"{stem}-{number}"
        self._used.add(folded(name))
        return name


def pictures_in(paths: Iterable[Path]) -> folders.Contents:
    """Return files as they are given and, of folders, the pictures in them; none comes twice."""
    found = folders.Contents()
    for path in paths:
        inner = folders.look_through(path) if path.is_dir() else folders.Contents([path])
        found.pictures += inner.pictures
        found.passed += inner.passed
    found.pictures = list(dict.fromkeys(found.pictures))
    return found


def _write(folder: Path | None, name: str, content: bytes) -> str | None:
    if folder is None:
        return None
    path = folder / name
    path.write_bytes(content)
    return str(path)


def _failed(path: Path, reason: str) -> PhotoReport:
    return {
        "path": folders.shown(path),
        "width": None,
        "height": None,
        "error": reason,
        "faces": [],
        "portrait": None,
        "mask": None,
    }
