"""Names as users type them: cleaned once, so one person is not enrolled under two spellings."""

import re

from django.utils.translation import gettext

from webapp.core.words.names import folded, tidied
from webapp.people.models import FOLDED_LENGTH, NAME_LENGTH

CREDITS_LENGTH = 300
_COLOUR = re.compile("#[0-9a-f]{6}")


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
    name = tidied(raw)
    if not name:
        raise BadNameError(gettext("Please type a name."))
    if len(name) > NAME_LENGTH or len(folded(name)) > FOLDED_LENGTH:
        raise BadNameError(
            gettext("A name can have at most %(count)s letters.") % {"count": NAME_LENGTH}
        )
    return name


def clean_colour(raw: str) -> str:
    """Return a colour as ``#rrggbb``, empty for none.

    Raises:
        BadNameError: It is no colour.
    """
    colour = raw.strip().lower()
    if colour and not _COLOUR.fullmatch(colour):
        raise BadNameError(gettext("Write the colour as # and six digits, such as #ff5fa2."))
    return colour


def clean_credits(raw: str) -> str:
    """Return who is to be thanked, as one line.

    Raises:
        BadNameError: It is too long.
    """
    told = tidied(raw)
    if len(told) > CREDITS_LENGTH:
        text = gettext("Credits can have at most %(most)s letters.")
        raise BadNameError(text % {"most": CREDITS_LENGTH})
    return told
