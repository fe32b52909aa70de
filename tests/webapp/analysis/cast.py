"""Photos, faces and people to test with, and models whose answers the test decides."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from PIL import Image

from webapp import vision
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace
from webapp.core import jobs
from webapp.people.gallery.changes import mark_change
from webapp.people.models import Person, Reference
from webapp.people.storage import write_crop
from webapp.photos import counts
from webapp.photos.models import Photo
from webapp.photos.storage import files_of
from webapp.vision.boxes import pair_boxes

EMBEDDER = "dlib-resnet@testtest"
DIMENSIONS = 128
WIDTH, HEIGHT = 600, 400
_numbers = itertools.count(1)


def embedding(axis: int, towards: int = 0, similarity: float = 1.0) -> bytes:
    """Return a unit vector along one axis, or one of a given similarity to it.

    Args:
        axis: Faces of the same axis show the same person; different axes are at right angles.
        towards: The axis that makes up the rest where ``similarity`` is below 1.
        similarity: Cosine similarity to the pure axis.
    """
    row = np.zeros(DIMENSIONS, dtype="<f4")
    row[axis] = similarity
    row[towards] += np.sqrt(1 - similarity**2)
    return row.tobytes()


def box_at(place: int) -> vision.Box:
    """Return one of five boxes side by side."""
    left = 10.0 + 110 * place
    return left, 50.0, left + 80, 150.0


def landmarks_in(box: vision.Box) -> tuple[tuple[float, float], ...]:
    """Return five points where a face in this box would have them."""
    x1, y1, x2, y2 = box
    places = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
    return tuple((x1 + u * (x2 - x1), y1 + v * (y2 - y1)) for u, v in places)


def seen_face(
    place: int = 0, of: bytes | None = None, *, quality: float = 0.9, box: vision.Box | None = None
) -> vision.SeenFace:
    """Return a face as the models would report it."""
    box = box or box_at(place)
    return vision.SeenFace(vision.FaceShape(box, 0.99, landmarks_in(box)), quality, of)


def _with_landmarks(shape: vision.FaceShape) -> vision.FaceShape:
    return replace(shape, landmarks=shape.landmarks or landmarks_in(shape.box))


def make_photo(owner: User, *, with_files: bool = True, **fields: Any) -> Photo:
    """Make a photo that was read; its picture is a gradient."""
    number = next(_numbers)
    values = {
        "display_name": f"photo {number}.jpg",
        "sha256": hashlib.sha256(str(number).encode()).hexdigest(),
        "bytes": 1000,
        "format": "JPEG",
        "width": WIDTH,
        "height": HEIGHT,
        "state": Photo.State.READY,
    }
    photo = Photo.objects.create(owner=owner, **{**values, **fields})
    counts.changed([photo.pk])
    if with_files:
        files = files_of(photo.pk)
        files.folder.mkdir(parents=True)
        picture = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).convert("RGB")
        for path in (files.full, files.display, files.thumb):
            picture.save(path, "JPEG")
        files.original.write_bytes(files.full.read_bytes())
    return photo


def claim_stage(photo: Photo, stage: str) -> jobs.Claim:
    """Queue and claim a stage of a photo."""
    with transaction.atomic():
        job = jobs.enqueue(stage, photo.pk, photo.owner_id)
    claim = jobs.claim(job.pk)
    assert claim is not None
    return claim


def make_face(photo: Photo, place: int = 0, of: bytes | None = None, **fields: Any) -> DetectedFace:
    """Store a face; ``of`` is its embedding."""
    x1, y1, x2, y2 = box = box_at(place)
    values = {
        "score": 0.99,
        "landmarks": [list(point) for point in landmarks_in(box)],
        "quality": 0.9,
        "embedding": of,
        "embedder": EMBEDDER if of else "",
        "probability": fields.get("emotions", {}).get(fields.get("emotion")),
    }
    face = DetectedFace.objects.create(
        photo=photo, x1=x1, y1=y1, x2=x2, y2=y2, **{**values, **fields}
    )
    counts.changed([photo.pk])
    return face


def make_person(owner: User, name: str = "Lisa", axis: int | None = None, **fields: Any) -> Person:
    """Make a person, with a reference along ``axis`` if one is given."""
    person = Person.objects.create(owner=owner, name=name, **fields)
    if axis is not None:
        make_reference(person, embedding(axis))
    return person


def make_reference(person: Person, of: bytes, **fields: Any) -> Reference:
    """Enrol a person, with a crop."""
    mark_change(person.owner_id, people=[person.pk])
    reference = Reference.objects.create(
        owner=person.owner,
        person=person,
        embedding=of,
        **{"embedder": EMBEDDER, "quality": 0.9, **fields},
    )
    write_crop(person.owner_id, reference.pk, b"\xff\xd8 crop")
    return reference


@dataclass
class FakeModels:
    """Stands where the models are; says what the test wrote down.

    Attributes:
        faces: Photo id to the faces "seen" in it.
        trouble: What to raise instead of answering, by function name.
        meanwhile: Called while the models "work", to let something happen at that moment.
        heads: Who was to stay sharp in the last portrait; ``others`` who was not.
        faceless: Whether that photo was said to show no face.
    """

    faces: dict[UUID, list[vision.SeenFace]] = field(default_factory=dict)
    embedder: str = EMBEDDER
    names_unavailable: str = ""
    emotion: str = "happy"
    has_person: bool = True
    trouble: dict[str, Exception] = field(default_factory=dict)
    meanwhile: Any = None
    calls: list[str] = field(default_factory=list)
    heads: list[tuple[float, ...]] = field(default_factory=list)
    others: list[tuple[float, ...]] = field(default_factory=list)
    faceless: bool = False

    def _work(self, name: str) -> None:
        self.calls.append(name)
        if name in self.trouble:
            raise self.trouble[name]
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()

    def find_faces(
        self, path: Path, *, embed: bool, keep: Sequence[vision.FaceShape] = ()
    ) -> vision.SeenPhoto:
        """Answer as the adapter does; without ``embed`` no face has an embedding."""
        self._work("find_faces")
        found = list(self.faces.get(UUID(path.parent.name), []))
        paired = pair_boxes([shape.box for shape in keep], [face.shape.box for face in found])
        found += [
            vision.SeenFace(_with_landmarks(shape), 0.5, embedding(99))
            for index, shape in enumerate(keep)
            if index not in paired
        ]
        can_embed = embed and not self.names_unavailable
        faces = tuple(
            vision.SeenFace(face.shape, face.quality, face.embedding if can_embed else None)
            for face in found
        )
        embedder = self.embedder if can_embed and faces else ""
        trouble = self.names_unavailable if embed else ""
        return vision.SeenPhoto(WIDTH, HEIGHT, faces, embedder, trouble)

    def classify_emotions(
        self, path: Path, shapes: Sequence[vision.FaceShape]
    ) -> tuple[str, list[vision.FaceEmotion]]:
        """Give every face the same emotion."""
        self._work("classify_emotions")
        one = vision.FaceEmotion(self.emotion, {self.emotion: 0.9, "neutral": 0.1})
        return "emotions@1", [one] * len(shapes)

    def make_portrait(
        self,
        path: Path,
        strength: float,
        heads: Sequence[Sequence[float]] = (),
        others: Sequence[Sequence[float]] = (),
        *,
        lights: bool = False,
        faceless: bool = False,
    ) -> vision.PortraitFiles:
        """Return files that say what they are, and remember who shall stay sharp."""
        self._work("make_portrait")
        self.faceless = faceless
        self.heads = [tuple(head) for head in heads]
        self.others = [tuple(head) for head in others]
        if not self.has_person:
            return vision.PortraitFiles(has_person=False, model="segmenter@1")
        return vision.PortraitFiles(
            has_person=True,
            model="segmenter@1",
            alpha=b"alpha",
            full=f"full {strength}".encode(),
            display=f"display {strength}".encode(),
        )

    def person_masks(self, path: Path, heads: Sequence[Sequence[float]], *, width: int) -> bytes:
        """Return a file that says whose masks it holds."""
        self._work("person_masks")
        return f"masks of {len(heads)}".encode()

    def render_portrait(
        self, path: Path, alpha_path: Path, strength: float, *, lights: bool = False
    ) -> vision.PortraitFiles:
        """Return files drawn from the stored mask."""
        self._work("render_portrait")
        mask = alpha_path.read_text() + (" with lights" if lights else "")
        return vision.PortraitFiles(
            has_person=True,
            model="",
            full=f"full {strength} of {mask}".encode(),
            display=f"display {strength} of {mask}".encode(),
        )
