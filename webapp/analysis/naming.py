"""Giving the faces of a photo their names, out of the gallery; no model and no picture needed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from webapp import vision
from webapp.analysis.models import CandidateRecord, DetectedFace, Rejection
from webapp.people.queries import enrolled_of

NAME_FIELDS = ("person", "similarity", "named_by", "candidates")
"""What a match may change of a face."""

NotThese = Mapping[int, frozenset[UUID]]
"""Id of a face to the people whom the user has ruled out for it."""


def known_people(owner_id: int) -> "vision.KnownPeople":
    """Return everybody this user has enrolled, ready to be matched against."""
    return vision.KnownPeople(enrolled_of(owner_id))


def ruled_out(owner_id: int, photo_id: UUID | None = None) -> dict[int, frozenset[UUID]]:
    """Return what the user has ruled out, in all photos or in one."""
    rows = Rejection.objects.filter(face__photo__owner_id=owner_id)
    if photo_id is not None:
        rows = rows.filter(face__photo_id=photo_id)
    people: defaultdict[int, set[UUID]] = defaultdict(set)
    for face_id, person_id in rows.values_list("face_id", "person_id"):
        people[face_id].add(person_id)
    return {face_id: frozenset(found) for face_id, found in people.items()}


def name_faces(
    known: "vision.KnownPeople",
    faces: Sequence[DetectedFace],
    not_these: NotThese,
    settled: Sequence[DetectedFace] = (),
) -> list[DetectedFace]:
    """Name the faces of one photo in place, each person at most once.

    A face the user has decided on keeps its name, and that person is taken for the others.

    Args:
        known: Whom the user has enrolled.
        faces: Those to name.
        not_these: Whom the user has ruled out.
        settled: The photo's other faces, which stay as they are; their people are taken as well.

    Returns:
        Those that are different now; they are not saved.
    """
    open_faces = [face for face in faces if not face.is_decided_by_user]
    decided = [face for face in faces if face.is_decided_by_user]
    taken = frozenset(face.person_id for face in (*decided, *settled) if face.person_id)
    changed = [
        face
        for face, naming in zip(
            open_faces, known.name_faces(_probes(open_faces, not_these), taken), strict=True
        )
        if _apply(face, naming)
    ]
    for face, probe in zip(decided, _probes(decided, not_these), strict=True):
        candidates = _records(known.candidates(probe))
        if candidates != face.candidates:
            face.candidates = candidates
            changed.append(face)
    return changed


def _probes(faces: Iterable[DetectedFace], not_these: NotThese) -> list[vision.Probe]:
    return [
        vision.Probe(
            embedding=None if face.embedding is None else bytes(face.embedding),
            embedder=face.embedder,
            quality=face.quality,
            not_these=not_these.get(face.pk, frozenset()),
        )
        for face in faces
    ]


def _apply(face: DetectedFace, naming: vision.Naming) -> bool:
    """Write an answer to a face; return whether that changed it."""
    match = naming.match
    before = (face.person_id, face.similarity, face.named_by, face.candidates)
    face.person_id = match.person if match else None
    face.similarity = round(match.similarity, 4) if match else None
    face.named_by = DetectedFace.NamedBy.AUTO if match else DetectedFace.NamedBy.NOBODY
    face.candidates = _records(naming.candidates)
    return before != (face.person_id, face.similarity, face.named_by, face.candidates)


def _records(candidates: Iterable[vision.Candidate]) -> list[CandidateRecord]:
    return [
        {"person": str(candidate.person), "similarity": round(candidate.similarity, 4)}
        for candidate in candidates
    ]
