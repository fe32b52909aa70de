"""What is typed into the search box, read into terms; pure, without a database.

Terms stand side by side and all must hold; ``-`` before one means that it must not::

    jisoo + lisa surprised faces:2 concert:seoul 2026-05 -happy>0.8

An emotion that follows a name is meant of that person's face, any other of any face.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeAlias
from uuid import UUID

from django.utils.translation import gettext, gettext_lazy

from webapp.analysis.search.terms import (
    Days,
    FaceCount,
    Feeling,
    Flag,
    Meaning,
    Megapixels,
    OfCameras,
    OfConcerts,
    OfPerson,
    Search,
    SearchError,
    Term,
    Vocabulary,
)
from webapp.core.words.names import loosened

MOST_TERMS = 20
_WORD = re.compile(r'[-!]?(?:[a-z]+:)?"[^"]*"?|[^\s,]+', re.IGNORECASE)
_EMOTION = re.compile(r"(?P<label>[a-z]+)(?:>=?(?P<share>\d*\.?\d+)(?P<percent>%?))?")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_FACES = re.compile(r"(\d{1,4})(?:(-|\.\.)(\d{1,4})|(\+|-))?")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:mp)?")
_JOINERS = {"+", "&", "and"}
_FLAGS = {
    "favourite": "favourite", "favourites": "favourite", "favorite": "favourite",
    "favorites": "favourite", "unnamed": "unnamed",
}  # fmt: skip
_PEOPLE, _CONCERTS, _CAMERAS = "person", "concert", "camera"


@dataclass(frozen=True, slots=True)
class _Word:
    """A word; ``is_apart`` where a plus parts it from the one before."""

    text: str
    is_not: bool
    is_apart: bool


def parse(text: str, known: Vocabulary) -> Search:
    """Read what was typed.

    Raises:
        SearchError: A part of it means nothing, or too many things.
    """
    words = list(_words(text))
    terms: list[Term] = []
    at = 0
    while at < len(words):
        term, taken = _term(words, at, known)
        terms.append(term if words[at].is_apart else _joined(terms, term))
        at += taken
    if len(terms) > MOST_TERMS:
        raise SearchError(
            terms[MOST_TERMS].text,
            gettext("A search has %(count)s parts at most.") % {"count": MOST_TERMS},
        )
    return Search(tuple(terms))


def _joined(before: list[Term], term: Term) -> Term:
    """Let an emotion belong to the name right before it, which is taken out of the list."""
    if not before or not isinstance(term.meaning, Feeling):
        return term
    person = before[-1]
    if (
        not isinstance(person.meaning, OfPerson)
        or person.meaning.feeling
        or person.is_not
        or term.is_not
    ):
        return term
    before.pop()
    meaning = replace(person.meaning, feeling=term.meaning)
    return Term(f"{person.text} {term.text}", meaning)


def _words(text: str) -> Iterator[_Word]:
    is_apart = False
    for match in _WORD.finditer(text):
        word = match[0]
        if word.casefold() in _JOINERS:
            is_apart = True
            continue
        is_not = len(word) > 1 and word[0] in "-!"
        yield _Word(word[1:] if is_not else word, is_not, is_apart)
        is_apart = False


def _term(words: Sequence[_Word], at: int, known: Vocabulary) -> tuple[Term, int]:
    """Return the term that begins at a word, and how many words it takes."""
    word = words[at]
    key, colon, value = word.text.partition(":")
    if colon and (read := _KEYS.get(key.casefold())) is not None:
        meaning = read(value.strip('"').strip(), word.text, known)
        return Term(word.text, meaning, word.is_not), 1
    simple = _simple(word.text, known)
    if simple is not None:
        return Term(word.text, simple, word.is_not), 1
    return _person(words, at, known)


def _simple(text: str, known: Vocabulary) -> Meaning | None:
    folded = text.casefold()
    if folded in _FLAGS:
        return Flag(_FLAGS[folded])
    feeling = _EMOTION.fullmatch(folded)
    if feeling and feeling["label"] in known.emotions:
        return _feeling(feeling, text)
    if re.fullmatch(r"[\d.-]+", text) and re.match(r"(\.\.)?\d{4}", text):
        return _days(text, text, known)
    return None


def _person(words: Sequence[_Word], at: int, known: Vocabulary) -> tuple[Term, int]:
    """Return the person or group whose name begins at a word: the longest that is known."""
    first = words[at]
    quoted = first.text.strip('"')
    for count in range(min(5, len(words) - at), 0, -1):
        row = words[at : at + count]
        if any(word.is_not or word.is_apart for word in row[1:]):
            continue
        name = loosened("".join(word.text.strip('"') for word in row))
        found = _exactly(name, known.people)
        if found:
            text = " ".join(word.text for word in row)
            return Term(text, OfPerson(found), first.is_not), count
    begun = _begun(loosened(quoted), known.people)
    if len(begun) == 1:
        return Term(first.text, OfPerson(next(iter(begun.values()))), first.is_not), 1
    if begun:
        names = ", ".join(sorted(begun)[:4])
        raise SearchError(
            first.text,
            gettext("“%(text)s” may be %(names)s. Type more of the name.")
            % {"text": first.text, "names": names},
        )
    raise SearchError(
        first.text,
        gettext("“%(text)s” is the name of nobody, no emotion, no date and no word to search by.")
        % {"text": first.text},
    )


def _exactly(name: str, names: Mapping[str, frozenset[UUID]]) -> frozenset[UUID]:
    return frozenset().union(*(ids for one, ids in names.items() if loosened(one) == name))


def _begun(start: str, names: Mapping[str, frozenset[UUID]]) -> dict[str, frozenset[UUID]]:
    if not start:
        return {}
    return {one: ids for one, ids in names.items() if loosened(one).startswith(start)}


def _feeling(match: re.Match[str], text: str) -> Feeling:
    if not match["share"]:
        return Feeling(match["label"])
    above = float(match["share"]) / (100 if match["percent"] else 1)
    if not 0 <= above < 1:
        raise SearchError(
            text,
            gettext("“%(text)s”: the strength of an emotion is between 0 and 1.") % {"text": text},
        )
    return Feeling(match["label"], above)


def _emotion(value: str, text: str, known: Vocabulary) -> Meaning:
    match = _EMOTION.fullmatch(value.casefold())
    if match is None or match["label"] not in known.emotions:
        choices = ", ".join(sorted(known.emotions))
        raise SearchError(
            text,
            gettext("“%(text)s”: the emotions are %(choices)s.")
            % {"text": text, "choices": choices},
        )
    return _feeling(match, text)


def _faces(value: str, text: str, known: Vocabulary) -> Meaning:
    match = _FACES.fullmatch(value)
    if match is None:
        raise SearchError(
            text,
            gettext("“%(text)s”: write a number of faces, as faces:2, 3-5 or 6+.") % {"text": text},
        )
    least = int(match[1])
    most = int(match[3]) if match[3] else None if match[4] else least
    if most is not None and most < least:
        raise SearchError(
            text, gettext("“%(text)s”: the smaller number comes first.") % {"text": text}
        )
    return FaceCount(least, most)


def _by_name(
    value: str, text: str, names: Mapping[str, frozenset[UUID]], kind: str
) -> frozenset[UUID]:
    """Return the ids of everything whose name holds the text."""
    wanted = loosened(value)
    found = [ids for name, ids in names.items() if wanted and wanted in loosened(name)]
    if not found:
        raise SearchError(
            text,
            gettext("“%(text)s”: there is no %(kind)s called like that.")
            % {"text": text, "kind": kind},
        )
    return frozenset().union(*found)


def _concert(value: str, text: str, known: Vocabulary) -> Meaning:
    return OfConcerts(_by_name(value, text, known.concerts, _CONCERTS))


def _star(value: str, text: str, known: Vocabulary) -> Meaning:
    return OfPerson(_by_name(value, text, known.people, _PEOPLE))


def _camera(value: str, text: str, known: Vocabulary) -> Meaning:
    wanted = loosened(value)
    found = frozenset(one for one in known.cameras if wanted and wanted in loosened(one))
    if not found:
        raise SearchError(
            text, gettext("“%(text)s”: no photo was taken with such a camera.") % {"text": text}
        )
    return OfCameras(found)


def _nothing_of(value: str, text: str, known: Vocabulary) -> Meaning:
    if value.casefold() == "concert":
        return OfConcerts(frozenset())
    if value.casefold() in {"faces", "face"}:
        return FaceCount(0, 0)
    raise SearchError(
        text, gettext("“%(text)s”: there is no:concert and no:faces.") % {"text": text}
    )


def _has(value: str, text: str, known: Vocabulary) -> Meaning:
    if value.casefold() in {"portrait", "moment"}:
        return Flag(value.casefold())
    raise SearchError(
        text, gettext("“%(text)s”: there is has:portrait and has:moment.") % {"text": text}
    )


def _is(value: str, text: str, known: Vocabulary) -> Meaning:
    if value.casefold() in _FLAGS:
        return Flag(_FLAGS[value.casefold()])
    raise SearchError(
        text, gettext("“%(text)s”: there is is:favourite and is:unnamed.") % {"text": text}
    )


def _size(value: str, text: str, known: Vocabulary) -> Meaning:
    match = _SIZE.fullmatch(value.casefold().lstrip(">="))
    if match is None:
        raise SearchError(
            text, gettext("“%(text)s”: write the least megapixels, as size:12mp.") % {"text": text}
        )
    return Megapixels(float(match[1]))


def _days(value: str, text: str, known: Vocabulary) -> Meaning:
    """Return the days of ``2026``, ``2026-05``, ``2026-05-17`` or two of these with ``..``."""
    start, dots, end = value.partition("..")
    first = _span(start, text)[0] if start else None
    last = _span(end, text)[1] if end else None if dots else _span(start, text)[1]
    if (first is None and last is None) or (first and last and last < first):
        raise SearchError(
            text,
            gettext("“%(text)s”: write a day, a month, a year, or two with .. between.")
            % {"text": text},
        )
    return Days(first, last)


def _before(value: str, text: str, known: Vocabulary) -> Meaning:
    return Days(None, _span(value, text)[0] - timedelta(days=1))


def _after(value: str, text: str, known: Vocabulary) -> Meaning:
    return Days(_span(value, text)[1] + timedelta(days=1), None)


def _span(value: str, text: str) -> tuple[date, date]:
    """Return the first and the last day of a day, month or year."""
    match = _DATE.fullmatch(value)
    wrong = SearchError(
        text, gettext("“%(text)s”: there is no such day; write it as 2026-05-17.") % {"text": text}
    )
    if match is None:
        raise wrong
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        if day:
            return first, first
        if not month:
            return first, first.replace(month=12, day=31)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise wrong from error


_Reader: TypeAlias = Callable[[str, str, Vocabulary], Meaning]
_KEYS: dict[str, _Reader] = {
    "person": _star, "star": _star, "group": _star, "concert": _concert, "camera": _camera,
    "faces": _faces, "emotion": _emotion, "no": _nothing_of, "has": _has, "is": _is,
    "size": _size, "date": _days, "before": _before, "after": _after,
}  # fmt: skip
KEYWORDS = (
    ("faces:2", gettext_lazy("so many faces; also 3-5 and 6+")),
    ("favourite", gettext_lazy("photos that you have marked")),
    ("unnamed", gettext_lazy("with a face that has no name")),
    ("has:portrait", gettext_lazy("with a portrait version")),
    ("has:moment", gettext_lazy("captured by itself")),
    ("no:concert", gettext_lazy("of no concert")),
    ("no:faces", gettext_lazy("without faces")),
    ("after:2026-05-17", gettext_lazy("taken after a day, month or year")),
    ("before:2026-05-17", gettext_lazy("taken before it")),
    ("size:12mp", gettext_lazy("of at least so many megapixels")),
)
"""Words that the search box suggests, and what they mean."""
