"""When photos were taken, and where that is so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.test import Client
from PIL import Image

from tests.webapp.photos.conftest import Tus
from webapp.accounts.models import User
from webapp.core.models import Job
from webapp.photos.clocks import instant_of
from webapp.photos.models import Concert, Photo

migration = import_module("webapp.photos.migrations.0007_clocks")
HALF_PAST_SEVEN = "2024:05:21 19:30:00"
IN_SEOUL = datetime(2024, 5, 21, 10, 30, tzinfo=UTC)


def photo_of(text: str, offset: str = "", *, red: int = 90) -> bytes:
    """A JPEG whose camera wrote this time; another red is another picture."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = text
    if offset:
        exif.get_ifd(0x8769)[0x9011] = offset
    buffer = BytesIO()
    Image.new("RGB", (64, 48), (red, 20, 20)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


@pytest.fixture
def concert(owner: User) -> Concert:
    """A concert in Seoul."""
    return Concert.objects.create(owner=owner, name="Encore", time_zone="Asia/Seoul")


@pytest.fixture
def upload(as_owner: Client, run_jobs: Callable[[], int]) -> Callable[..., Photo]:
    """Upload a photo, and have all done to it that is to be done."""

    def send(content: bytes, concert: Concert | None = None) -> Photo:
        about = {"concert": str(concert.pk)} if concert else {}
        Tus(as_owner).whole(content, **about)
        Job.objects.exclude(stage__in=("ingest", "clocks")).delete()
        run_jobs()
        return Photo.objects.latest("created_at")

    return send


def test_a_clock_is_read_in_the_zone_of_the_concert(
    upload: Callable[..., Photo], concert: Concert
) -> None:
    assert upload(photo_of(HALF_PAST_SEVEN), concert).taken_at == IN_SEOUL


def test_an_offset_of_the_camera_counts_more_than_the_concert(
    upload: Callable[..., Photo], concert: Concert
) -> None:
    photo = upload(photo_of(HALF_PAST_SEVEN, "-04:00"), concert)

    assert photo.taken_at == datetime(2024, 5, 21, 23, 30, tzinfo=UTC)
    assert photo.camera_time is None


def test_without_a_concert_it_is_where_the_owner_lives(
    upload: Callable[..., Photo], owner: User
) -> None:
    User.objects.filter(pk=owner.pk).update(time_zone="Asia/Seoul")

    assert upload(photo_of(HALF_PAST_SEVEN)).taken_at == IN_SEOUL


def test_the_first_browser_tells_where_its_user_lives_and_older_photos_follow(
    upload: Callable[..., Photo], as_owner: Client, owner: User, run_jobs: Callable[[], int]
) -> None:
    photo = upload(photo_of(HALF_PAST_SEVEN))
    assert photo.taken_at == datetime(2024, 5, 21, 19, 30, tzinfo=UTC)

    as_owner.cookies["encore-zone"] = "Asia/Seoul"
    as_owner.get("/concerts/")
    as_owner.cookies["encore-zone"] = "Europe/Paris"
    as_owner.get("/concerts/")
    run_jobs()

    owner.refresh_from_db()
    photo.refresh_from_db()
    assert (owner.time_zone, photo.taken_at) == ("Asia/Seoul", IN_SEOUL)


@pytest.mark.parametrize("told", ["Mars/Olympus", "../../etc/passwd", "<b>", ""])
def test_a_zone_that_there_is_not_is_not_believed(as_owner: Client, owner: User, told: str) -> None:
    as_owner.cookies["encore-zone"] = told

    assert as_owner.get("/concerts/").status_code == 200

    owner.refresh_from_db()
    assert owner.time_zone == ""


def test_another_zone_of_the_concert_moves_its_photos_but_not_those_with_an_offset(
    upload: Callable[..., Photo], concert: Concert, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    bare = upload(photo_of(HALF_PAST_SEVEN), concert)
    sure = upload(photo_of(HALF_PAST_SEVEN, "+09:00", red=200), concert)

    form = {"name": concert.name, "time_zone": "Europe/Paris"}
    as_owner.post(f"/concerts/{concert.pk}/edit/", form)
    run_jobs()

    bare.refresh_from_db()
    sure.refresh_from_db()
    assert bare.taken_at == datetime(2024, 5, 21, 17, 30, tzinfo=UTC)
    assert sure.taken_at == IN_SEOUL


def test_a_photo_that_joins_a_concert_takes_its_zone(
    upload: Callable[..., Photo], concert: Concert
) -> None:
    upload(photo_of(HALF_PAST_SEVEN))

    assert upload(photo_of(HALF_PAST_SEVEN), concert).taken_at == IN_SEOUL


def test_photos_of_a_removed_concert_are_where_their_owner_lives(
    upload: Callable[..., Photo], concert: Concert, as_owner: Client, run_jobs: Callable[[], int]
) -> None:
    photo = upload(photo_of(HALF_PAST_SEVEN), concert)

    as_owner.post(f"/concerts/{concert.pk}/delete/")
    run_jobs()

    photo.refresh_from_db()
    assert photo.taken_at == datetime(2024, 5, 21, 19, 30, tzinfo=UTC)


def test_the_page_shows_what_the_clock_on_the_spot_showed(
    upload: Callable[..., Photo], concert: Concert, as_owner: Client
) -> None:
    photo = upload(photo_of(HALF_PAST_SEVEN), concert)
    as_owner.cookies["encore-zone"] = "America/New_York"

    page = as_owner.get(f"/photos/{photo.pk}/").content.decode()

    assert "21 May 2024, 19:30" in page
    assert "UTC" not in page


def test_a_new_concert_is_where_the_browser_is(as_owner: Client) -> None:
    as_owner.cookies["encore-zone"] = "Asia/Seoul"

    page = as_owner.get("/concerts/new/").content.decode()

    assert '<option value="Asia/Seoul" selected>' in page


def test_the_account_page_changes_where_one_lives(as_owner: Client, owner: User) -> None:
    as_owner.post("/account/zone/", {"time_zone": "Asia/Tokyo"})
    as_owner.post("/account/zone/", {"time_zone": "Mars/Olympus"})

    owner.refresh_from_db()
    assert owner.time_zone == "Asia/Tokyo"


@pytest.mark.parametrize("offset", ["", "+09:00"])
@pytest.mark.parametrize("year", ["0001", "1969", "2201", "9999"])
def test_a_photo_with_a_date_out_of_reason_is_stored_without_one(
    upload: Callable[..., Photo], concert: Concert, year: str, offset: str
) -> None:
    photo = upload(photo_of(f"{year}:12:31 23:59:59", offset), concert)

    assert (photo.state, photo.taken_at, photo.camera_time) == ("ready", None, None)


def test_a_clock_in_the_hour_that_there_is_twice_or_never_is_read() -> None:
    paris = ZoneInfo("Europe/Paris")
    twice, never = (
        datetime(2024, 10, 27, 2, 30, tzinfo=UTC),
        datetime(2024, 3, 31, 2, 30, tzinfo=UTC),
    )

    assert instant_of(twice, paris) == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    assert instant_of(never, paris) == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)


def test_the_migration_keeps_every_row_and_what_can_be_known(owner: User) -> None:
    def old(number: int, taken_at: datetime | None, shelf: str = "library") -> Any:
        return Photo.objects.create(
            owner=owner, sha256=str(number), bytes=1, taken_at=taken_at, shelf=shelf
        )

    then = datetime(2024, 5, 21, 19, 30, tzinfo=UTC)
    later = datetime.now(UTC) + timedelta(days=400)
    photos = [old(1, then), old(2, then, "moment"), old(3, datetime(1, 1, 3, tzinfo=UTC))]
    photos += [old(4, later), old(5, None)]

    migration.keep_camera_times(apps, None)

    for photo in photos:
        photo.refresh_from_db()
    assert [photo.taken_at for photo in photos] == [then, then, None, None, None]
    assert [photo.camera_time for photo in photos] == [then, None, None, None, None]
