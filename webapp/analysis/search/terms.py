"""What a search is made of; no term knows a database."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias
from uuid import UUID


class SearchError(ValueError):
    """A part of a search was not understood. The text is a sentence for the user.

    Attributes:
        part: As it was typed.
    """

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(reason)
        self.part = part


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that a user's library knows.

    Attributes:
        people: Name to ids; a group's name means each of its people.
        concerts: Likewise.
        cameras: As photos have them.
        emotions: Labels.
    """

    people: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    concerts: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    cameras: Iterable[str] = ()
    emotions: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Feeling:
    """An emotion.

    Attributes:
        above: Its probability must be above this; 0 where it only has to be the label.
    """

    label: str
    above: float = 0.0


@dataclass(frozen=True, slots=True)
class OfPerson:
    """Somebody is on the photo, with this emotion if one is given."""

    people: frozenset[UUID]
    feeling: Feeling | None = None


@dataclass(frozen=True, slots=True)
class FaceCount:
    """So many faces; ``most`` is empty for no limit."""

    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class OfConcerts:
    """The photo is of one of these concerts; of none, where there are none."""

    concerts: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Days:
    """The photo was taken on one of these days, both included; empty ends are open."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class OfCameras:
    """The photo was taken with one of these."""

    cameras: frozenset[str]


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that is so or not: ``favourite``, ``unnamed``, ``portrait``, ``moment``."""

    name: str


@dataclass(frozen=True, slots=True)
class Megapixels:
    """The original has at least so many million pixels."""

    least: float


Meaning: TypeAlias = (
    OfPerson | Feeling | FaceCount | OfConcerts | Days | OfCameras | Flag | Megapixels
)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition.

    Attributes:
        text: As it was typed, without the sign.
        is_not: Whether it must not hold.
    """

    text: str
    meaning: Meaning
    is_not: bool = False

    @property
    def written(self) -> str:
        """How it is typed."""
        return f"-{self.text}" if self.is_not else self.text


@dataclass(frozen=True, slots=True)
class Search:
    """Terms that must all hold; without any, everything is meant."""

    terms: tuple[Term, ...] = ()

    def without(self, term: Term) -> str:
        """Return the search as it is typed without one of its terms."""
        return " ".join(one.written for one in self.terms if one is not term)

    def __str__(self) -> str:
        return " ".join(term.written for term in self.terms)
