"""What a star pack looks like: a ZIP of ``pack.json`` and, if wished, small pictures of faces.

Everything in ``pack.json`` is bounded and named; whatever else is there refuses the pack.
"""

import base64
import binascii
import hashlib
import json
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from webapp.core.words.names import folded, tidied
from webapp.people.models import NAME_LENGTH
from webapp.people.names import BadNameError, clean_name

FORMAT: Literal["encore-star-pack"] = "encore-star-pack"
VERSION: Literal[1] = 1
TABLE = "pack.json"
MOST_PEOPLE, MOST_REFERENCES, MOST_ALIASES = 100, 200, 20
"""Of a pack; of a person; of a person."""
MOST_BYTES = 40_000_000
"""Of a pack, as it comes and unpacked."""
MOST_ENTRIES = 5_000
DIMENSIONS = (32, 2048)
UNIT_TOLERANCE = 1e-3
"""Embeddings are stored with unit length; float32 and text lose less than this."""

Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH)]
Colour = Annotated[str, Field(pattern=r"^(#[0-9a-f]{6})?$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _is_line(text: str) -> str:
    if tidied(text) != text:
        raise ValueError("a text is written without surplus blanks and hidden letters")
    return text


Line = Annotated[str, AfterValidator(_is_line)]
"""A text that every database keeps and every page shows as it is."""


class Part(BaseModel):
    """A part of a pack: typed strictly, with nothing beside what is named."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PackedReference(Part):
    """One face by which somebody is recognised.

    Attributes:
        embedding: Raw, as little-endian float32 of unit length, in Base64.
        embedder: Tag of the networks that made it.
        face: SHA-256 of its picture, which lies under ``faces/``; empty for none.
        source: SHA-256 of the file it was imported from, or of the embedding.
    """

    embedding: Annotated[str, Field(max_length=4 * DIMENSIONS[1] * 2)]
    embedder: Annotated[Line, Field(min_length=1, max_length=100)]
    quality: Annotated[float, Field(ge=0, le=1)]
    era: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""
    face: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    source: Digest

    @field_validator("embedding")
    @classmethod
    def _is_unit_vector(cls, text: str) -> str:
        row = _row(text)
        if not DIMENSIONS[0] <= len(row) <= DIMENSIONS[1]:
            raise ValueError(f"an embedding has {DIMENSIONS[0]} to {DIMENSIONS[1]} numbers")
        if not np.isfinite(row).all() or abs(float(np.linalg.norm(row)) - 1) > UNIT_TOLERANCE:
            raise ValueError("an embedding has unit length")
        return text

    @property
    def raw(self) -> bytes:
        """The embedding as it is stored."""
        return base64.b64decode(self.embedding)


def _row(text: str) -> NDArray[np.float32]:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("an embedding is Base64") from error
    if len(raw) % 4:
        raise ValueError("an embedding is float32")
    return np.frombuffer(raw, dtype="<f4").astype(np.float32)


def _is_clean(name: str) -> str:
    try:
        clean = clean_name(name)
    except BadNameError as error:
        raise ValueError(str(error)) from error
    if clean != name:
        raise ValueError("a name is written without surplus blanks and hidden letters")
    return name


class PackedPerson(Part):
    """Somebody of the group; ``aliases`` are other names, Hangul among them."""

    name: Name
    aliases: Annotated[list[Name], Field(max_length=MOST_ALIASES)] = []
    references: Annotated[list[PackedReference], Field(max_length=MOST_REFERENCES)]

    @field_validator("name")
    @classmethod
    def _has_clean_name(cls, name: str) -> str:
        return _is_clean(name)

    @field_validator("aliases")
    @classmethod
    def _has_clean_aliases(cls, aliases: list[str]) -> list[str]:
        return [_is_clean(name) for name in aliases]


class PackedGroup(Part):
    """The group itself: ``credits`` say who has collected the faces."""

    name: Name
    colour: Colour = ""
    credits: Annotated[Line, Field(max_length=300)] = ""

    @field_validator("name")
    @classmethod
    def _has_clean_name(cls, name: str) -> str:
        return _is_clean(name)


class PackedSpace(Part):
    """What all embeddings of one embedder have in common; ``mean`` as an embedding is written."""

    dimensions: int
    references: int
    mean: Annotated[str, Field(max_length=4 * DIMENSIONS[1] * 2)]

    @field_validator("mean")
    @classmethod
    def _is_row(cls, text: str) -> str:
        _row(text)
        return text


class Pack(Part):
    """A whole pack.

    Attributes:
        spaces: By tag of the embedder.
        content_sha256: Of everything else (``digest_of``), so that a change is noticed.
    """

    format: Literal["encore-star-pack"]
    version: Literal[1]
    group: PackedGroup
    people: Annotated[list[PackedPerson], Field(min_length=1, max_length=MOST_PEOPLE)]
    spaces: dict[str, PackedSpace]
    content_sha256: Digest

    @field_validator("people")
    @classmethod
    def _are_different(cls, people: list[PackedPerson]) -> list[PackedPerson]:
        """Refuse a name that means two people: whoever takes them in could not tell them apart."""
        whose: dict[str, PackedPerson] = {}
        for person in people:
            for name in map(folded, (person.name, *person.aliases)):
                if whose.setdefault(name, person) is not person:
                    raise ValueError("a name means one person")
        return people

    @property
    def references(self) -> list[PackedReference]:
        """All references of all people."""
        return [reference for person in self.people for reference in person.references]


def digest_of(table: dict[str, Any]) -> str:
    """Return the hash of a pack's table without its own; pictures stand in it by their hashes."""
    rest = {key: value for key, value in table.items() if key != "content_sha256"}
    written = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(written.encode()).hexdigest()


def spaces_of(references: list[tuple[str, bytes]]) -> dict[str, dict[str, Any]]:
    """Return the statistics of references, given as embedder and raw embedding."""
    rows: dict[str, list[bytes]] = {}
    for embedder, raw in references:
        rows.setdefault(embedder, []).append(raw)
    return {embedder: _space(raws) for embedder, raws in sorted(rows.items())}


def _space(raws: list[bytes]) -> dict[str, Any]:
    if len({len(raw) for raw in raws}) != 1:
        raise ValueError("embeddings of one embedder have one size")
    table = np.frombuffer(b"".join(raws), dtype="<f4").reshape(len(raws), -1)
    mean = table.astype(np.float64).mean(axis=0).astype("<f4")
    return {
        "dimensions": table.shape[1],
        "references": len(raws),
        "mean": base64.b64encode(mean.tobytes()).decode(),
    }


def are_alike(found: dict[str, dict[str, Any]], told: dict[str, PackedSpace]) -> bool:
    """Whether statistics are those that a pack tells, as far as floats are the same anywhere."""
    if found.keys() != told.keys():
        return False
    for tag, space in found.items():
        other = told[tag]
        if (space["dimensions"], space["references"]) != (other.dimensions, other.references):
            return False
        mean, told_mean = _row(space["mean"]), _row(other.mean)
        if len(mean) != len(told_mean) or not np.allclose(mean, told_mean, atol=UNIT_TOLERANCE):
            return False
    return True
