"""Measure the gallery with many photos: time and SQL queries of each page.

Makes a database of its own in a temporary folder, fills it, asks for every kind of page through
the whole Django stack (middleware, templates), and prints p50, p95 and the number of queries.
Exits with 1 when a page is slower than 100 ms (p95) or needs more queries than it may.

    python -m tests.load.gallery_load [--photos 100000] [--rounds 30] [--postgres]
        [--keep FOLDER] [--plans FILE] [--results FILE] [--only WORDS]

"cpu" is the work of this process and of PostgreSQL for it: what a page takes on a machine that
does nothing else. A library that was kept is measured again without being filled anew, migrated to
the present code.
"""

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inference.evaluation.report import Section, save, table
from tests.load import gallery_seed
from tests.load.gallery_seed import FACES_PER_PHOTO, MORE_QUERIES, MOST_MONTHS, MOST_QUERIES

MOST_MILLISECONDS = 100.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What one kind of page took.

    Attributes:
        cpu_ms: Work of this process, and of PostgreSQL for it (p95), which a busy machine
            lengthens less.
        least_ms: The least of it, nearest to what the page takes where nothing else runs.
    """

    page: str
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    least_ms: float
    queries: int

    @property
    def is_good(self) -> bool:
        """Whether it is within both limits."""
        allowed = MORE_QUERIES.get(self.page, MOST_QUERIES)
        if "about" in self.page:
            allowed += MOST_MONTHS
        return self.p95_ms <= MOST_MILLISECONDS and self.queries <= allowed


def main() -> int:
    """Seed, measure, print."""
    arguments = _arguments()
    with _installation(arguments) as is_empty:
        if is_empty:
            gallery_seed.seed(arguments.photos)
            _analyse()
        pages = gallery_seed.every_page()
        pages = {page: urls for page, urls in pages.items() if arguments.only in page}
        faces = arguments.photos * FACES_PER_PHOTO
        print(f"{arguments.photos} photos and as many moments, {faces} faces")  # noqa: T201
        results = [tell(one) for one in measure(pages, arguments.rounds)]
        if arguments.plans:
            from tests.load.query_plans import plans

            arguments.plans.write_text(plans(pages))
    if arguments.results:
        arguments.results.write_text(json.dumps([asdict(one) for one in results], indent=1))
    save(section(arguments.photos, results))
    return 0 if all(one.is_good for one in results) else 1


def tell(one: Measured) -> Measured:
    """Print what a page took, and return it."""
    print(  # noqa: T201
        f"{one.page:32} p50 {one.p50_ms:6.1f} ms  p95 {one.p95_ms:6.1f} ms  "
        f"cpu {one.cpu_ms:6.1f} ms  least {one.least_ms:6.1f} ms  {one.queries:2} queries  "
        f"{'ok' if one.is_good else 'TOO MUCH'}",
        flush=True,
    )
    return one


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--postgres", action="store_true", help="start a PostgreSQL of its own")
    parser.add_argument("--keep", type=Path, help="folder in which the filled database stays")
    parser.add_argument("--plans", type=Path, help="file for the query plans")
    parser.add_argument("--results", type=Path, help="file for the figures, as JSON")
    parser.add_argument("--only", default="", help="measure only pages whose name has these words")
    return parser.parse_args()


@contextmanager
def _installation(arguments: argparse.Namespace) -> Iterator[bool]:
    """Set Django up on a database of its own; yields whether that is still empty."""
    with tempfile.TemporaryDirectory(prefix="encore-gallery-") as temporary:
        folder = arguments.keep or Path(temporary)
        os.environ["ENCORE_DATA_DIR"] = str(folder / "var")
        os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
        server = None
        if arguments.postgres:
            from tests.services import Postgres

            server = Postgres(folder / "postgres")
            os.environ["ENCORE_DATABASE_URL"] = server.url
        try:
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
            from webapp.photos.models import Photo

            yield not Photo.objects.exists()
        finally:
            if server is not None:
                server.go_away()


def _analyse() -> None:
    """Have PostgreSQL's planner look at what was filled in, as its autovacuum would."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def section(photos: int, results: list[Measured]) -> Section:
    """Return the figures for the report."""
    cells = [(one.page, one.p50_ms, one.p95_ms, one.queries) for one in results]
    return Section(
        name="gallery",
        title=f"Pages with {photos:,} photos and as many moments",
        metrics={
            re.sub(r"\W+", "_", one.page): {
                "p50_ms": one.p50_ms,
                "p95_ms": one.p95_ms,
                "queries": one.queries,
            }
            for one in results
        },
        markdown=(
            f"Allowed are {MOST_MILLISECONDS:.0f} ms (p95) and {MOST_QUERIES} queries a page.\n\n"
            + table(("page", "p50 ms", "p95 ms", "queries"), cells)
        ),
    )


def measure(pages: dict[str, list[str]], rounds: int) -> Iterator[Measured]:
    """Ask for every page ``rounds`` times, in turn over its addresses."""
    from django.db import connection
    from django.test import Client

    from webapp.accounts.models import User
    from webapp.core.server.memory import keep_what_is_loaded

    keep_what_is_loaded()  # As a web process does.
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    for page, urls in pages.items():
        statements: list[str] = []

        def count(execute: Any, sql: str, *rest: Any, seen: list[str] = statements) -> Any:
            seen.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(count):
            response = client.get(urls[0])
        if response.status_code != 200:
            raise SystemExit(f"{urls[0]} answered {response.status_code}")
        times, work = [], []
        for number in range(rounds):
            started, worked = time.perf_counter(), _worked()
            client.get(urls[number % len(urls)])
            times.append(1000 * (time.perf_counter() - started))
            work.append(1000 * (_worked() - worked))
        yield Measured(
            page, statistics.median(times), _p95(times), _p95(work), min(work), len(statements)
        )


def _worked() -> float:
    """Return the processor time of this process and of the database server for it, in seconds."""
    from django.db import connection

    own = time.process_time()
    if connection.vendor != "postgresql":
        return own
    connection.ensure_connection()
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return own + int(server.read_text().split()[0]) / 1e9


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
