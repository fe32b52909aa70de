"""When, where and with whom somebody was seen."""

from datetime import UTC, date, datetime

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_user
from tests.webapp.analysis.cast import make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis.pages.appearances import appearances_of
from webapp.photos.models import Concert, Photo


def photo_of(owner: User, day: int, concert: Concert | None = None, **fields: object) -> Photo:
    taken = datetime(2026, 5, day, 20, tzinfo=UTC)
    return make_photo(owner, with_files=False, taken_at=taken, concert=concert, **fields)


def test_photos_are_counted_for_each_concert(owner: User) -> None:
    jisoo = make_person(owner, "Jisoo")
    seoul = Concert.objects.create(owner=owner, name="Seoul", time_zone="Asia/Seoul")
    busan = Concert.objects.create(owner=owner, name="Busan")
    for day, concert in ((1, busan), (2, seoul), (3, seoul), (9, None)):
        make_face(photo_of(owner, day, concert), person=jisoo)
    make_face(photo_of(owner, 20, seoul), person=make_person(owner, "Lisa"))

    seen = appearances_of(owner, jisoo)

    assert seen is not None
    assert [(one.name, one.photo_count) for one in seen.concerts] == [("Seoul", 2), ("Busan", 1)]
    assert (seen.first, seen.last) == (date(2026, 5, 1), date(2026, 5, 9))
    assert seen.concerts[0].first == date(2026, 5, 3), "20:00 UTC is the next morning in Seoul"


def test_two_faces_of_one_person_on_a_photo_are_one_photo(owner: User) -> None:
    jisoo, lisa = make_person(owner, "Jisoo"), make_person(owner, "Lisa")
    both = photo_of(owner, 1, Concert.objects.create(owner=owner, name="Seoul"))
    for place, person in enumerate((jisoo, jisoo, lisa, lisa)):
        make_face(both, place, person=person)

    seen = appearances_of(owner, jisoo)

    assert seen is not None
    assert [one.photo_count for one in seen.concerts] == [1]
    assert [(one.name, one.photo_count) for one in seen.companions] == [("Lisa", 1)]


def test_companions_stand_by_how_often_they_were_there(owner: User) -> None:
    jisoo, lisa, rose = (make_person(owner, name) for name in ("Jisoo", "Lisa", "Rosé"))
    for others in ([rose], [rose, lisa], []):
        photo = photo_of(owner, 1)
        for place, person in enumerate([jisoo, *others]):
            make_face(photo, place, person=person)

    seen = appearances_of(owner, jisoo)

    assert seen is not None
    assert [(one.name, one.photo_count) for one in seen.companions] == [("Rosé", 2), ("Lisa", 1)]


def test_what_is_not_in_the_library_does_not_count(owner: User) -> None:
    jisoo, lisa = make_person(owner, "Jisoo"), make_person(owner, "Lisa")
    thrown = photo_of(owner, 1, binned_at=timezone.now())
    alternate = photo_of(owner, 2, shelf=Photo.Shelf.ALTERNATE)
    for photo in (thrown, alternate):
        make_face(photo, 0, person=jisoo)
        make_face(photo, 1, person=lisa)

    assert appearances_of(owner, jisoo) is None


def test_the_page_tells_it(owner: User, client: Client) -> None:
    jisoo, lisa = make_person(owner, "Jisoo"), make_person(owner, "Lisa")
    concert = Concert.objects.create(owner=owner, name="Seoul")
    photo = photo_of(owner, 1, concert)
    make_face(photo, 0, person=jisoo)
    make_face(photo, 1, person=lisa)
    client.force_login(owner)

    page = client.get(reverse("analysis:person", args=[jisoo.pk])).content.decode()

    assert "On 1 May 2026" in page
    assert f"/concerts/{concert.pk}/?person={jisoo.pk}" in page
    assert reverse("analysis:person", args=[lisa.pk]) in page
    client.force_login(make_user())
    assert client.get(reverse("analysis:person", args=[jisoo.pk])).status_code == 404
