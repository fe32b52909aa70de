"""Many photos at once: concerts, dates, favourites; merging and splitting concerts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import make_photo
from tests.webapp.moments.cast import make_moment
from webapp.access.models import Role
from webapp.access.services import share_with
from webapp.accounts.models import User
from webapp.moments.models import Moment, Video
from webapp.people.models import Group, LineUpEntry
from webapp.photos import arranging, bin, counts
from webapp.photos.concert_cards import concerts_with_covers
from webapp.photos.models import Concert, Photo
from webapp.photos.views.selected import counted

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 5, 17, 11, 30, tzinfo=UTC)
"""20:30 in Seoul."""


def make_concert(owner: User, name: str = "Seoul", **fields: object) -> Concert:
    return Concert.objects.create(owner=owner, name=name, **fields)


def test_who_moves_photos_into_a_shared_concert_is_told_that_others_see_them(
    owner: User, stranger: User, as_owner: Client
) -> None:
    concert = make_concert(owner)
    share_with(concert, stranger, Role.FAN)
    fields = {"photos": str(make_photo(owner).pk), "concert": str(concert.pk)}

    answer = as_owner.post(reverse("photos:selected-concert"), fields)

    message = "1 photo moved to Seoul. 1 other person sees it there."
    assert answer.json() == {"changed": 1, "message": message}


def test_photos_of_no_concert_are_moved_into_one_with_their_moments(
    owner: User, as_owner: Client
) -> None:
    concert = make_concert(owner)
    loose = [make_photo(owner) for _ in range(3)]
    moment = make_moment(owner)
    ids = [*(photo.pk for photo in loose), moment.photo_id]
    fields = {"photos": ",".join(map(str, ids)), "concert": str(concert.pk)}

    answer = as_owner.post(reverse("photos:selected-concert"), fields)

    assert answer.json() == {"changed": 4, "message": "4 photos moved to Seoul."}
    assert Photo.objects.filter(concert=concert).count() == 4
    assert Moment.objects.get().concert == concert
    counts.refresh()
    assert concerts_with_covers(owner)[0].photo_count == 4


def test_photos_are_taken_out_of_their_concert(owner: User) -> None:
    photo = make_photo(owner, concert=make_concert(owner))
    assert arranging.set_concert(owner.pk, [photo.pk], None) == 1
    assert Photo.objects.get().concert is None


def test_nothing_moves_to_a_concert_of_somebody_else(
    owner: User, stranger: User, as_owner: Client
) -> None:
    photo, foreign = make_photo(owner), make_concert(stranger)
    fields = {"photos": str(photo.pk), "concert": str(foreign.pk)}
    assert as_owner.post(reverse("photos:selected-concert"), fields).status_code == 404
    assert Photo.objects.get().concert is None


def test_what_lies_in_the_bin_is_passed_over(owner: User) -> None:
    photo = make_photo(owner)
    bin.throw(owner.pk, [photo.pk])
    assert arranging.set_favourite(owner.pk, [photo.pk], is_favourite=True) == 0


def test_favourites_are_marked_and_unmarked_and_shown_alone(owner: User, as_owner: Client) -> None:
    loved, other = make_photo(owner), make_photo(owner)
    url = reverse("photos:selected-favourite")
    as_owner.post(url, {"photos": str(loved.pk), "value": "1"})
    shown = as_owner.get(reverse("analysis:photos"), {"show": "favourites"}).content.decode()
    assert str(loved.pk) in shown
    assert str(other.pk) not in shown
    as_owner.post(url, {"photos": str(loved.pk), "value": "0"})
    assert not Photo.objects.filter(is_favourite=True).exists()


def test_a_camera_in_the_wrong_zone_is_put_right_and_stays_so(owner: User) -> None:
    photo = make_photo(owner, taken_at=EVENING, camera_time=EVENING)
    undated = make_photo(owner)
    changed = arranging.shift_times(owner.pk, [photo.pk, undated.pk], timedelta(hours=-9))
    assert changed == 1
    photo.refresh_from_db()
    assert photo.taken_at == EVENING - timedelta(hours=9)
    assert photo.shown_at == photo.taken_at
    assert photo.is_dated_by_hand
    assert photo.camera_time is None, "else the job of the clocks would undo it"


def test_a_date_is_read_on_the_clock_of_the_concert(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner, concert=make_concert(owner, time_zone="Asia/Seoul"))
    fields = {"photos": str(photo.pk), "taken": "2026-05-17T20:30"}
    answer = as_owner.post(reverse("photos:selected-date"), fields)
    assert answer.json()["message"] == "1 photo dated to 17 May 2026, 20:30."
    assert Photo.objects.get().taken_at == EVENING


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        pytest.param("shift", {"hours": "nine"}, id="hours in words"),
        pytest.param("shift", {"hours": "0"}, id="no hours"),
        pytest.param("shift", {"hours": "nan"}, id="hours that are no number"),
        pytest.param("shift", {"hours": "1e300"}, id="more hours than there are"),
        pytest.param("date", {"taken": "yesterday"}, id="a date in words"),
        pytest.param("date", {"taken": "0001-01-01T00:00"}, id="a date before cameras"),
        pytest.param("date", {"taken": "2026-13-01T00:00"}, id="a month that is none"),
        pytest.param("favourite", {"value": "2"}, id="half a favourite"),
        pytest.param("concert", {"concert": "seoul"}, id="a concert that is no id"),
        pytest.param("bin", {"photos": ""}, id="nothing selected"),
        pytest.param("bin", {"photos": "1,2"}, id="no ids"),
        pytest.param("bin", {"photos": ",".join(["x"] * 20_001)}, id="too many"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    owner: User, as_owner: Client, name: str, fields: dict[str, str]
) -> None:
    photo = make_photo(owner, taken_at=EVENING)
    answer = as_owner.post(reverse(f"photos:selected-{name}"), {"photos": str(photo.pk), **fields})
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert Photo.objects.get().taken_at == EVENING


def test_two_concerts_become_one_with_everything_of_both(owner: User, as_owner: Client) -> None:
    source = make_concert(owner, "Seul", venue="Olympic Hall", date=date(2026, 5, 17))
    target = make_concert(owner, "Seoul")
    make_photo(owner, concert=source)
    make_photo(owner, concert=target)
    make_moment(owner, concert=source)
    Video.objects.create(owner=owner, concert=source, sha256="v", bytes=1, display_name="v")

    as_owner.post(reverse("photos:concert-merge", args=[source.pk]), {"into": str(target.pk)})

    target = Concert.objects.get()
    assert (target.name, target.venue, target.date) == ("Seoul", "Olympic Hall", date(2026, 5, 17))
    for model in (Photo, Moment, Video):
        assert not model.objects.exclude(concert=target).exclude(concert=None).exists()
    assert Photo.objects.filter(concert=target).count() == 2
    counts.refresh()
    assert concerts_with_covers(owner)[0].photo_count == 2


def test_two_concerts_of_one_line_up_become_one(owner: User) -> None:
    source, target = make_concert(owner, "Seul"), make_concert(owner, "Seoul")
    group = Group.objects.create(owner=owner, name="Blackpink")
    for concert in (source, target):
        LineUpEntry.objects.create(concert=concert, group=group)

    arranging.merge_concerts(source, target)

    assert LineUpEntry.objects.get().concert == target


def test_a_concert_is_not_merged_with_itself_or_with_one_of_others(
    owner: User, stranger: User, as_owner: Client
) -> None:
    mine, foreign = make_concert(owner), make_concert(stranger, "Other")
    url = reverse("photos:concert-merge", args=[mine.pk])
    assert as_owner.post(url, {"into": str(foreign.pk)}).status_code == 404
    as_owner.post(url, {"into": str(mine.pk)})
    as_owner.post(url, {"into": "x"})
    assert Concert.objects.count() == 2


def test_a_concert_of_two_nights_is_split_by_day(owner: User, as_owner: Client) -> None:
    concert = make_concert(owner, time_zone="Asia/Seoul")
    first = make_photo(owner, concert=concert, taken_at=EVENING)
    midnight = make_photo(owner, concert=concert, taken_at=EVENING + timedelta(hours=5))
    second = make_photo(owner, concert=concert, taken_at=EVENING + timedelta(days=1))
    undated = make_photo(owner, concert=concert)
    moment = make_moment(owner, concert=concert, at=EVENING + timedelta(days=1))

    as_owner.post(reverse("photos:concert-split", args=[concert.pk]))

    day = Concert.objects.exclude(pk=concert.pk).get()
    assert (day.name, day.date, day.time_zone) == ("Seoul", date(2026, 5, 18), "Asia/Seoul")
    assert set(concert.photos.all()) == {first, midnight, undated}, "the night belongs to the 17th"
    assert set(day.photos.all()) == {second}
    assert Moment.objects.get(pk=moment.pk).concert == day


def test_a_concert_of_one_day_is_not_split(owner: User, as_owner: Client) -> None:
    concert = make_concert(owner)
    make_photo(owner, concert=concert, taken_at=EVENING)
    as_owner.post(reverse("photos:concert-split", args=[concert.pk]))
    assert Concert.objects.count() == 1


def test_a_concert_shows_the_cover_that_was_chosen(owner: User, as_owner: Client) -> None:
    concert = make_concert(owner)
    wanted, newest = make_photo(owner, concert=concert), make_photo(owner, concert=concert)
    assert concerts_with_covers(owner)[0].covers[0] == newest

    url = reverse("photos:concert-cover", args=[concert.pk])
    assert as_owner.post(url, {"photos": str(wanted.pk)}).status_code == 200

    assert concerts_with_covers(owner)[0].covers == [wanted, newest]
    bin.throw(owner.pk, [wanted.pk])
    assert concerts_with_covers(owner)[0].covers == [newest]


def test_a_cover_is_one_photo_of_that_concert(owner: User, as_owner: Client) -> None:
    concert = make_concert(owner)
    loose, own = make_photo(owner), make_photo(owner, concert=concert)
    url = reverse("photos:concert-cover", args=[concert.pk])
    assert as_owner.post(url, {"photos": str(loose.pk)}).status_code == 404
    assert as_owner.post(url, {"photos": f"{own.pk},{loose.pk}"}).status_code == 400


def test_numbers_are_told_with_their_noun() -> None:
    assert (counted(1), counted(2000, "moment")) == ("1 photo", "2,000 moments")
