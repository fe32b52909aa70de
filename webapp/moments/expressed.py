"""How much an emotion sample says, worked out by the database itself."""

from typing import Any

from django.db.models import F, FloatField, Func
from django.db.models.functions import Coalesce

QUIET = "neutral"


class Quiet(Func):
    """How sure it is that somebody only looks neutral, out of a column of emotions.

    Django's own way into JSON has SQLite parse each value three times, and is none that PostgreSQL
    could keep.
    """

    arity = 1
    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Return it in SQLite's words."""
        template = f"JSON_EXTRACT(%(expressions)s, '$.{QUIET}')"
        return self.as_sql(compiler, connection, template=template, **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Return it in PostgreSQL's words."""
        template = f"(%(expressions)s ->> '{QUIET}')::double precision"
        return self.as_sql(compiler, connection, template=template, **more)


EXPRESSED = F("count") * (1.0 - Coalesce(Quiet("emotions"), 0.0))
"""How many of a sample's readings were of any expression."""
