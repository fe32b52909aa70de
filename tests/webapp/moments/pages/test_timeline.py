"""How emotions went over an evening."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.evening import NOON, make_bare_moment, make_sample, make_session
from webapp.accounts.models import User
from webapp.live.models import LiveSession
from webapp.moments.models import Video
from webapp.moments.pages.timeline import MOST_POINTS, Chart, Source, make_chart, table_of
from webapp.people.models import Person
from webapp.photos.models import Concert

LABELS = ("happy", "neutral")


@pytest.fixture
def lisa(owner: User) -> Person:
    return make_person(owner, "Lisa </script>")


@pytest.fixture
def session(owner: User) -> LiveSession:
    return make_session(owner)


def make_video(owner: User, **fields: Any) -> Video:
    values = {"display_name": "fancam.mp4", "sha256": uuid4().hex, "bytes": 1, "state": "ready"}
    return Video.objects.create(owner=owner, **{**values, **fields})


def chart_of(client: Client, url: str) -> Chart:
    page = client.get(url).content.decode()
    data = re.search(r'<script id="timeline-data" type="application/json">(.+?)</script>', page)
    assert data is not None
    chart: Chart = json.loads(data[1])
    return chart


def test_a_session_shows_each_stars_curve_and_the_moments_on_it(
    owner: User, as_owner: Client, session: LiveSession, lisa: Person
) -> None:
    rose = make_person(owner, "Rose")
    for second, happy in ((0, 0.2), (5, 0.8)):
        make_sample(lisa, second, happy, session=session)
    make_sample(rose, 5, 0.5, session=session)
    moment = make_bare_moment(owner, 0.1, lisa, session=session, emotion="happy", reason="sharp")

    chart = chart_of(as_owner, reverse("moments:timeline-session", args=[session.pk]))

    assert [curve["name"] for curve in chart["curves"]] == ["Lisa </script>", "Rose"]
    assert chart["curves"][0]["seconds"] == [0, 5]
    assert chart["curves"][0]["emotions"]["happy"] == [0.2, 0.8]
    [marker] = chart["markers"]
    assert marker["url"] == reverse("moments:moment", args=[moment.pk])
    assert (marker["second"], marker["people"], marker["reason"]) == (
        6.0,
        ["Lisa </script>"],
        "sharp",
    )


def test_the_table_says_the_same(
    owner: User, as_owner: Client, session: LiveSession, lisa: Person
) -> None:
    make_sample(lisa, 0, 0.9, session=session)
    make_sample(lisa, 30, 0.1, session=session)
    moment = make_bare_moment(owner, 0.5, lisa, session=session, emotion="happy")

    page = as_owner.get(reverse("moments:timeline-session", args=[session.pk])).content.decode()

    table = page[page.index("<table") : page.index("</table>")]
    assert re.findall(r"chip-emotion-(\w+)", table) == ["happy", "neutral"]
    assert re.findall(r">(12:00:\d\d)<", table) == ["12:00:00", "12:00:10", "12:00:20", "12:00:30"]
    assert reverse("moments:moment", args=[moment.pk]) in table


def test_a_concert_lays_sessions_and_videos_on_one_clock(
    owner: User, as_owner: Client, lisa: Person
) -> None:
    concert = Concert.objects.create(owner=owner, name="Born Pink")
    session = make_session(owner, concert=concert)
    video = make_video(owner, concert=concert, recorded_at=NOON + timedelta(seconds=60))
    make_sample(lisa, 0, 0.1, session=session)
    make_sample(lisa, 10, 0.9, video=video)
    make_bare_moment(owner, 0.2, lisa, video=video)

    chart = chart_of(as_owner, reverse("moments:timeline-concert", args=[concert.pk]))

    assert chart["start"] == NOON.isoformat()
    assert chart["curves"][0]["seconds"] == [0, 70]
    assert chart["markers"][0]["second"] == 72.0


def test_a_video_is_shown_in_its_own_time(owner: User, as_owner: Client, lisa: Person) -> None:
    video = make_video(owner, recorded_at=NOON)
    make_sample(lisa, 10, 0.9, video=video)
    url = reverse("moments:timeline-video", args=[video.pk])

    assert chart_of(as_owner, url)["start"] == ""
    assert ">0:00:10<" in as_owner.get(url).content.decode()


def test_a_long_evening_is_averaged_to_a_page_of_sensible_size(
    owner: User, session: LiveSession, lisa: Person
) -> None:
    samples = [
        make_sample(lisa, 5 * number, 0.25 if number % 2 else 0.75, session=session)
        for number in range(2 * MOST_POINTS)
    ]

    chart = make_chart([Source(session.pk, NOON)], samples, [], LABELS)

    [curve] = chart["curves"]
    assert len(curve["seconds"]) == MOST_POINTS
    assert set(curve["emotions"]["happy"]) == {0.5}


def test_more_readings_weigh_more(owner: User, lisa: Person) -> None:
    one, other = make_session(owner), make_session(owner)
    samples = [
        make_sample(lisa, 0, 0.0, session=one, count=1),
        make_sample(lisa, 0, 1.0, session=other, count=3),
    ]

    chart = make_chart([Source(one.pk, NOON), Source(other.pk, NOON)], samples, [], LABELS)

    assert chart["curves"][0]["emotions"]["happy"] == [0.75]


def test_a_chart_without_readings_has_no_rows() -> None:
    assert table_of({"start": "", "curves": [], "markers": [], "labels": []}) == []


def test_the_list_names_only_what_has_readings(owner: User, as_owner: Client, lisa: Person) -> None:
    concert = Concert.objects.create(owner=owner, name="Born Pink")
    Concert.objects.create(owner=owner, name="Silent concert")
    make_sample(lisa, 0, 0.5, session=make_session(owner, concert=concert))
    make_video(owner)

    page = as_owner.get(reverse("moments:timelines")).content.decode()

    assert "Born Pink" in page
    assert "Row 4" in page
    assert "Silent concert" not in page
    assert "fancam.mp4" not in page


def test_a_session_without_readings_says_so(as_owner: Client, session: LiveSession) -> None:
    page = as_owner.get(reverse("moments:timeline-session", args=[session.pk])).content.decode()

    assert "Nothing to draw yet" in page
    assert "vendor/plotly" not in page


def test_another_users_readings_and_moments_stay_out(
    owner: User, stranger: User, as_owner: Client, session: LiveSession, lisa: Person
) -> None:
    make_sample(lisa, 0, 0.5, session=session)
    make_bare_moment(stranger, 0.1, session=session)
    make_sample(make_person(stranger, "Mallory"), 0, 0.5, session=session)

    chart = chart_of(as_owner, reverse("moments:timeline-session", args=[session.pk]))

    assert [curve["name"] for curve in chart["curves"]] == ["Lisa </script>"]
    assert chart["markers"] == []


def test_the_chart_library_is_loaded_on_this_page_only_and_from_here(
    as_owner: Client, session: LiveSession, lisa: Person
) -> None:
    make_sample(lisa, 0, 0.5, session=session)

    timeline = as_owner.get(reverse("moments:timeline-session", args=[session.pk]))

    assert b'src="/static/vendor/plotly.js" defer' in timeline.content
    assert "unsafe" not in timeline.headers["Content-Security-Policy"]
    for name in ("moments:list", "moments:timelines", "moments:reels"):
        assert b"plotly" not in as_owner.get(reverse(name)).content


def test_the_styles_that_the_library_would_inject_are_held_off(
    as_owner: Client, session: LiveSession, lisa: Person
) -> None:
    """Under our policy they would be refused; a new version of the library may use another id."""
    make_sample(lisa, 0, 0.5, session=session)
    page = as_owner.get(reverse("moments:timeline-session", args=[session.pk])).content.decode()
    found = finders.find("vendor/plotly.js")
    assert isinstance(found, str)
    with open(found, encoding="utf-8") as file:  # noqa: PTH123 - a path that Django returned
        library = file.read()

    guarded = re.findall(r'getElementById\("([0-9a-f]{64})"\)', library)

    assert len(guarded) == library.count('createElement("style")') - 1 == 1
    assert f'<template id="{guarded[0]}">' in page
    assert 'id="plotly.js-style-global" class="no-inline-styles"' in page
