"""A photo that comes back is known, whatever was said about it or taken out of it meanwhile."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.inference.places.places import exif, heic, saved
from tests.webapp.photos.conftest import Tus, picture
from tests.webapp.photos.test_media import EXIF_DETAILS, body, exif_with_place, read_in, url
from webapp.accounts.models import User
from webapp.core import jobs
from webapp.core.files import durable
from webapp.core.jobs import tasks
from webapp.core.models import Job
from webapp.photos import services, stages, storage
from webapp.photos.arrival.intake import PhotoIntake
from webapp.photos.models import Photo
from webapp.vision.sandbox import photos
from webapp.vision.sandbox.fork_client import ForkServerError

pytestmark = pytest.mark.django_db(transaction=True)


def with_place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    if kind == "HEIC":
        return heic(tmp_path_factory.mktemp("heic") / "a.heic")
    return saved(kind, exif=exif())


def revise_all() -> None:
    for job in Job.objects.filter(stage="revise", state="pending"):
        claim = jobs.claim(job.pk)
        assert claim is not None
        stages.revise(claim)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC"])
def test_its_own_original_comes_back_as_the_same_photo(
    tus: Tus, as_owner: Client, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = with_place(kind, tmp_path_factory)
    photo_id = tus.whole(content).json()["photo"]
    read_in(UUID(photo_id))
    original = body(as_owner.get(url(Photo.objects.get(), "original")))
    assert original != content

    answer = tus.whole(original, "again.jpg")

    assert answer.json() == {"photo": photo_id, "duplicate": True}
    assert Photo.objects.count() == 1


def test_a_photo_with_other_metadata_only_is_known_before_it_was_read_in(tus: Tus) -> None:
    photo_id = tus.whole(picture()).json()["photo"]

    answer = tus.whole(picture(exif=exif_with_place()))

    assert answer.json() == {"photo": photo_id, "duplicate": True}


def test_another_picture_with_the_same_metadata_is_another_photo(tus: Tus) -> None:
    tus.whole(picture(exif=exif_with_place()))

    assert tus.whole(picture(seed=1, exif=exif_with_place())).json()["duplicate"] is False


def test_of_two_uploads_of_one_picture_at_once_only_one_is_stored(
    tus: Tus, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    adopt, between = PhotoIntake.adopt, []

    def adopt_while_another_comes(intake: PhotoIntake, part: Path, file_id: UUID) -> None:
        if not between:
            between.append("other")
            between.append(tus.whole(picture(exif=exif_with_place())).json())
        adopt(intake, part, file_id)

    monkeypatch.setattr(PhotoIntake, "adopt", adopt_while_another_comes)

    answer = tus.whole(picture()).json()

    assert answer == {"photo": between[1]["photo"], "duplicate": True}
    assert Photo.objects.count() == 1
    assert len(list((data_folder / "media" / "photos").rglob("original"))) == 1


def test_the_same_picture_of_somebody_else_is_theirs(tus: Tus, as_member: Client) -> None:
    tus.whole(picture())

    assert Tus(as_member).whole(picture(exif=exif_with_place())).json()["duplicate"] is False


@pytest.fixture
def old_photo(tus: Tus, owner: User) -> Photo:
    """A photo from before pictures were hashed, with a place that was not known as one then."""
    photo_id = UUID(tus.whole(picture()).json()["photo"])
    read_in(photo_id)
    content = picture(exif=exif_with_place())
    storage.files_of(photo_id).original.write_bytes(content)
    Photo.objects.filter(pk=photo_id).update(picture_sha256="", bytes=len(content))
    return Photo.objects.get()


def test_older_photos_are_revised_in_the_background(old_photo: Photo, tus: Tus) -> None:
    assert services.queue_revisions() == 1
    assert services.queue_revisions() == 0  # They are at it.
    revise_all()

    old_photo.refresh_from_db()
    original = storage.files_of(old_photo.pk).original
    place = Image.open(io.BytesIO(original.read_bytes())).getexif().get_ifd(0x8825)
    assert dict(place) == {}
    assert old_photo.stored_sha256 == durable.sha256_of(original)
    assert tus.whole(picture(quality=75, comment=b"rated")).json()["duplicate"] is True
    assert services.queue_revisions() == 0


def test_an_older_photo_that_cannot_be_read_is_left_and_not_tried_for_ever(
    old_photo: Photo,
) -> None:
    storage.files_of(old_photo.pk).original.write_bytes(b"no photo any more")

    services.queue_revisions()
    revise_all()

    assert services.queue_revisions() == 0
    old_photo.refresh_from_db()
    assert old_photo.picture_sha256 == Photo.UNREADABLE
    assert storage.files_of(old_photo.pk).original.exists()


def _disk_breaks(_original: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise ForkServerError("killed")

    monkeypatch.setattr(photos.fork_server, "ask", die)


def _goes_away(original: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original.rename(original.with_name("away"))


@pytest.mark.parametrize("trouble", [_goes_away, _disk_breaks])
def test_an_older_photo_whose_original_is_away_for_a_day_is_revised_the_next(
    old_photo: Photo,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    original = storage.files_of(old_photo.pk).original
    services.queue_revisions()
    revision = Job.objects.get(stage="revise")
    with monkeypatch.context() as hour:
        trouble(original, hour)
        for _ in range(jobs.MAX_ATTEMPTS):
            tasks.perform(revision.pk)
    if not original.exists():
        original.with_name("away").rename(original)

    assert services.queue_revisions() == 0
    Job.objects.filter(pk=revision.pk).update(updated_at=timezone.now() - timedelta(hours=25))
    assert services.queue_revisions() == 1
    tasks.perform(revision.pk)

    old_photo.refresh_from_db()
    assert old_photo.picture_sha256 not in {"", Photo.UNREADABLE}


def dated(offset: str | None) -> Image.Exif:
    """EXIF of a camera that may know its zone, beside a place."""
    exif = exif_with_place()
    if offset:
        exif.get_ifd(EXIF_DETAILS)[0x9011] = offset
    return exif


@pytest.mark.parametrize(
    ("offset", "taken_at", "is_kept"),
    [
        pytest.param("+09:00", datetime(2024, 5, 5, 22, 8, 9, tzinfo=UTC), False, id="offset"),
        pytest.param(None, datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC), True, id="bare"),
    ],
)
def test_an_older_photo_gets_the_time_that_its_file_tells(
    old_photo: Photo, owner: User, offset: str | None, taken_at: datetime, *, is_kept: bool
) -> None:
    User.objects.filter(pk=owner.pk).update(time_zone="Europe/Berlin")
    shown = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)  # As it was stored: without a zone.
    Photo.objects.filter(pk=old_photo.pk).update(taken_at=shown, camera_time=shown)
    storage.files_of(old_photo.pk).original.write_bytes(picture(exif=dated(offset)))

    services.queue_revisions()
    revise_all()

    old_photo.refresh_from_db()
    assert old_photo.taken_at == taken_at
    assert old_photo.camera_time == (shown if is_kept else None)
    assert Job.objects.filter(stage="clocks", owner=owner, state="pending").count() == 1


def test_a_frame_of_a_moment_keeps_the_time_that_it_was_given(old_photo: Photo) -> None:
    given = datetime(2024, 1, 1, tzinfo=UTC)
    Photo.objects.filter(pk=old_photo.pk).update(shelf=Photo.Shelf.MOMENT, taken_at=given)

    services.queue_revisions()
    revise_all()

    old_photo.refresh_from_db()
    assert old_photo.taken_at == given
