"""What a user has chosen in a grid, as a script sends it."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext

Key = TypeVar("Key", bound=Hashable)

MOST_CHOSEN = 20_000
"""Ids in one request; fewer bytes than a form may have."""
AT_ONCE = 500
"""Ids in one statement."""


class BadChoiceError(ValueError):
    """What was chosen cannot be read. The text is a sentence for the user."""


def read_ids(fields: Mapping[str, str], name: str) -> list[UUID]:
    """Return the ids of a form's field, in their order and each once.

    Raises:
        BadChoiceError: They are none, too many, or no ids.
    """
    words = [word for word in fields.get(name, "").split(",") if word]
    if not words:
        raise BadChoiceError(gettext("Nothing is selected."))
    if len(words) > MOST_CHOSEN:
        raise BadChoiceError(gettext("Select %(count)s at most.") % {"count": f"{MOST_CHOSEN:,}"})
    try:
        return list(dict.fromkeys(UUID(word) for word in words))
    except ValueError as error:
        raise BadChoiceError(
            gettext("The selection could not be read; reload the page.")
        ) from error


def portions(ids: Iterable[Key], size: int = AT_ONCE) -> Iterator[list[Key]]:
    """Yield ids so many at a time, each id once."""
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), size):
        yield unique[start : start + size]
