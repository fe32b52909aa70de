"""Enrolling people from a folder ``DIR/<group>/<person>/*.jpg``."""

import hashlib
from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.db import transaction

from webapp import vision
from webapp.accounts.queries import has_consent
from webapp.people import services
from webapp.people.gallery.changes import queue_matching
from webapp.people.names import BadNameError, NameTakenError, PeopleError, clean_name
from webapp.people.queries import gallery_state, locked_gallery_state

LEAST_QUALITY = 0.1
"""Lower than for a face named in a photo: who made such a folder has chosen its pictures."""


class ImportStoppedError(PeopleError):
    """All faces were forgotten, or consent was taken back, while the import ran."""


class Outcome(StrEnum):
    """What became of one file."""

    ENROLLED = "enrolled"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One file of the folder, whose name it bears, and what became of it.

    Attributes:
        reason: Why it was refused, or that it needed a border; a sentence, or empty.
    """

    path: Path
    group: str
    person: str
    outcome: Outcome
    reason: str = ""


class Importer:
    """Enrols the pictures of a folder for one user; doing it twice enrols once.

    Args:
        folder: Holds ``<group>/<person>/*.jpg``.
        owner_id: Whose people they become.
        is_dry_run: Whether only to say what would be done.
    """

    def __init__(self, folder: Path, owner_id: int, *, is_dry_run: bool = False) -> None:
        self._folder = folder
        self._owner_id = owner_id
        self._is_dry_run = is_dry_run
        self._generation = gallery_state(owner_id)[1]

    def run(self, paths: list[Path]) -> Generator[ImportedFile]:
        """Import one file after the other.

        Raises:
            ImportStoppedError: The user forgot all faces, or took consent back, meanwhile.
            vision.UnavailableError: A model is missing.
        """
        try:
            for path in paths:
                yield self._import(path)
        finally:  # Ctrl-C too: who was enrolled until then is looked for in the photos.
            if not self._is_dry_run:
                with transaction.atomic():
                    queue_matching(self._owner_id)

    def _import(self, path: Path) -> ImportedFile:
        parts = path.relative_to(self._folder).parts
        if len(parts) != 3:
            reason = "It does not lie in <group>/<person>/."
            return ImportedFile(path, "", "", Outcome.REFUSED, reason)
        try:
            group, person = clean_name(parts[0]), clean_name(parts[1])
            return self._enrol(path, group, person)
        except (
            BadNameError,
            NameTakenError,
            vision.RefusedReferenceError,
            vision.UnreadablePhotoError,
        ) as error:
            return ImportedFile(path, parts[0], parts[1], Outcome.REFUSED, str(error))

    def _enrol(self, path: Path, group: str, person: str) -> ImportedFile:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        meant = services.person_called(self._owner_id, person, group)
        if meant is not None and meant.references.filter(source_sha256=digest).exists():
            return ImportedFile(path, group, person, Outcome.KNOWN)
        picture = vision.read_reference(path, least_quality=LEAST_QUALITY)
        if not self._is_dry_run:
            self._store(picture, group, person, digest)
        return ImportedFile(path, group, person, Outcome.ENROLLED)

    def _store(
        self, picture: vision.ReferencePicture, group: str, person: str, digest: str
    ) -> None:
        with transaction.atomic():
            _, generation = locked_gallery_state(self._owner_id)
            if generation != self._generation or not has_consent(self._owner_id):
                raise ImportStoppedError("Stopped: the faces were forgotten while this ran.")
            services.enrol(
                services.ensure_person(self._owner_id, person, group),
                embedding=picture.face.embedding or b"",
                embedder=picture.embedder,
                quality=picture.face.quality,
                crop=picture.crop,
                source_sha256=digest,
            )
