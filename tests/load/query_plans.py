"""How the database answers each query of each page, in its own words."""

import re
from typing import Any

_ID = re.compile(r"'?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}'?")
_LONG_LIST = re.compile(r"(?:%s, ){3,}%s")


def plans(pages: dict[str, list[str]]) -> str:
    """Ask for the first address of each page; return its queries with their plans."""
    return "\n".join(_page(page, urls[0]) for page, urls in pages.items())


def _page(page: str, url: str) -> str:
    lines = [f"== {page}", ""]
    for sql, plan in queries_of(url):
        lines += [_LONG_LIST.sub("...", sql), *(f"    {line}" for line in plan), ""]
    return "\n".join(lines)


def queries_of(url: str) -> list[tuple[str, list[str]]]:
    """Return each SELECT behind an address, and its plan, without ids and costs."""
    selects = [(sql, params) for sql, params in statements_of(url) if sql.startswith("SELECT")]
    return [(sql, plan_of(sql, params)) for sql, params in selects]


def statements_of(url: str) -> list[tuple[str, Any]]:
    """Return everything that an address asks of the database, with its parameters."""
    from django.db import connection

    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    client = _client()
    with connection.execute_wrapper(note):
        answer = client.get(url)
    if answer.status_code != 200:
        raise AssertionError(f"{url} answered {answer.status_code}")
    return seen


def plan_of(sql: str, params: Any) -> list[str]:
    """Return the lines of the plan of one query."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            lines = [row[3] for row in cursor.fetchall()]
        else:
            cursor.execute(f"EXPLAIN (COSTS OFF) {sql}", params)
            lines = [row[0] for row in cursor.fetchall()]
    return [_ID.sub("(id)", line)[:200] for line in lines]


def _client() -> Any:
    from django.test import Client

    from webapp.accounts.models import User

    client = Client(headers={"host": "localhost"})
    owner = User.objects.filter(is_staff=True)[0]
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client
