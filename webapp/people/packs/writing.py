"""Making a star pack of a group."""

import base64
import hashlib
import io
import json
import zipfile
from typing import Any

from django.utils.translation import gettext

from webapp.people.models import Group, Person, Reference
from webapp.people.names import PeopleError
from webapp.people.packs.form import (
    FORMAT,
    MOST_BYTES,
    MOST_ENTRIES,
    MOST_PEOPLE,
    MOST_REFERENCES,
    TABLE,
    VERSION,
    digest_of,
    spaces_of,
)
from webapp.people.packs.pictures import NO_FACE, jpeg_size
from webapp.people.queries import references_in_use
from webapp.people.storage import crop_path

_ALWAYS = (2020, 1, 1, 0, 0, 0)
"""The time of every entry, so that the same group gives the same file."""


class NoPackError(PeopleError):
    """Nobody could take in what would be made of a group; the text says why, for the user."""


def write_pack(group: Group, *, with_faces: bool) -> bytes:
    """Return a group as a star pack; references that are set aside stay at home.

    Of a large group the best references of each person go along, as many as a pack may hold.

    Args:
        group: Whose people are written.
        with_faces: Whether the small pictures of the references go along. Without them nobody
            sees a face, but who uses another recogniser cannot use the pack.

    Raises:
        NoPackError: It has nobody, too many people, or pictures that are too large.
    """
    members = _people(group)
    most = min(MOST_REFERENCES, (MOST_ENTRIES - 1) // len(members))
    faces: dict[str, bytes] = {}
    people = [_person(person, faces if with_faces else None, most) for person in members]
    references = [one for person in people for one in person["references"]]
    table: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "group": {"name": group.name, "colour": group.colour, "credits": group.credits},
        "people": people,
        "spaces": spaces_of(
            [(one["embedder"], base64.b64decode(one["embedding"])) for one in references]
        ),
    }
    table["content_sha256"] = digest_of(table)
    return _zipped(json.dumps(table, indent=1).encode(), faces)


def _zipped(table: bytes, faces: dict[str, bytes]) -> bytes:
    if len(table) + sum(map(len, faces.values())) > MOST_BYTES:
        raise NoPackError(gettext("This group is too large for a star pack with pictures."))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        _add(pack, TABLE, table, zipfile.ZIP_DEFLATED)
        for digest, jpeg in sorted(faces.items()):
            _add(pack, f"faces/{digest}.jpg", jpeg, zipfile.ZIP_STORED)
    return file.getvalue()


def _people(group: Group) -> list[Person]:
    members = list(group.people.order_by("folded_name", "id").prefetch_related("aliases"))
    if not members:
        raise NoPackError(gettext("Nobody is in this group yet."))
    if len(members) > MOST_PEOPLE:
        text = gettext("A star pack holds %(most)s people at most.") % {"most": MOST_PEOPLE}
        raise NoPackError(text)
    return members


def _person(person: Person, faces: dict[str, bytes] | None, most: int) -> dict[str, Any]:
    used = references_in_use().filter(person=person, is_set_aside=False)
    rows = used.exclude(embedding=b"").order_by("-quality", "id")[:most]
    return {
        "name": person.name,
        "aliases": [alias.name for alias in person.aliases.all()],
        "references": [_reference(row, faces) for row in rows],
    }


def _reference(row: Reference, faces: dict[str, bytes] | None) -> dict[str, Any]:
    raw = bytes(row.embedding)
    jpeg = _crop_of(row) if faces is not None else b""
    digest = hashlib.sha256(jpeg).hexdigest() if jpeg else ""
    if faces is not None and jpeg:
        faces[digest] = jpeg
    return {
        "embedding": base64.b64encode(raw).decode(),
        "embedder": row.embedder,
        "quality": row.quality,
        "era": row.era,
        "face": digest,
        "source": row.source_sha256 or hashlib.sha256(raw).hexdigest(),
    }


def _crop_of(row: Reference) -> bytes:
    """Return the picture of a reference; empty where there is none, or what is there is none."""
    path = crop_path(row.owner_id, row.pk)
    jpeg = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    return jpeg if jpeg != NO_FACE and jpeg_size(jpeg) is not None else b""


def _add(pack: zipfile.ZipFile, name: str, content: bytes, method: int) -> None:
    entry = zipfile.ZipInfo(name, _ALWAYS)
    entry.compress_type = method
    pack.writestr(entry, content)
