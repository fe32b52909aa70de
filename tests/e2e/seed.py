"""An installation in which everything has an evil name: run inside Django by the page tests.

Every text that a user, a file or an import may bring is markup that would run if any page took
it for markup.
"""

import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from PIL import Image

from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace, Portrait
from webapp.live.models import LiveSession
from webapp.live.services import end_session, start_session
from webapp.moments.models import EmotionSample, Moment, MomentFrame, Reel
from webapp.people.models import Group, Person, Reference
from webapp.photos.models import Concert, Photo
from webapp.photos.storage import files_of
from webapp.sharing.models import Share
from webapp.sharing.queries import hash_of
from webapp.webhooks.services import make_webhook

EVIL = "\"'><img src=x onerror=\"window.pwned='{}'\"><script>window.pwned='{}'</script>"
LIVE_TOKEN, TIMELINE_TOKEN = "evil-live", "evil-timeline"
"""Open the links to the live session, and to the timeline of the one that has ended."""
EMOTIONS = {"happy": 0.7, "neutral": 0.2, "sad": 0.1}


def evil(where: str) -> str:
    """Return a text that tells, if it ever runs, where it came from."""
    return EVIL.format(where, where)[:80]


def photo(owner: User, concert: Concert, picture: Path, number: int) -> Photo:
    """Store a ready photo with two faces and a portrait, past the workers."""
    image = Image.open(picture).convert("RGB")
    made = Photo.objects.create(
        owner=owner,
        concert=concert,
        display_name=evil(f"file{number}"),
        sha256=sha256(f"{picture.name} {number}".encode()).hexdigest(),
        bytes=picture.stat().st_size,
        format="JPEG",
        width=image.width,
        height=image.height,
        taken_at=datetime(2026, 11, 2, 20, number % 60, tzinfo=UTC),
        camera=evil("camera"),
        state=Photo.State.READY,
        face_count=2,
    )
    files = files_of(made.pk)
    files.folder.mkdir(parents=True)
    for path in (files.original, files.full, files.portrait, files.alpha):
        image.save(path, "JPEG")
    for path, side in ((files.display, 2048), (files.portrait_display, 2048), (files.thumb, 512)):
        small = image.copy()
        small.thumbnail((side, side))
        small.save(path, "JPEG")
    return made


def seed_moments(session: LiveSession, people: list[Person], photos: list[Photo]) -> None:
    """Make a moment of every third photo, with the two that follow as alternates, and curves."""
    for number in range(0, len(photos) - 2, 3):
        second = 20.0 * number
        moment = Moment.objects.create(
            owner=session.owner,
            concert=session.concert,
            session=session,
            key=str(number),
            state=Moment.State.READY,
            at=session.started_at + timedelta(seconds=second),
            at_seconds=second,
            score=0.8,
            emotion="happy",
            reason=evil("reason"),
            photo=photos[number],
        )
        moment.people.set(people[: 1 + number % 2])
        for place in range(3):
            MomentFrame.objects.create(
                moment=moment,
                number=place,
                captured_at=100.0 * place,
                score=0.8 - 0.1 * place,
                terms={"expression": 0.9 - 0.2 * place, "sharpness": 0.7},
                reason=evil("frame"),
                box=[0.2, 0.2, 0.35, 0.4],
                photo=photos[number + place],
                is_picked=place == 0,
            )
    EmotionSample.objects.bulk_create(
        EmotionSample(
            owner=session.owner,
            session=session,
            person=person,
            second=5 * place,
            emotions={"happy": (place % 40) / 50, "neutral": 1 - (place % 40) / 50},
        )
        for person in people
        for place in range(200)
    )
    Reel.objects.create(owner=session.owner, title=evil("reel"), photo_count=0)


def seed_told(owner: User) -> None:
    """Have an address, and a browser, that were told something and answered badly."""
    hook = make_webhook(owner, "https://example.org/" + "long/" * 40, ["moment_ready"])
    hook.deliveries.create(kind="moment_ready", content={}, attempts=1, trouble=evil("answer"))
    owner.devices.create(
        endpoint="https://example.org/push", label=evil("device")[:80], trouble=evil("service")
    )


def share(session: LiveSession, token: str, **wishes: Any) -> None:
    """Make a link to a session, with names, that a token opens."""
    Share.objects.create(
        owner=session.owner,
        session=session,
        token_hash=hash_of(token),
        shows_names=True,
        **wishes,
    )


def seed(pictures: list[Path], count: int) -> None:
    """Fill the installation of the only owner."""
    owner = User.objects.get()
    concert = Concert.objects.create(
        owner=owner, name=evil("concert"), artists=evil("artists"), venue=evil("venue")
    )
    seed_told(owner)
    share(start_session(owner.pk, evil("live"), concert), LIVE_TOKEN)
    session = start_session(owner.pk, evil("ended"), concert)
    end_session(session)
    share(session, TIMELINE_TOKEN, is_timeline=True)
    group = Group.objects.create(owner=owner, name=evil("group"))
    person = Person.objects.create(owner=owner, name=evil("person"), group=group)
    alone = Person.objects.create(owner=owner, name=evil("alone"))
    photos: list[Photo] = []
    for number in range(count):
        picture = pictures[number % len(pictures)]
        made = photo(owner, concert, picture, number)
        width, height = made.width or 0, made.height or 0
        Portrait.objects.create(
            photo=made, has_person=True, strength=0.5, rendered_strength=0.5, model="seed"
        )
        for place, known in ((0.2, person), (0.6, None)):
            DetectedFace.objects.create(
                photo=made,
                x1=place * width,
                y1=0.2 * height,
                x2=(place + 0.15) * width,
                y2=0.4 * height,
                score=0.99,
                person=known,
                similarity=0.61 if known else None,
                named_by="auto" if known else "",
                candidates=[] if known else [{"person": str(person.pk), "similarity": 0.31}],
                emotion="happy",
                emotions=EMOTIONS,
                probability=EMOTIONS["happy"],
                emotion_model="seed",
                embedder="seed",
            )
        photos.append(made)
    seed_moments(session, [person, alone], photos)
    Reference.objects.create(
        owner=owner, person=person, embedding=b"", embedder="seed", quality=0.5, photo=made
    )


if __name__ == "__main__":
    seed([Path(argument) for argument in sys.argv[2:]], int(sys.argv[1]))
