"""Names as users type them: cleaned once, so one person is not enrolled under two spellings."""

from django.utils.translation import gettext

from webapp.core.names import folded, tidied
from webapp.people.models import FOLDED_LENGTH, NAME_LENGTH


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
