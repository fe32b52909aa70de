"""Small words that all routes share: an id of a path, a text from outside, somebody's row."""

from typing import Annotated, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404
from pydantic import AfterValidator, Field

Row = TypeVar("Row", bound=Model)


def _without_nul(text: str) -> str:
    """Refuse the one letter that no database keeps."""
    if "\0" in text:
        raise ValueError("no NUL")
    return text


Text = Annotated[str, Field(max_length=300), AfterValidator(_without_nul)]
"""A short text from outside."""


def one_of(rows: QuerySet[Row], row_id: UUID | int) -> Row:
    """Return one of the rows that somebody may see.

    Raises:
        Http404: There is none of this id among them.
    """
    found = rows.filter(pk=row_id).first()
    if found is None:
        raise Http404
    return found
