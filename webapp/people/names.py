"""Names as users type them: cleaned once, so one person is not enrolled under two spellings."""

import unicodedata

from webapp.people.models import NAME_LENGTH


class PeopleError(Exception):
    """A wish about people that cannot be granted; the text is a sentence for the user."""


class BadNameError(PeopleError):
    """The name is empty, too long, or means several people."""


class NameTakenError(PeopleError):
    """Somebody else is already called that."""


def clean_name(raw: str) -> str:
    """Return the name composed (NFC), without control characters, with single blanks.

    Raises:
        BadNameError: Nothing is left, or too much.
    """
    composed = unicodedata.normalize("NFC", raw)
    visible = "".join(" " if _is_invisible(letter) else letter for letter in composed)
    name = " ".join(visible.split())
    if not name:
        raise BadNameError("Please type a name.")
    if len(name) > NAME_LENGTH:
        raise BadNameError(f"A name can have at most {NAME_LENGTH} letters.")
    return name


def _is_invisible(letter: str) -> bool:
    """Whether a letter is a control, format, surrogate or unassigned one.

    Among them are the marks that turn the writing direction, with which a name could disguise
    itself as another.
    """
    return unicodedata.category(letter).startswith("C")
