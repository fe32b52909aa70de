"""Columns by which a database looks nothing up."""

from typing import Any

from django.db.models import Func


class Compared(Func):
    """A column by which SQLite looks up nothing, so that it begins with another one.

    It knows not how often a value occurs; other databases count, and find the way themselves.
    """

    arity = 1
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Return the column with the plus that SQLite documents for this."""
        return self.as_sql(compiler, connection, template="+%(expressions)s", **more)
