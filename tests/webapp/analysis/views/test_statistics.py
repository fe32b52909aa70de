"""The page of statistics: charts, the tables behind them, and who may see them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_user, run_pending_jobs
from tests.webapp.analysis.cast import make_face, make_person, make_photo
from webapp.access.models import Role
from webapp.access.services import share_with
from webapp.accounts.models import User
from webapp.analysis.statistics import keeping
from webapp.people.models import Person
from webapp.photos import counts
from webapp.photos.models import Concert


@pytest.fixture
def seoul(owner: User) -> Concert:
    """A concert with a photo of two stars."""
    concert = Concert.objects.create(owner=owner, name="Seoul", time_zone="Asia/Seoul")
    photo = make_photo(owner, concert=concert, face_count=2)
    for place, name in enumerate(("Jisoo", "Lisa")):
        make_face(photo, place, person=make_person(owner, name), emotion="happy")
    return concert


def page_of(client: Client, name: str, subject: Person | Concert) -> str:
    return client.get(reverse(f"analysis:{name}-statistics", args=[subject.pk])).text


def test_a_concert_is_told_in_charts_and_in_tables(as_owner: Client, seoul: Concert) -> None:
    page = page_of(as_owner, "concert", seoul)
    for chart in ("photos", "emotions", "together", "qualities"):
        assert f'data-chart="{chart}" role="img"' in page
    assert page.count("<table") == 4
    assert '<th scope="col">Happy</th>' in page
    assert "90–100 %" in page
    assert "Best photos" in page
    assert reverse("analysis:person", args=[Person.objects.get(name="Lisa").pk]) in page


def test_a_star_is_told_as_well(as_owner: Client, seoul: Concert) -> None:
    page = page_of(as_owner, "person", Person.objects.get(name="Jisoo"))
    assert "1 photo" in page
    assert 'data-chart="together"' in page


@pytest.mark.parametrize("kind", ["person", "concert"])
def test_without_photos_the_page_says_so(as_owner: Client, owner: User, kind: str) -> None:
    subject = (
        make_person(owner, "Rosé")
        if kind == "person"
        else Concert.objects.create(owner=owner, name="Busan")
    )
    page = page_of(as_owner, kind, subject)
    assert "Nothing to count yet" in page
    assert "plotly.js" not in page.split("</head>")[1]


def test_pages_lead_to_their_statistics(as_owner: Client, seoul: Concert) -> None:
    jisoo = Person.objects.get(name="Jisoo")
    for name, subject in (("concert", seoul), ("person", jisoo)):
        page = as_owner.get(reverse(f"analysis:{name}", args=[subject.pk])).text
        assert reverse(f"analysis:{name}-statistics", args=[subject.pk]) in page


def test_a_fan_sees_a_concert_that_is_shared_and_no_page_of_a_star(
    client: Client, seoul: Concert
) -> None:
    fan = make_user("fan")
    client.force_login(fan, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("analysis:concert-statistics", args=[seoul.pk])
    assert client.get(address).status_code == 404
    share_with(seoul, fan, Role.FAN)
    page = client.get(address).text
    jisoo = Person.objects.get(name="Jisoo")
    assert "Jisoo" in page
    assert reverse("analysis:person", args=[jisoo.pk]) not in page
    star = client.get(reverse("analysis:person-statistics", args=[jisoo.pk]))
    assert star.status_code == 404


def test_a_photo_that_left_the_concert_or_the_library_is_not_among_its_best(
    as_owner: Client, owner: User, seoul: Concert, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = make_photo(owner, concert=seoul, taken_at=timezone.now() - timedelta(days=1))
    make_face(moved, emotion="sad")
    monkeypatch.setattr(keeping, "FEW_PHOTOS", 0)
    while counts.refresh():
        pass
    first = page_of(as_owner, "concert", seoul)
    assert "counted for the first time" in first
    assert "data-counting" in first
    run_pending_jobs()
    assert moved.display_name in page_of(as_owner, "concert", seoul)
    with counts.changing([moved.pk]):
        type(moved).objects.filter(pk=moved.pk).update(concert=None)

    page = page_of(as_owner, "concert", seoul)

    assert moved.display_name not in page
    assert "Newer numbers are being counted" in page


def test_the_page_asks_no_more_for_more_stars(
    as_owner: Client, owner: User, seoul: Concert, django_assert_max_num_queries: object
) -> None:
    for number in range(10):
        photo = make_photo(owner, with_files=False, concert=seoul)
        make_face(photo, person=make_person(owner, f"Star {number}"), emotion="happy")
    while counts.refresh():
        pass
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        page_of(as_owner, "concert", seoul)
