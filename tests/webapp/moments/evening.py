"""Whole evenings of moments to test pages with."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from PIL import Image

from tests.webapp.analysis.cast import make_photo
from tests.webapp.moments.cast import make_frame
from webapp.accounts.models import User
from webapp.live.models import LiveSession
from webapp.moments.models import EmotionSample, Moment
from webapp.people.models import Person
from webapp.photos.models import Photo
from webapp.photos.storage import files_of

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def make_bare_moment(owner: User, minute: float = 0, *people: Person, **fields: Any) -> Moment:
    """Make a moment so many minutes after noon, whose photo has no files."""
    photo = make_photo(owner, with_files=False, shelf=Photo.Shelf.MOMENT)
    values = {
        "key": uuid4().hex,
        "at": NOON + timedelta(minutes=minute),
        "at_seconds": 60.0 * minute,
        "state": Moment.State.READY,
        "score": 0.5,
        "photo": photo,
    }
    moment = Moment.objects.create(owner=owner, **{**values, **fields})
    moment.people.set(people)
    make_frame(moment, moment.photo, is_picked=True)
    return moment


def make_session(owner: User, **fields: Any) -> LiveSession:
    """Make a session that began at noon."""
    session = LiveSession.objects.create(owner=owner, title="Row 4", **fields)
    LiveSession.objects.filter(pk=session.pk).update(started_at=NOON)
    session.refresh_from_db()
    return session


def make_sample(person: Person, second: int, happy: float, **fields: Any) -> EmotionSample:
    """Make one reading of a star: so happy, and else neutral."""
    emotions = {"happy": happy, "neutral": 1 - happy}
    return EmotionSample.objects.create(
        owner=person.owner, person=person, second=second, emotions=emotions, **fields
    )


def paint(photo: Photo, colour: tuple[int, int, int], size: tuple[int, int] = (96, 64)) -> None:
    """Give a photo files of one colour."""
    files = files_of(photo.pk)
    files.folder.mkdir(parents=True, exist_ok=True)
    for path in (files.full, files.display, files.thumb):
        Image.new("RGB", size, colour).save(path, "JPEG")
