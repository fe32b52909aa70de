"""What the search box suggests for the word that is being typed."""

from dataclasses import dataclass

from django.utils.translation import gettext

from webapp.analysis.search.language import KEYWORDS
from webapp.analysis.search.terms import Vocabulary
from webapp.core.words.names import loosened

MOST = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to go on.

    Attributes:
        text: The whole search, gone on so.
        label: What stands in the list.
        kind: What that is, in a few words.
    """

    text: str
    label: str
    kind: str


def suggestions_for(typed: str, known: Vocabulary) -> list[Suggestion]:
    """Return a few ways to complete the last word; names that begin with it first."""
    before, last = _split(typed)
    sign, word = (last[0], last[1:]) if last[:1] in {"-", "!"} else ("", last)
    wanted = loosened(word.rpartition(":")[2].strip('"'))
    ranked: list[tuple[int, str, Suggestion]] = []
    for name, written, kind in _words(known):
        plain, whole = loosened(name), loosened(written)
        if plain.startswith(wanted) or (word and whole.startswith(loosened(word))):
            rank = 0
        elif len(wanted) > 1 and wanted in plain:
            rank = 1
        else:
            continue
        text = f"{before}{sign}{written} "
        ranked.append((rank, name.casefold(), Suggestion(text, name, kind)))
    return [suggestion for *_, suggestion in sorted(ranked, key=lambda one: one[:2])][:MOST]


def _split(typed: str) -> tuple[str, str]:
    """Return what stands before the last word, and that word; one in open quotes is one word."""
    opened = typed.rfind('"') if typed.count('"') % 2 else -1
    cut = typed.rfind(" ", 0, opened if opened >= 0 else len(typed)) + 1
    return typed[:cut], typed[cut:]


def _words(known: Vocabulary) -> list[tuple[str, str, str]]:
    """Return every word: as it is called, as it is written, and what it is."""
    return [
        *((name, _quoted(name), gettext("person or group")) for name in known.people),
        *((label, label, gettext("emotion")) for label in known.emotions),
        *((name, f"concert:{_quoted(name)}", gettext("concert")) for name in known.concerts),
        *((name, f"camera:{_quoted(name)}", gettext("camera")) for name in known.cameras),
        *((word, word, str(meaning)) for word, meaning in KEYWORDS),
    ]


def _quoted(name: str) -> str:
    plain = name.replace('"', "")
    return f'"{plain}"' if " " in plain or "," in plain else plain
