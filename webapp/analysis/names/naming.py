"""Giving the faces of a photo their names, out of the gallery; no model and no picture needed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.db.models import Field

from webapp import vision
from webapp.analysis.models import CandidateRecord, DetectedFace, Rejection
from webapp.photos import counts

NAME_FIELDS = ("person", "similarity", "named_by", "candidates")
"""What a match may change of a face."""

NotThese = Mapping[int, frozenset[UUID]]
"""Id of a face to the people whom the user has ruled out for it."""


def ruled_out(photos: Collection[UUID]) -> dict[int, frozenset[UUID]]:
    """Return what the user has ruled out for the faces of some photos."""
    rows = Rejection.objects.filter(face__photo_id__in=photos)
    people: defaultdict[int, set[UUID]] = defaultdict(set)
    for face_id, person_id in rows.values_list("face_id", "person_id"):
        people[face_id].add(person_id)
    return {face_id: frozenset(found) for face_id, found in people.items()}


def compare(
    known: "vision.LibraryGallery", faces: Iterable[DetectedFace]
) -> "list[vision.Nearness | None]":
    """Return who is near each face, of one photo or of many."""
    return known.compare(_probes(faces, {}))


def name_faces(
    known: "vision.LibraryGallery",
    faces: Sequence[DetectedFace],
    near: "Sequence[vision.Nearness | None]",
    not_these: NotThese,
    settled: Sequence[DetectedFace] = (),
    *,
    line_up: frozenset[UUID] = frozenset(),
) -> list[DetectedFace]:
    """Name the faces of one photo in place, each person at most once.

    A face the user has decided on keeps its name, and that person is taken for the others. So does
    one that cannot be compared with anybody, because another model embedded it: it waits to be
    embedded anew, and as long as the person has references nothing speaks against the name.

    Args:
        known: Whom the user has enrolled.
        faces: Those to name.
        near: Who is near each of them.
        not_these: Whom the user has ruled out.
        settled: The photo's other faces, which stay as they are; their people are taken as well.
        line_up: Who was at the photo's concert; empty where nobody has said.

    Returns:
        Those that are different now; they are not saved.
    """
    waiting = [
        face
        for face, one in zip(faces, near, strict=True)
        if one is None and (face.person_id is None or face.person_id in known.people)
    ]
    compared = [
        (face, one or vision.Nearness())
        for face, one in zip(faces, near, strict=True)
        if face not in waiting
    ]
    decided = [(face, one) for face, one in compared if face.is_decided_by_user]
    free = [(face, one) for face, one in compared if not face.is_decided_by_user]
    stay = (*waiting, *settled, *(face for face, _ in decided))
    taken = frozenset(face.person_id for face in stay if face.person_id)
    return _named(free, not_these, taken, line_up) + _suggested(decided, not_these)


def write_names(faces: Sequence[DetectedFace]) -> None:
    """Save what a match has changed of faces.

    One statement a face: of thousands, Django's ``bulk_update`` takes most of the time to write
    the statement.
    """
    meta, quote = DetectedFace._meta, connection.ops.quote_name
    fields = [cast("Field[Any, Any]", meta.get_field(name)) for name in NAME_FIELDS]
    assignments = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    rows = [
        [
            *(field.get_db_prep_save(getattr(face, field.attname), connection) for field in fields),
            face.pk,
        ]
        for face in faces
    ]
    with counts.changing({face.photo_id for face in faces}), connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(meta.db_table)} SET {assignments} "  # noqa: S608 - names of ours
            f"WHERE {quote(str(meta.pk.column))} = %s",
            rows,
        )


def _named(
    faces: "Sequence[tuple[DetectedFace, vision.Nearness]]",
    not_these: NotThese,
    taken: frozenset[UUID],
    line_up: frozenset[UUID],
) -> list[DetectedFace]:
    """Name those of one photo on whom the user has not decided; return the changed ones."""
    probes = _probes((face for face, _ in faces), not_these)
    answers = vision.name_faces(probes, [near for _, near in faces], taken, line_up)
    return [face for (face, _), naming in zip(faces, answers, strict=True) if _apply(face, naming)]


def _suggested(
    faces: "Sequence[tuple[DetectedFace, vision.Nearness]]", not_these: NotThese
) -> list[DetectedFace]:
    """Note whom decided faces resemble; return the changed ones."""
    changed = []
    probes = _probes((face for face, _ in faces), not_these)
    for (face, near), probe in zip(faces, probes, strict=True):
        candidates = _records(vision.suggestions(probe, near))
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
