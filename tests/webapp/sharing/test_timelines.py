"""A link to a timeline: curves without names, moments that lead to pictures of that link only."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.evening import make_sample, make_session
from tests.webapp.moments.video_cast import make_video
from webapp.accounts.models import User
from webapp.live.services import end_session
from webapp.moments.models import Moment
from webapp.moments.video import bin
from webapp.photos.models import Concert
from webapp.sharing.services import make_share

OpenLink = Callable[..., str]


@pytest.fixture
def open_link(owner: User) -> OpenLink:
    """Make a link to a timeline and return its address."""

    def make(target: Any, **wishes: Any) -> str:
        _, token = make_share(owner, target, is_timeline=True, **wishes)
        return reverse("sharing:open", args=[token])

    return make


@pytest.fixture
def concert(owner: User) -> Concert:
    return Concert.objects.create(owner=owner, name="Seoul")


@pytest.fixture
def moment(owner: User, concert: Concert) -> Moment:
    """Lisa in a session that has ended."""
    session = make_session(owner, concert=concert)
    lisa = make_person(owner, "Lisa")
    make_sample(lisa, 0, 0.8, session=session)
    moment = make_moment(owner, concert=concert, session=session, emotion="happy")
    moment.people.add(lisa)
    end_session(session)
    return moment


def _chart(client: Client, link: str) -> Any:
    page = client.get(link).content.decode()
    found = re.search(r'id="timeline-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found, page
    return json.loads(found[1])


@pytest.mark.parametrize("of", ["concert", "session"])
def test_curves_are_seen_and_names_only_where_the_owner_says_so(
    of: str, moment: Moment, open_link: OpenLink, client: Client
) -> None:
    target = getattr(moment, of)
    link = open_link(target)
    chart = _chart(client, link)
    assert [curve["name"] for curve in chart["curves"]] == ["Star 1"]
    assert chart["markers"][0]["people"] == []
    person = moment.people.get()
    page = client.get(link).content.decode()
    assert "Lisa" not in page
    assert str(person.pk) not in page
    assert _chart(client, open_link(target, shows_names=True))["curves"][0]["name"] == "Lisa"


def test_a_moment_leads_to_its_picture_and_nothing_else_can_be_reached(
    owner: User, moment: Moment, open_link: OpenLink, client: Client
) -> None:
    link, other = open_link(moment.session), make_moment(owner)
    (marker,) = _chart(client, link)["markers"]
    assert client.get(link + marker["url"]).status_code == 200
    assert client.get(f"{link}{other.photo_id}/display/").status_code == 404
    assert client.get(f"{link}{moment.photo_id}/original/").status_code == 404


def test_a_moment_leads_nowhere_while_its_bystanders_are_not_blurred(
    moment: Moment, open_link: OpenLink, client: Client
) -> None:
    link = open_link(moment.session, blurs_others=True)
    assert _chart(client, link)["markers"][0]["url"] == ""
    assert client.get(f"{link}{moment.photo_id}/display/").status_code == 404


def test_the_timeline_of_a_video_says_neither_its_file_nor_its_star_and_goes_with_it(
    owner: User, open_link: OpenLink, client: Client
) -> None:
    video = make_video(owner, display_name="lisa solo.mp4")
    make_sample(make_person(owner, "Lisa"), 0, 0.8, video=video)
    link = open_link(video)
    assert "lisa" not in client.get(link).content.decode().lower()
    assert "lisa solo.mp4" in client.get(open_link(video, shows_names=True)).content.decode()
    bin.throw(video)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("of", ["concert", "session", "video"])
def test_links_are_made_on_the_page_of_a_timeline_and_by_its_owner_only(
    of: str, owner: User, moment: Moment, as_owner: Client, as_stranger: Client
) -> None:
    video = make_video(owner)
    make_sample(moment.people.get(), 0, 0.8, video=video)
    found = video if of == "video" else getattr(moment, of)
    form = reverse(f"sharing:{of}-timeline", args=[found.pk])
    timeline = reverse(f"moments:timeline-{of}", args=[found.pk])
    assert f'href="{form}"' in as_owner.get(timeline).content.decode()
    made = as_owner.post(form, {"days": "7"})
    assert made.status_code == 200
    assert "data-link" in made.content.decode()
    listed = as_owner.get(reverse("sharing:list")).content.decode()
    assert "Timeline of" in listed
    assert as_stranger.get(form).status_code == 404
