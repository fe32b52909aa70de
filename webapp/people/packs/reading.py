"""Reading a star pack that came from anybody: nothing of it is believed before it is checked.

No entry is ever written to a path; names that are not exactly ours refuse the whole pack.
"""

import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass

from django.utils.translation import gettext
from pydantic import ValidationError

from webapp.people.names import PeopleError
from webapp.people.packs.form import (
    MOST_BYTES,
    MOST_ENTRIES,
    TABLE,
    Pack,
    are_alike,
    digest_of,
    spaces_of,
)
from webapp.people.packs.pictures import jpeg_size

MOST_FACE_BYTES = 400_000
MOST_FACE_SIDE = 2048
_FACE = re.compile(r"faces/([0-9a-f]{64})\.jpg")
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_NO_ZIP = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, ValueError),
)
"""What ``zipfile`` raises of bytes that pose as a ZIP; a name that is no UTF-8 is a ValueError."""


class PackRefusedError(PeopleError):
    """A pack cannot be taken; the text says why, for the user."""


@dataclass(frozen=True, slots=True)
class ReadPack:
    """A pack that has been checked, with its pictures by their hashes."""

    pack: Pack
    faces: dict[str, bytes]


def read_pack(content: bytes) -> ReadPack:
    """Read a pack.

    Raises:
        PackRefusedError: Something of it is not as it has to be.
    """
    if len(content) > MOST_BYTES:
        raise PackRefusedError(gettext("This is too large to be a star pack."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            entries = _entries(file)
            found = {name: _content(file, entry) for name, entry in entries.items()}
    except _NO_ZIP as error:
        raise PackRefusedError(gettext("This is no star pack.")) from error
    pack = _table(found.pop(TABLE))
    faces = {name.removeprefix("faces/").removesuffix(".jpg"): jpeg for name, jpeg in found.items()}
    _check_faces(pack, faces)
    return ReadPack(pack, faces)


def _entries(file: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the entries by name: the table, and pictures named by a hash, each once."""
    listed = file.infolist()
    if len(listed) > MOST_ENTRIES:
        raise PackRefusedError(gettext("This star pack holds too many files."))
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in listed:
        is_ours = entry.filename == TABLE or _FACE.fullmatch(entry.filename) is not None
        is_plain = entry.compress_type in _METHODS and not entry.flag_bits & _ENCRYPTED
        if not is_ours or not is_plain or entry.filename in found:
            raise PackRefusedError(gettext("This star pack holds files that do not belong there."))
        found[entry.filename] = entry
    if TABLE not in found:
        raise PackRefusedError(gettext("This is no star pack."))
    if sum(entry.file_size for entry in listed) > MOST_BYTES:
        raise PackRefusedError(gettext("This is too large to be a star pack."))
    return found


def _content(file: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return what an entry holds; one that grows beyond what it says, or may, is refused."""
    most = MOST_BYTES if entry.filename == TABLE else MOST_FACE_BYTES
    with file.open(entry) as opened:
        content = opened.read(min(most, entry.file_size) + 1)
    if len(content) > min(most, entry.file_size):
        raise PackRefusedError(gettext("This star pack holds files that are too large."))
    return content


def _table(content: bytes) -> Pack:
    try:
        pack = Pack.model_validate_json(content)
        is_whole = digest_of(json.loads(content)) == pack.content_sha256
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = " ".join(str(step) for step in first["loc"])
        text = gettext("This star pack cannot be read: {place}: {reason}.")
        raise PackRefusedError(text.format(place=place[:100], reason=first["msg"])) from error
    except (ValueError, RecursionError) as error:
        raise PackRefusedError(gettext("This is no star pack.")) from error
    if not is_whole:
        raise PackRefusedError(gettext("This star pack was changed since it was made."))
    _check_spaces(pack)
    return pack


def _check_spaces(pack: Pack) -> None:
    """Refuse a pack whose statistics are not those of its embeddings."""
    try:
        found = spaces_of([(one.embedder, one.raw) for one in pack.references])
    except ValueError as error:
        raise PackRefusedError(gettext("Its embeddings do not belong together.")) from error
    if not are_alike(found, pack.spaces):
        raise PackRefusedError(gettext("Its embeddings do not belong together."))


def _check_faces(pack: Pack, faces: dict[str, bytes]) -> None:
    """Refuse pictures that nobody needs, that lack, that are not what they are named, or huge."""
    wanted = {one.face for one in pack.references if one.face}
    if wanted != set(faces):
        raise PackRefusedError(gettext("Its pictures are not those that it speaks of."))
    for digest, jpeg in faces.items():
        sides = jpeg_size(jpeg)
        if hashlib.sha256(jpeg).hexdigest() != digest or sides is None:
            raise PackRefusedError(gettext("Its pictures are not those that it speaks of."))
        if not all(1 <= side <= MOST_FACE_SIDE for side in sides):
            raise PackRefusedError(gettext("This star pack holds files that are too large."))
