"""Measure the gallery with many photos: time and SQL queries of each page.

Makes a database of its own in a temporary folder, fills it, asks for every kind of page through
the whole Django stack (middleware, templates), and prints p50, p95 and the number of queries.
Exits with 1 when a page is slower than 300 ms (p95) or needs more than 12 queries.

    python -m tests.load.gallery_load [--photos 10000] [--rounds 40]
"""

import argparse
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from inference.evaluation.report import Section, save, table

if TYPE_CHECKING:
    from webapp.moments.models import Moment
    from webapp.people.models import Person
    from webapp.photos.models import Photo

MOST_MILLISECONDS = 300.0
MOST_QUERIES = 12
FACES_PER_PHOTO = 3
PEOPLE = 40
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Measured:
    """What one kind of page took."""

    page: str
    p50_ms: float
    p95_ms: float
    queries: int

    @property
    def is_good(self) -> bool:
        """Whether it is within both limits."""
        return self.p95_ms <= MOST_MILLISECONDS and self.queries <= MOST_QUERIES


def main() -> int:
    """Seed, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="encore-gallery-") as folder:
        os.environ["ENCORE_DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        addresses = seed(arguments.photos)
        results = list(measure(addresses, arguments.rounds))
    faces = arguments.photos * FACES_PER_PHOTO
    print(f"{arguments.photos} photos and as many moments, {faces} faces")  # noqa: T201
    for one in results:
        print(  # noqa: T201
            f"{one.page:32} p50 {one.p50_ms:6.1f} ms  p95 {one.p95_ms:6.1f} ms  "
            f"{one.queries:2} queries  {'ok' if one.is_good else 'TOO MUCH'}"
        )
    save(section(arguments.photos, results))
    return 0 if all(one.is_good for one in results) else 1


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


def seed(count: int) -> dict[str, list[str]]:
    """Fill the database; returns each kind of page with its addresses."""
    from webapp.accounts.models import User
    from webapp.people.models import Group, Person
    from webapp.photos.models import Concert, Photo

    chance = random.Random(1)  # noqa: S311 - data to measure with
    owner = User.objects.create_user(username="load", is_staff=True)
    concert = Concert.objects.create(owner=owner, name="All of it")
    group = Group.objects.create(owner=owner, name="Everybody")
    people = [
        Person.objects.create(owner=owner, name=f"Person {number}", group=group)
        for number in range(PEOPLE)
    ]
    photos = [
        Photo(
            owner=owner,
            concert=concert if number % 2 else None,
            display_name=f"photo {number}.jpg",
            sha256=f"{number:064x}",
            bytes=1,
            width=6000,
            height=4000,
            state=Photo.State.READY,
            face_count=FACES_PER_PHOTO,
        )
        for number in range(count)
    ]
    Photo.objects.bulk_create(photos, batch_size=BATCH)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number, photo in enumerate(photos):
        photo.created_at = start + timedelta(seconds=number // 3)
    Photo.objects.bulk_update(photos, ["created_at"], batch_size=BATCH // 2)
    seed_faces([photo.pk for photo in photos], [person.pk for person in people], chance)
    moments = seed_moments(photos, people, chance)
    return {
        **addresses(concert.pk, [person.pk for person in people], photos, chance),
        **moment_addresses(concert.pk, [person.pk for person in people], moments, chance),
    }


def seed_faces(photos: Sequence[UUID], people: Sequence[UUID], chance: random.Random) -> None:
    """Store the faces of all photos; the last person is rare, and so is disgust."""
    from webapp.analysis.models import DetectedFace

    emotions = ("happy", "neutral", "sad", "surprised")
    faces = [
        DetectedFace(
            photo_id=photo,
            x1=100 + 1000 * place,
            y1=100,
            x2=500 + 1000 * place,
            y2=600,
            score=0.99,
            quality=0.8,
            embedding=bytes(512),
            embedder="load@1",
            person_id=people[-1] if chance.random() < 0.0005 else chance.choice(people[:-1]),
            similarity=0.7,
            named_by="auto",
            emotion="disgust" if chance.random() < 0.0005 else chance.choice(emotions),
        )
        for photo in photos
        for place in range(FACES_PER_PHOTO)
    ]
    DetectedFace.objects.bulk_create(faces, batch_size=BATCH)


def seed_moments(
    photos: "Sequence[Photo]", people: "Sequence[Person]", chance: random.Random
) -> "list[Moment]":
    """Make a moment of every photo, with four frames of which one is picked."""
    from webapp.moments.models import Moment, MomentFrame

    moments = [
        Moment(
            owner_id=photo.owner_id,
            concert_id=photo.concert_id,
            key=str(number),
            state=Moment.State.READY,
            at=photo.created_at,
            score=chance.random(),
            emotion="disgust" if chance.random() < 0.0005 else chance.choice(("happy", "sad")),
            reason="eyes open, sharp",
            is_discarded=chance.random() < 0.1,
            liked_at=photo.created_at if chance.random() < 0.05 else None,
            photo=photo,
        )
        for number, photo in enumerate(photos)
    ]
    Moment.objects.bulk_create(moments, batch_size=BATCH // 2)
    Moment.people.through.objects.bulk_create(
        (
            Moment.people.through(
                moment=moment,
                person=people[-1] if chance.random() < 0.0005 else chance.choice(people[:-1]),
            )
            for moment in moments
        ),
        batch_size=BATCH,
    )
    MomentFrame.objects.bulk_create(
        (
            MomentFrame(
                moment=moment,
                number=place,
                captured_at=place,
                terms={"expression": 0.5, "sharpness": 0.5},
                box=[0.4, 0.2, 0.6, 0.5],
                photo=moment.photo,
                is_picked=place == 0,
            )
            for moment in moments
            for place in range(4)
        ),
        batch_size=BATCH // 2,
    )
    return moments


def moment_addresses(
    concert: UUID, people: Sequence[UUID], moments: "Sequence[Moment]", chance: random.Random
) -> dict[str, list[str]]:
    """Return each kind of page of moments with some of its addresses."""
    from django.urls import reverse

    from webapp.moments.grid import ORDER

    grid = reverse("moments:list")
    some = chance.sample(moments, 20)
    return {
        "moments": [grid],
        "moments, somewhere": [f"{grid}?cursor={ORDER.cursor_of(one)}" for one in some],
        "moments, at the end": [f"{grid}?cursor={ORDER.cursor_of(moments[70])}"],
        "moments: a concert": [f"{grid}?concert={concert}"],
        "moments: a star": [f"{grid}?person={person}" for person in people[:10]],
        "moments: a rare star": [f"{grid}?person={people[-1]}"],
        "moments: a rare emotion": [f"{grid}?emotion=disgust"],
        "moments: a day": [f"{grid}?day=2026-01-01"],
        "moments: liked": [f"{grid}?show=liked"],
        "moments: discarded": [f"{grid}?show=discarded"],
        "moments: nothing fits": [f"{grid}?emotion=fear&show=liked"],
        "a moment": [reverse("moments:moment", args=[one.pk]) for one in some],
    }


def addresses(
    concert: UUID, people: Sequence[UUID], photos: "Sequence[Photo]", chance: random.Random
) -> dict[str, list[str]]:
    """Return each kind of page with some of its addresses."""
    from django.urls import reverse

    from webapp.analysis.gallery import ORDER

    grid = reverse("analysis:photos")
    some = chance.sample(photos, 20)
    oldest_first = [
        f"{grid}?cursor={ORDER.cursor_of(photo)}" for photo in (photos[70], photos[200])
    ]
    return {
        "all photos": [grid],
        "all photos, somewhere": [f"{grid}?cursor={ORDER.cursor_of(one)}" for one in some],
        "all photos, at the end": oldest_first,
        "a concert": [reverse("analysis:concert", args=[concert])],
        "filter: a person": [f"{grid}?person={person}" for person in people[:10]],
        "filter: a rare person": [f"{grid}?person={people[-1]}"],
        "filter: a rare emotion": [f"{grid}?emotion=disgust"],
        "filter: person and emotion": [f"{grid}?person={people[0]}&emotion=sad&faces=3-5"],
        "filter: nothing fits": [f"{grid}?faces=6-"],
        "a person's page": [reverse("analysis:person", args=[one]) for one in people[:10]],
        "people": [reverse("people:list")],
        "concerts": [reverse("photos:concerts")],
        "a photo": [reverse("analysis:photo", args=[one.pk]) for one in some],
    }


def measure(pages: dict[str, list[str]], rounds: int) -> Iterator[Measured]:
    """Ask for every page ``rounds`` times, in turn over its addresses."""
    from django.db import connection
    from django.test import Client

    from webapp.accounts.models import User

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
        times = []
        for number in range(rounds):
            started = time.perf_counter()
            client.get(urls[number % len(urls)])
            times.append(1000 * (time.perf_counter() - started))
        p95 = statistics.quantiles(times, n=20)[-1]
        yield Measured(page, statistics.median(times), p95, len(statements))


if __name__ == "__main__":
    sys.exit(main())
