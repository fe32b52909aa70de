"""A library of any size for ``gallery_load``, and the address of every page and filter of it.

Rows are made in bulk, without files: pages of a grid read none.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tests.load.evening_seed import seed_evening

if TYPE_CHECKING:
    from webapp.accounts.models import User
    from webapp.moments.models import Moment
    from webapp.people.models import Person
    from webapp.photos.models import Concert, Photo

FACES_PER_PHOTO = 3
RARE = 0.0005
UNNAMED = 0.1
"""Share of faces without a name."""
PHOTOS_OF_AN_EVENING = 1000
DAYS = 3 * 365
CAMERAS = ("SONY ILCE-7M4", "iPhone 15", "")
PEOPLE = 40
CONCERTS = 20
REFERENCES_PER_PERSON = 5
MOMENTS_PER_CLIP, MOST_CLIPS = 20, 60
STAGES = ("ingest", "recognise", "emotions", "portrait")
BATCH = 1000
MOST_QUERIES = 12
MOST_MONTHS = DAYS // 30 + 1
"""What a grid is about tells its months, by a step in the index each."""
MORE_QUERIES = {
    "a person's page": 15,
    "search: happy + sad + surprised": 13,
    "a moment": 17,
    "a moment with a clip": 17,
    "a photo of a search": 16,
    "a photo of a rare search": 16,
    "the night of a concert": 16,
}
"""The first also tells when, where and with whom somebody was seen; the second asks of three
emotions whether they are common; the next two are a photo's page as well, with faces to name and a
portrait to choose; the others know all words of a search, and tell how many like the photo; a night
chooses among the liked, the scored and the others, looks for the peaks of its evening, and counts
what lies under each angle. Which concerts several cameras filmed is asked before that."""


def seed(count: int) -> None:
    """Fill an empty database with so many photos and as many moments."""
    from webapp.accounts.models import User
    from webapp.photos import counts
    from webapp.photos.models import Concert, Photo

    chance = random.Random(1)  # noqa: S311 - data to measure with
    owner = User.objects.create_user(username="load", is_staff=True)
    concerts = [
        Concert.objects.create(owner=owner, name=f"Concert {number}") for number in range(CONCERTS)
    ]
    people = seed_people(owner)
    photos = make_photos(owner, concerts, count)
    with _own_time_of_creation():
        Photo.objects.bulk_create(photos, batch_size=BATCH)
    seed_faces([photo.pk for photo in photos], [person.pk for person in people], chance)
    seed_jobs([photo.pk for photo in photos], owner.pk)
    seed_references(people, owner.pk)
    seed_moments(photos, people, chance)
    seed_clips(owner)
    seed_evening(concerts[0], people)
    counts.mend()
    while counts.refresh():
        pass
    seed_statistics()


def seed_statistics() -> None:
    """Keep the numbers of who and what is shown most, as a job does for a large library."""
    from django.utils import timezone

    from webapp.analysis.models import Statistics
    from webapp.analysis.statistics.keeping import count
    from webapp.people.models import Person
    from webapp.photos.models import Concert

    now = timezone.now()
    for person in Person.objects.select_related("owner")[:10]:
        Statistics.objects.create(
            owner=person.owner, person=person, facts=count(person), made_at=now
        )
    concert = Concert.objects.select_related("owner").get(name="Concert 0")
    Statistics.objects.create(
        owner=concert.owner, concert=concert, facts=count(concert), made_at=now
    )


def seed_people(owner: "User") -> "list[Person]":
    """Make people, of whom half are in one big group and the others in four of five."""
    from webapp.people.models import Group, Person

    groups = [Group.objects.create(owner=owner, name=f"Group {number}") for number in range(5)]
    return [
        Person.objects.create(
            owner=owner, name=f"Person {number}", group=groups[max(0, number - 15) // 5]
        )
        for number in range(PEOPLE)
    ]


def make_photos(owner: "User", concerts: "Sequence[Concert]", count: int) -> "list[Photo]":
    """Return photos of evenings in three years, five seconds apart, oldest first."""
    from webapp.photos.models import Photo

    start, evenings = datetime(2026, 1, 1, 12, tzinfo=UTC), max(1, count // PHOTOS_OF_AN_EVENING)
    return [
        Photo(
            owner=owner,
            # Every second photo is loose; half of the others are of the first concert.
            concert=concerts[number // 4 % CONCERTS if number % 4 == 1 else 0]
            if number % 2
            else None,
            display_name=f"photo {number}.jpg",
            sha256=f"{number:064x}",
            bytes=1,
            width=6000,
            height=4000,
            state=Photo.State.READY,
            camera=CAMERAS[number // 10 % len(CAMERAS)],
            is_favourite=number % 50 == 0,
            face_count=FACES_PER_PHOTO,
            created_at=start
            + timedelta(days=number // PHOTOS_OF_AN_EVENING * DAYS // evenings)
            + timedelta(seconds=5 * (number % PHOTOS_OF_AN_EVENING)),
        )
        for number in range(count)
    ]


@contextmanager
def _own_time_of_creation() -> Iterator[None]:
    """Keep Django from writing the present moment, which would take long to change later."""
    from webapp.photos.models import Photo

    field = Photo._meta.get_field("created_at")
    field.auto_now_add = False
    try:
        yield
    finally:
        field.auto_now_add = True


def seed_jobs(photos: Sequence[UUID], owner_id: int) -> None:
    """Store the jobs of all photos, done but for a few."""
    from django.utils import timezone

    from webapp.core.models import Job

    now = timezone.now()
    Job.objects.bulk_create(
        (
            Job(
                stage=stage,
                subject_id=photo,
                owner_id=owner_id,
                state=Job.State.QUARANTINED if number % 10_000 == 0 else Job.State.DONE,
                hint_due_at=now,
            )
            for number, photo in enumerate(photos)
            for stage in STAGES
        ),
        batch_size=BATCH,
    )


def seed_references(people: "Sequence[Person]", owner_id: int) -> None:
    """Store some references of everybody."""
    from webapp.people.models import Reference

    Reference.objects.bulk_create(
        Reference(
            owner_id=owner_id,
            person=person,
            embedding=bytes(512),
            embedder="load@1",
            quality=number / 10,
        )
        for person in people
        for number in range(REFERENCES_PER_PERSON)
    )


def every_page() -> dict[str, list[str]]:
    """Return each kind of page of what was seeded, with its addresses."""
    from webapp.moments.models import Moment
    from webapp.people.models import Person
    from webapp.photos.models import Concert, Photo

    chance = random.Random(2)  # noqa: S311 - data to measure with
    concert = Concert.objects.get(name="Concert 0").pk
    people = [Person.objects.get(name=f"Person {number}").pk for number in range(PEOPLE)]
    photos = list(Photo.objects.order_by("created_at", "id"))
    moments = list(Moment.objects.order_by("at", "id"))
    return {
        **addresses(concert, people, photos, chance),
        **moment_addresses(concert, people, moments, chance),
        **clip_addresses(concert),
        **other_addresses(),
    }


def clip_addresses(concert: UUID) -> dict[str, list[str]]:
    """Return the pages of films, and of what they are made of."""
    from django.urls import reverse

    from webapp.moments.models import Reel

    clips = list(Reel.objects.filter(kind=Reel.Kind.CLIP).order_by("created_at", "id"))
    return {
        "a moment with a clip": [reverse("moments:moment", args=[one.moment_id]) for one in clips],
        "a video with clips": [reverse("moments:video", args=[clips[0].video_id])],
        "ordering a fancam": [reverse("moments:fancam", args=[clips[0].video_id])],
        "sharing a clip": [reverse("sharing:reel", args=[one.pk]) for one in clips],
        "the night of a concert": [reverse("moments:night", args=[concert])],
        "links": [reverse("sharing:list")],
    }


def other_addresses() -> dict[str, list[str]]:
    """Return the pages that are of no photo and no moment."""
    from django.urls import reverse

    names = ("core:health", "accounts:account", "live:list", "live:wall", "moments:reels",
             "moments:timelines", "moments:taste", "moments:videos", "photos:upload")  # fmt: skip
    return {name: [reverse(name)] for name in names}


def _emotion(chance: random.Random) -> str:
    """Return one of four emotions that are common, and rarely disgust."""
    common = ("happy", "neutral", "sad", "surprised")
    return "disgust" if chance.random() < RARE else chance.choice(common)


def _person(people: Sequence[UUID], chance: random.Random) -> UUID | None:
    """Return somebody, hardly ever the last one, and sometimes nobody."""
    if chance.random() < UNNAMED:
        return None
    return people[-1] if chance.random() < RARE else chance.choice(people[:-1])


def seed_faces(photos: Sequence[UUID], people: Sequence[UUID], chance: random.Random) -> None:
    """Store the faces of all photos; the last person is rare, and so is disgust."""
    from webapp.analysis.models import DetectedFace

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
            person_id=(person := _person(people, chance)),
            similarity=0.7 if person else None,
            named_by="auto" if person else "",
            emotion=(emotion := _emotion(chance)),
            emotions={emotion: (share := round(chance.uniform(0.3, 1.0), 3))},
            probability=share,
        )
        for photo in photos
        for place in range(FACES_PER_PHOTO)
    ]
    DetectedFace.objects.bulk_create(faces, batch_size=BATCH)


def seed_moments(
    photos: "Sequence[Photo]", people: "Sequence[Person]", chance: random.Random
) -> None:
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
            emotion="disgust" if chance.random() < RARE else chance.choice(("happy", "sad")),
            reason="eyes open, sharp",
            is_discarded=chance.random() < 0.1,
            liked_at=photo.created_at if chance.random() < 0.05 else None,
            photo=photo,
        )
        for number, photo in enumerate(photos)
    ]
    Moment.objects.bulk_create(moments, batch_size=BATCH // 2)
    _name_moments(moments, people, chance)
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


def seed_clips(owner: "User") -> None:
    """Make a video, and of some moments a clip that was cut from it."""
    from webapp.moments.models import Moment, Reel, Video

    video = Video.objects.create(
        owner=owner, display_name="night.mp4", sha256="f" * 64, bytes=1, duration_seconds=600.0
    )
    clipped = list(Moment.objects.order_by("at", "id")[::MOMENTS_PER_CLIP])
    Reel.objects.bulk_create(
        (
            Reel(
                owner=owner,
                kind=Reel.Kind.CLIP,
                state=Reel.State.READY,
                moment=moment,
                video=video,
                photo_count=0,
                has_names=False,
            )
            for moment in clipped
        ),
        batch_size=BATCH,
    )


def _name_moments(
    moments: "Sequence[Moment]", people: "Sequence[Person]", chance: random.Random
) -> None:
    """Name one star of each moment; the last one hardly ever."""
    from webapp.moments.models import Moment

    Moment.people.through.objects.bulk_create(
        (
            Moment.people.through(
                moment=moment,
                person=people[-1] if chance.random() < RARE else chance.choice(people[:-1]),
            )
            for moment in moments
        ),
        batch_size=BATCH,
    )


def search_addresses() -> dict[str, list[str]]:
    """Return searches with some of their results."""
    from urllib.parse import quote

    from django.urls import reverse

    search, last = reverse("analysis:search"), PEOPLE - 1
    words = (
        '"Person 0"', '"Person 0" + "Person 1"', '"Person 0" happy', "happy>0.8", "-happy",
        '"Person 0" -"Person 1" surprised faces:3', f'"Person {last}"', f'-"Person {last}"',
        "2026-01", "concert:1 2026", "faces:2-4", "no:concert sad", "favourite", "unnamed",
        "has:portrait", "size:12mp", '"Person 0" 2026-01-01..2026-01-31 no:concert',
        "happy>0.5", "-happy>0.5", "disgust", "-disgust", '"Person 0" happy>0.5', '"Group 0"',
        '"Group 1"', '-"Group 0"', '"Group 0" happy>0.8', '"Group 0" disgust', "-unnamed",
        '"Group 1" -"Group 0" happy', "camera:sony", "-camera:sony happy", "2026..2028 happy",
        "after:2027 -2028-06 sad", "no:faces", "-faces:3", "has:moment", "favourite happy",
        "happy + sad + surprised", "concert:1 happy",
    )  # fmt: skip
    told = ("happy", "happy>0.5", "-happy", '"Person 0"', f'"Person {last}"', '"Group 0"',
            '"Group 0" disgust', "unnamed", "2027 happy", "camera:sony")  # fmt: skip
    return {f"search: {word}": [f"{search}?q={quote(word)}"] for word in words} | {
        "suggestions": [reverse("analysis:search-suggestions") + "?q=pers"],
        **{f"about a search: {word}": [f"{search}?q={quote(word)}&about=1"] for word in told},
    }


def moment_addresses(
    concert: UUID, people: Sequence[UUID], moments: "Sequence[Moment]", chance: random.Random
) -> dict[str, list[str]]:
    """Return each kind of page of moments with some of its addresses."""
    from django.urls import reverse

    from webapp.moments.pages.grid import ORDER

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
        "moments: a star and an emotion": [f"{grid}?person={people[0]}&emotion=sad"],
        "moments: of a star, liked": [f"{grid}?person={people[0]}&show=liked"],
        "moments: a day": [f"{grid}?day=2026-01-01"],
        "moments: liked": [f"{grid}?show=liked"],
        "moments: discarded": [f"{grid}?show=discarded"],
        "moments: nothing fits": [f"{grid}?emotion=fear&show=liked"],
        "a moment": [reverse("moments:moment", args=[one.pk]) for one in some],
    }


def filter_addresses(concert: UUID, people: Sequence[UUID]) -> dict[str, list[str]]:
    """Return the grid of photos with each of its filters, and with several."""
    from django.urls import reverse

    grid = reverse("analysis:photos")
    return {
        "filter: a person": [f"{grid}?person={person}" for person in people[:10]],
        "filter: a rare person": [f"{grid}?person={people[-1]}"],
        "filter: a rare emotion": [f"{grid}?emotion=disgust"],
        "filter: person and emotion": [f"{grid}?person={people[0]}&emotion=sad&faces=3-5"],
        "filter: two faces of a person": [f"{grid}?person={people[0]}&faces=2"],
        "filter: an emotion": [f"{grid}?emotion=happy"],
        "filter: an emotion, faces": [f"{grid}?emotion=happy&faces=1"],
        "filter: rare person and emotion": [f"{grid}?person={people[-1]}&emotion=disgust"],
        "filter: loose": [f"{grid}?loose=1"],
        "filter: loose and a person": [f"{grid}?loose=1&person={people[0]}"],
        "a concert, a person": [
            f"{reverse('analysis:concert', args=[concert])}?person={people[0]}"
        ],
        "filter: nothing fits": [f"{grid}?faces=6-"],
    }


def addresses(
    concert: UUID, people: Sequence[UUID], photos: "Sequence[Photo]", chance: random.Random
) -> dict[str, list[str]]:
    """Return each kind of page with some of its addresses."""
    from django.urls import reverse

    from webapp.analysis.pages.gallery import ORDERS

    order, grid = ORDERS[""], reverse("analysis:photos")
    some = chance.sample(photos, 20)
    oldest_first = [
        f"{grid}?cursor={order.cursor_of(photo)}" for photo in (photos[70], photos[200])
    ]
    return {
        "all photos": [grid],
        "all photos, somewhere": [f"{grid}?cursor={order.cursor_of(one)}" for one in some],
        "all photos, at the end": oldest_first,
        "photos and moments": [f"{grid}?show="],
        "by date added": [f"{grid}?order=added"],
        "favourites": [f"{grid}?show=favourites"],
        "what a grid is about": [f"{grid}?about=1"],
        "a concert": [reverse("analysis:concert", args=[concert])],
        **filter_addresses(concert, people),
        "a person's page": [reverse("analysis:person", args=[one]) for one in people[:10]],
        "statistics of a person": [
            reverse("analysis:person-statistics", args=[one]) for one in people[:10]
        ],
        "statistics of a concert": [reverse("analysis:concert-statistics", args=[concert])],
        **search_addresses(),
        "the bin": [reverse("moments:bin")],
        "people": [reverse("people:list")],
        "concerts": [reverse("photos:concerts")],
        "a photo": [reverse("analysis:photo", args=[one.pk]) for one in some],
        **{
            f"a photo {found}": [reverse("analysis:photo", args=[one.pk]) + query for one in some]
            for found, query in {
                "of a search": "?q=happy",
                "of a rare search": "?q=disgust",
                "of an emotion": "?emotion=happy",
                "of a rare person": f"?person={people[-1]}",
            }.items()
        },
    }
