"""Whether SQLite's file is whole: asked by the upkeep, because reading all of it takes seconds."""

from django.db import connection
from django.utils import timezone
from django.utils.timesince import timesince

from webapp.core.models import IntegrityCheck

EVERY_SECONDS = 3600
_ROW = 1


def check() -> None:
    """Ask the database and remember the answer."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(5)")
        answer = "; ".join(str(row[0]) for row in cursor.fetchall())
    IntegrityCheck.objects.update_or_create(
        pk=_ROW, defaults={"answer": answer[:1000], "checked_at": timezone.now()}
    )


def last() -> IntegrityCheck | None:
    """Return the last answer, ``None`` before the first."""
    return IntegrityCheck.objects.filter(pk=_ROW).first()


def words(found: IntegrityCheck | None) -> str:
    """Return the last answer in words, with its age."""
    if found is None:
        return "not looked at yet"
    return f"{found.answer}, {timesince(found.checked_at)} ago"
