"""Pages of a grid that begin where the last one ended.

Rows are found by key, not by offset: the last page of 10,000 is as quick as the first, and a row
that is added meanwhile shifts nothing.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

Row = TypeVar("Row", bound=Model)


class BadQueryError(ValueError):
    """The address holds a filter or cursor that no page of ours has made.

    The text is a sentence for the user. No view needs to catch it: it becomes a page that leads
    back (``TroubleMiddleware``).
    """


@dataclass(frozen=True, slots=True)
class NewestFirst:
    """The order of a grid: by a time, then by id, both falling.

    Attributes:
        field: Name of the time.
    """

    field: str

    def page(self, rows: QuerySet[Row], cursor: str, size: int) -> tuple[list[Row], str]:
        """Return so many rows after a cursor, and the next cursor; empty on the last page.

        Raises:
            BadQueryError: The cursor is not one of ours.
        """
        if cursor:
            rows = rows.filter(self._after(*_read(cursor)))
        found = list(rows.order_by(f"-{self.field}", "-id")[: size + 1])
        page = found[:size]
        return page, self.cursor_of(page[-1]) if len(found) > size else ""

    def neighbours(self, rows: QuerySet[Row], row: Row) -> tuple[Row | None, Row | None]:
        """Return the newer and the older row beside one in the same grid."""
        place = self._place(row)
        newer = rows.filter(self._before(*place)).order_by(self.field, "id").first()
        older = rows.filter(self._after(*place)).order_by(f"-{self.field}", "-id").first()
        return newer, older

    def around(self, rows: QuerySet[Row], row: Row, count: int) -> list[Row]:
        """Return a row with up to so many newer and older ones beside it in the same grid."""
        place = self._place(row)
        newer = rows.filter(self._before(*place)).order_by(self.field, "id")[:count]
        older = rows.filter(self._after(*place)).order_by(f"-{self.field}", "-id")[:count]
        return [*reversed(newer), row, *older]

    def cursor_of(self, row: Model) -> str:
        """Return the place of a row as a word for an address."""
        return _word(*self._place(row))

    def cursor_at(self, at: datetime) -> str:
        """Return the place from which on everything is older than a time."""
        return _word(at, UUID(int=0))

    def _place(self, row: Model) -> tuple[datetime, Any]:
        return getattr(row, self.field), row.pk

    def _after(self, at: datetime, row_id: UUID) -> Q:
        """Return the condition for being further down; a range first, so that the index serves."""
        at_most = Q(**{f"{self.field}__lte": at})
        return at_most & (Q(**{f"{self.field}__lt": at}) | Q(id__lt=row_id))

    def _before(self, at: datetime, row_id: UUID) -> Q:
        at_least = Q(**{f"{self.field}__gte": at})
        return at_least & (Q(**{f"{self.field}__gt": at}) | Q(id__gt=row_id))


def _word(at: datetime, row_id: Any) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}~{row_id}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text, _, row_id = base64.urlsafe_b64decode(padded.encode()).decode().partition("~")
        at = parse_datetime(text)
        if at is None or at.tzinfo is None:
            raise BadQueryError(gettext("This place in the list is not known."))
        return at.astimezone(UTC), UUID(row_id)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise BadQueryError(gettext("This place in the list is not known.")) from error
