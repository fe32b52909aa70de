"""The words of the tus 1.0.0 protocol for resumable uploads (https://tus.io), without any state.

Extensions: creation, creation-with-upload, creation-defer-length, termination, checksum,
expiration.
"""

import base64
import binascii
import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath

from django.http import HttpRequest

from webapp.core.words.names import MAX_NAME_LENGTH

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,termination,checksum,expiration"
CHECKSUMS = ("sha256", "sha1")
CHUNK_TYPE = "application/offset+octet-stream"
CHECKSUM_MISMATCH = 460
_MAX_METADATA_LENGTH = 4_000


class UploadRefusedError(Exception):
    """An upload request that is answered with a status and a sentence for the user."""

    def __init__(self, status: int, reason: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the client says about the bytes of one request."""

    algorithm: str
    digest: bytes

    def check(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the blocks on, and refuse them at their end if they are not what was announced."""
        hashed = hashlib.new(self.algorithm, usedforsecurity=False)
        for block in blocks:
            hashed.update(block)
            yield block
        if hashed.digest() != self.digest:
            raise UploadRefusedError(CHECKSUM_MISMATCH, "The bytes changed on their way.")


def check_version(request: HttpRequest) -> None:
    """Refuse a client that speaks another version."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise UploadRefusedError(
            HTTPStatus.PRECONDITION_FAILED,
            f"This server speaks tus {VERSION}.",
            {"Tus-Version": VERSION},
        )


def check_chunk_type(request: HttpRequest) -> None:
    """Refuse a body that does not say it is upload bytes."""
    if request.content_type != CHUNK_TYPE:
        raise UploadRefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Upload bytes come as {CHUNK_TYPE}."
        )


def number(request: HttpRequest, header: str) -> int:
    """Return a header that must be a whole number, 0 or more."""
    raw = request.headers.get(header, "")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 15):
        raise UploadRefusedError(HTTPStatus.BAD_REQUEST, f"{header} must be a whole number.")
    return int(raw)


def announced_length(request: HttpRequest) -> int | None:
    """Return the length of a new upload; ``None`` where it will be told with its last bytes."""
    deferred = request.headers.get("Upload-Defer-Length")
    if deferred is None:
        return number(request, "Upload-Length")
    if deferred != "1" or "Upload-Length" in request.headers:
        raise UploadRefusedError(
            HTTPStatus.BAD_REQUEST, "Upload-Defer-Length is 1 and stands in place of Upload-Length."
        )
    return None


def told_length(request: HttpRequest) -> int | None:
    """Return the length that bytes of an open upload come with, if they do."""
    has_length = "Upload-Length" in request.headers
    return number(request, "Upload-Length") if has_length else None


def body_length(request: HttpRequest) -> int:
    """Return how many bytes a request says that it brings; 0, and then none may come."""
    return number(request, "Content-Length") if request.headers.get("Content-Length") else 0


def metadata(request: HttpRequest) -> dict[str, str]:
    """Read ``Upload-Metadata``: comma-separated pairs of key and Base64 value.

    Bytes that are no UTF-8 become replacement characters; they only name a file.
    """
    raw = request.headers.get("Upload-Metadata", "")
    if len(raw) > _MAX_METADATA_LENGTH:
        raise UploadRefusedError(HTTPStatus.BAD_REQUEST, "Upload-Metadata is too long.")
    pairs = {}
    for pair in filter(None, (part.strip() for part in raw.split(","))):
        key, _, value = pair.partition(" ")
        try:
            decoded = base64.b64decode(value.strip(), validate=True)
        except (binascii.Error, ValueError) as error:
            raise UploadRefusedError(
                HTTPStatus.BAD_REQUEST, "Upload-Metadata is not valid Base64."
            ) from error
        pairs[key] = decoded.decode("utf-8", errors="replace")
    return pairs


def checksum(request: HttpRequest) -> Checksum | None:
    """Read ``Upload-Checksum``; ``None`` when the client sends none."""
    raw = request.headers.get("Upload-Checksum", "")
    if not raw:
        return None
    algorithm, _, digest = raw.partition(" ")
    if algorithm not in CHECKSUMS:
        raise UploadRefusedError(
            HTTPStatus.BAD_REQUEST, f"Upload-Checksum must be one of {', '.join(CHECKSUMS)}."
        )
    try:
        return Checksum(algorithm, base64.b64decode(digest.strip(), validate=True))
    except (binascii.Error, ValueError) as error:
        raise UploadRefusedError(
            HTTPStatus.BAD_REQUEST, "Upload-Checksum is not valid Base64."
        ) from error


def harmless_name(filename: str, nameless: str = "photo") -> str:
    """Return a file name that is safe to show: one line, no folders, at most 120 characters.

    Control characters and those that turn the reading direction are dropped, accents that a Mac
    wrote beside their letters are joined to them. It is shown escaped
    and never becomes a path.

    Args:
        filename: As the client says.
        nameless: What a file is called of whose name nothing is left.
    """
    composed = unicodedata.normalize("NFC", filename[:2_000])
    visible = "".join(
        letter for letter in composed if not unicodedata.category(letter).startswith("C")
    )
    name = PurePosixPath(visible.replace("\\", "/")).name.strip()
    if len(name) > MAX_NAME_LENGTH:
        suffix = PurePosixPath(name).suffix[:10]
        name = name[: MAX_NAME_LENGTH - len(suffix)] + suffix
    return name or nameless
