"""Who a face shows, out of stored embeddings; no network is loaded."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from webapp.vision.gallery.second_opinions import second_opinion
from webapp.vision.gallery.spaces import Space, Spaces, space_of, to_rows
from webapp.vision.models.loading import TAG_SEPARATOR
from webapp.vision.values import Candidate, Enrolled, Naming, Probe, TaughtOpinion

if TYPE_CHECKING:
    from inference.recognition.gallery import Gallery
    from inference.recognition.line_up import LineUpRules
    from inference.types import Embeddings

CANDIDATES = 3
CANDIDATE_MARGIN = 0.2
"""Who is further below the threshold than this is not worth suggesting."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """Who is near a face, near enough to be named or at least suggested.

    Attributes:
        people: Nearest first.
        threshold: Cosine similarity from which one of them may be named.
        doubted: Those of them whom a second opinion rules out; they may only be suggested.
    """

    people: tuple[Candidate, ...] = ()
    threshold: float = 1.0
    doubted: frozenset[UUID] = frozenset()


class LibraryGallery:
    """The references of one user, ready to be searched; it never changes.

    Embeddings of different models cannot be compared; each model has a gallery of its own.

    Args:
        enrolled: All references.
        space_of: Tag of a model to what makes its embeddings comparable.
        opinions: What was trained for groups; names of their people have to pass it.
    """

    def __init__(
        self,
        enrolled: Sequence[Enrolled] = (),
        space_of: Spaces = space_of,
        opinions: Sequence[TaughtOpinion] = (),
    ) -> None:
        self._space_of = space_of
        self._opinions = [(one.model, second_opinion(one)) for one in opinions]
        self._galleries: dict[str, Gallery[UUID]] = {
            model: _gallery(references, space_of(model))
            for model, references in _by_model(enrolled).items()
        }

    def with_people(
        self,
        enrolled: Sequence[Enrolled],
        of: Collection[UUID],
        opinions: Sequence[TaughtOpinion] = (),
    ) -> "LibraryGallery":
        """Return the same with some people enrolled otherwise; the rest is shared, not copied.

        Args:
            enrolled: All references of those people.
            of: Who they are; those without a reference are known no more.
            opinions: What is trained for groups now.
        """
        changed = LibraryGallery((), self._space_of, opinions)
        by_model = _by_model(enrolled)
        for model in {**self._galleries, **by_model}:
            references = by_model.get(model, [])
            space = self._space_of(model)
            if model in self._galleries:
                replaced = self._galleries[model].with_people(*_keyed(references, space), of)
            else:
                replaced = _gallery(references, space)
            if replaced.keys:
                changed._galleries[model] = replaced
        return changed

    def compared_alike(self, enrolled: Sequence[Enrolled]) -> "LibraryGallery":
        """Return others whose embeddings are compared as those of these people are."""
        return LibraryGallery(enrolled, self._space_of)

    @property
    def size(self) -> int:
        """How many embeddings are held, those included that stand for several."""
        return sum(gallery.size for gallery in self._galleries.values())

    @cached_property
    def people(self) -> frozenset[UUID]:
        """Everybody who has a reference, of whichever model."""
        return frozenset(key for gallery in self._galleries.values() for key in gallery.keys)

    def compare(self, probes: Sequence[Probe]) -> list[Nearness | None]:
        """Find who is near each face; many faces at once are compared fastest.

        Returns:
            One answer per probe; ``None`` where there is no reference of the model that embedded
            the face, so that nothing can be said about it.
        """
        found: list[Nearness | None] = [
            Nearness() if probe.embedding is None else None for probe in probes
        ]
        by_model: defaultdict[str, list[int]] = defaultdict(list)
        for index, probe in enumerate(probes):
            if probe.embedding is not None and probe.embedder in self._galleries:
                by_model[probe.embedder].append(index)
        for model, indexes in by_model.items():
            raw = to_rows([probes[index].embedding or b"" for index in indexes])
            rows = self._space_of(model).apply(raw)
            near = self._doubting(model, rows, _near(self._galleries[model], rows))
            for index, one in zip(indexes, near, strict=True):
                found[index] = one
        return found

    def _doubting(self, model: str, rows: "Embeddings", near: list[Nearness]) -> list[Nearness]:
        """Note whom second opinions rule out, of those who might be named."""
        from inference.recognition.second_opinion import BAR

        for of_model, opinion in self._opinions:
            if of_model != model:
                continue
            place = {person: column for column, person in enumerate(opinion.people)}
            probable = opinion.probabilities(rows)
            for index, one in enumerate(near):
                ruled_out = {
                    other.person
                    for other in one.people
                    if other.person in place and probable[index, place[other.person]] < BAR
                }
                near[index] = replace(one, doubted=one.doubted | ruled_out)
        return near

    def name_faces(
        self, probes: Sequence[Probe], taken: AbstractSet[UUID] = frozenset()
    ) -> list[Naming]:
        """Name the faces of one photo, each person at most once; see :func:`name_faces`."""
        near = [one or Nearness() for one in self.compare(probes)]
        return name_faces(probes, near, taken)


def name_faces(
    probes: Sequence[Probe],
    near: Sequence[Nearness],
    taken: AbstractSet[UUID] = frozenset(),
    line_up: AbstractSet[UUID] = frozenset(),
) -> list[Naming]:
    """Name the faces of one photo, each person at most once.

    Args:
        probes: The faces.
        near: Who is near each of them.
        taken: People who already stand in this photo.
        line_up: Who was there, by rules of their own; empty where nobody knows.

    Returns:
        One answer per probe, in their order.
    """
    allowed = [
        tuple(one for one in nearness.people if one.person not in probe.not_these)
        for probe, nearness in zip(probes, near, strict=True)
    ]
    named = _assigned(probes, near, allowed, taken, line_up)
    return [
        Naming(named.get(face), _suggested(people, named.get(face)))
        for face, people in enumerate(allowed)
    ]


def suggestions(probe: Probe, near: Nearness) -> tuple[Candidate, ...]:
    """Return whom a face resembles most, best first."""
    return tuple(one for one in near.people if one.person not in probe.not_these)[:CANDIDATES]


def _suggested(people: tuple[Candidate, ...], match: Candidate | None) -> tuple[Candidate, ...]:
    """Return the nearest few; whose name a face bears is among them.

    So who is to be matched anew when a person changes can be told from a face alone.
    """
    few = people[:CANDIDATES]
    return few if match is None or match in few else (*few[:-1], match)


def _assigned(
    probes: Sequence[Probe],
    near: Sequence[Nearness],
    allowed: Sequence[tuple[Candidate, ...]],
    taken: AbstractSet[UUID],
    line_up: AbstractSet[UUID],
) -> dict[int, Candidate]:
    """Return the match of each face that gets a name."""
    possible = {
        (face, one.person): one
        for face, people in enumerate(allowed)
        for one in people
        if (one.similarity >= near[face].threshold or one.person in line_up)
        and one.person not in taken
        and one.person not in near[face].doubted
    }
    if not possible:
        return {}
    from inference.recognition.assignment import IMPOSSIBLE, assign
    from inference.recognition.line_up import assign_line_up

    keys = list(dict.fromkeys(person for _, person in possible))
    place = {person: column for column, person in enumerate(keys)}
    excess = np.full((len(probes), len(keys)), IMPOSSIBLE)
    for (face, person), one in possible.items():
        excess[face, place[person]] = one.similarity - near[face].threshold
    weights = [probe.quality for probe in probes]
    rules = _line_up_rules(probes) if line_up else None
    if rules is None:
        pairs = assign(excess, weights)
    else:
        is_member = np.array([person in line_up for person in keys])
        there = len(taken & line_up)
        pairs = assign_line_up(excess, is_member, rules, weights, already_sure=there)
    return {face: possible[face, keys[column]] for face, column in pairs}


def _line_up_rules(probes: Sequence[Probe]) -> "LineUpRules | None":
    """Return what was measured for the model of some faces; ``None`` where nothing was."""
    from inference.recognition.line_up import shipped_rules

    model = next((probe.embedder for probe in probes if probe.embedder), "")
    return shipped_rules(model.partition(TAG_SEPARATOR)[0])


def _near(gallery: "Gallery[UUID]", rows: "Embeddings") -> list[Nearness]:
    """Return who is near each row."""
    similarities: NDArray[np.float32] = gallery.similarities(rows)
    is_near = similarities >= gallery.threshold - CANDIDATE_MARGIN
    near: list[list[Candidate]] = [[] for _ in rows]
    for face, column in np.argwhere(is_near):
        near[face].append(Candidate(gallery.keys[column], float(similarities[face, column])))
    for people in near:
        people.sort(key=lambda one: -one.similarity)
    return [Nearness(tuple(people), gallery.threshold) for people in near]


def _gallery(references: Sequence[Enrolled], space: Space) -> "Gallery[UUID]":
    from inference.recognition.gallery import Gallery

    return Gallery(*_keyed(references, space), space.threshold)


def _keyed(references: Sequence[Enrolled], space: Space) -> "tuple[list[UUID], Embeddings]":
    """Return whose each row is, and the rows, ready to be compared."""
    rows = to_rows([reference.embedding for reference in references])
    people = [reference.person for reference in references]
    return people, space.apply(rows) if people else rows


def _by_model(enrolled: Sequence[Enrolled]) -> dict[str, list[Enrolled]]:
    by_model: defaultdict[str, list[Enrolled]] = defaultdict(list)
    for reference in enrolled:
        by_model[reference.embedder].append(reference)
    return by_model
