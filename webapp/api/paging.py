"""Lists in pages that begin where the last one ended."""

from collections.abc import Callable
from typing import Annotated, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Query, Schema
from pydantic import Field

from webapp.core.web.paging import BadQueryError, NewestFirst

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")

MOST_ITEMS = 200
LARGEST_ID = 2**63 - 1


class PageQuery(Schema):
    """Which page of a list.

    Attributes:
        cursor: ``next_cursor`` of the page before; empty for the first.
        limit: How many at most.
    """

    cursor: Annotated[str, Field(max_length=200)] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 50


Paged = Annotated[PageQuery, Query()]


class Page(Schema, Generic[Item]):
    """One page of a list.

    Attributes:
        items: Newest first.
        next_cursor: Where the next page begins; empty on the last.
    """

    items: list[Item]
    next_cursor: str


def newest(
    rows: QuerySet[Row],
    query: PageQuery,
    show: Callable[[list[Row]], list[Item]],
    by: str = "created_at",
) -> Page[Item]:
    """Return a page of rows, newest first.

    Args:
        rows: All that may be seen.
        query: Which page.
        show: Turns the rows of a page into items.
        by: The time that decides.

    Raises:
        webapp.core.web.paging.BadQueryError: The cursor is not one of ours.
    """
    found, cursor = NewestFirst(by).page(rows, query.cursor, query.limit)
    return Page(items=show(found), next_cursor=cursor)


def numbered(
    rows: QuerySet[Row], query: PageQuery, show: Callable[[list[Row]], list[Item]]
) -> Page[Item]:
    """Return a page of rows whose ids are growing numbers, newest first.

    Raises:
        webapp.core.web.paging.BadQueryError: The cursor is not one of ours.
    """
    if query.cursor:
        rows = rows.filter(pk__lt=_number(query.cursor))
    found = list(rows.order_by("-pk")[: query.limit + 1])
    page = found[: query.limit]
    cursor = str(page[-1].pk) if len(found) > query.limit else ""
    return Page(items=show(page), next_cursor=cursor)


def _number(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit()) or int(cursor) > LARGEST_ID:
        raise BadQueryError("This place in the list is not known.")
    return int(cursor)
