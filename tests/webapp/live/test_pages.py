"""The pages of the live app: starting, filming, watching and ending, each for its owner."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.webapp.moments.cast import make_moment
from webapp.accounts.models import User
from webapp.live import services
from webapp.live.models import LiveSession
from webapp.photos.models import Concert

EVIL = "<script>alert(1)</script>"


def _pages(session: LiveSession) -> list[str]:
    return [reverse(f"live:{name}", args=[session.pk]) for name in ("view", "camera")]


def test_starting_a_session_leads_to_its_camera(owner: User, as_owner: Client) -> None:
    concert = Concert.objects.create(owner=owner, name="Tokyo Dome")
    response = as_owner.post("/live/", {"title": "Left of the stage", "concert": concert.pk})
    session = LiveSession.objects.get()
    assert response["Location"] == f"/live/{session.pk}/camera/"
    assert (session.owner, session.concert, session.title) == (owner, concert, "Left of the stage")
    assert session.is_open


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"title": ""}, id="no title"),
        pytest.param({"title": "x" * 121}, id="long title"),
        pytest.param({"title": "x", "concert": str(uuid4())}, id="no such concert"),
    ],
)
def test_a_wrong_form_starts_nothing(fields: dict[str, str], as_owner: Client) -> None:
    assert as_owner.post("/live/", fields).status_code == 400
    assert not LiveSession.objects.exists()


def test_a_concert_of_somebody_else_cannot_be_chosen(member: User, as_owner: Client) -> None:
    theirs = Concert.objects.create(owner=member, name="Theirs")
    response = as_owner.post("/live/", {"title": "x", "concert": theirs.pk})
    assert response.status_code == 400
    assert "Theirs" not in as_owner.get("/live/").content.decode()


def test_only_the_camera_page_may_ask_for_the_camera(
    session: LiveSession, as_owner: Client
) -> None:
    view, camera = _pages(session)
    for page in ("/live/", "/live/wall/", view, f"{camera}x/", "/live/camera/"):
        policy = as_owner.get(page)["Permissions-Policy"]
        assert policy.startswith("camera=(), microphone=()"), page
    policy = as_owner.get(camera)["Permissions-Policy"]
    assert policy.startswith("camera=(self), microphone=(self)")


def test_sessions_of_others_do_not_exist(session: LiveSession, as_stranger: Client) -> None:
    for page in _pages(session):
        assert as_stranger.get(page).status_code == 404
    for name in ("end", "delete"):
        assert as_stranger.post(reverse(f"live:{name}", args=[session.pk])).status_code == 404
    for page in ("/live/", "/live/wall/"):
        assert session.title not in as_stranger.get(page).content.decode()
    session.refresh_from_db()
    assert session.is_open


def test_a_title_is_text_and_never_markup(owner: User, as_owner: Client) -> None:
    session = services.start_session(owner.pk, EVIL, None)
    for page in ("/live/", "/live/wall/", *_pages(session)):
        assert EVIL not in as_owner.get(page).content.decode(), page


def test_an_ended_session_can_be_removed_but_not_filmed_in(
    session: LiveSession, as_owner: Client
) -> None:
    view, camera = _pages(session)
    as_owner.post(reverse("live:end", args=[session.pk]))
    session.refresh_from_db()
    assert not session.is_open
    assert session.ended_at is not None
    assert as_owner.get(camera)["Location"] == "/live/"
    page = as_owner.get(view).content.decode()
    assert "has ended" in page
    assert "data-live-view" not in page
    asked = as_owner.get("/live/").content.decode()
    assert "its timeline of emotions are deleted for good" in asked
    as_owner.post(reverse("live:delete", args=[session.pk]))
    assert not LiveSession.objects.exists()


def test_ending_twice_keeps_the_first_end(session: LiveSession) -> None:
    services.end_session(session)
    session.refresh_from_db()
    first = session.ended_at
    services.end_session(session)
    session.refresh_from_db()
    assert session.ended_at == first


def test_the_wall_shows_open_sessions_only(
    owner: User, session: LiveSession, as_owner: Client
) -> None:
    ended = services.start_session(owner.pk, "Ended", None)
    services.end_session(ended)
    found = re.findall(r'data-socket="([^"]+)"', as_owner.get("/live/wall/").content.decode())
    assert found == [f"/ws/live/view/{session.pk}/"]


def test_without_consent_the_pages_say_why_nobody_is_named(
    session: LiveSession, as_owner: Client
) -> None:
    for page in ("/live/", _pages(session)[1]):
        assert "nobody is named" in as_owner.get(page).content.decode(), page


def test_deleting_a_concert_keeps_its_sessions(owner: User) -> None:
    concert = Concert.objects.create(owner=owner, name="Short")
    session = services.start_session(owner.pk, "Camera", concert)
    concert.delete()
    session.refresh_from_db()
    assert session.concert is None


def test_a_source_films_in_the_session_it_had(owner: User, member: User) -> None:
    first = services.session_for_source(owner.pk, "Rehearsal")
    assert services.session_for_source(owner.pk, "Rehearsal") == first
    assert services.session_for_source(member.pk, "Rehearsal") != first
    services.end_session(first)
    assert services.session_for_source(owner.pk, "Rehearsal") != first
    assert Concert.objects.filter(owner=owner).count() == 1


def _age(session: LiveSession, **ages: timedelta) -> None:
    moments = {name: timezone.now() - age for name, age in ages.items()}
    LiveSession.objects.filter(pk=session.pk).update(**moments)


@pytest.mark.parametrize(
    ("ages", "is_left_open"),
    [
        pytest.param({"on_air_until": timedelta(minutes=29)}, True, id="a pause"),
        pytest.param({"on_air_until": timedelta(minutes=31)}, False, id="a long silence"),
        pytest.param({"started_at": timedelta(hours=11)}, True, id="prepared in the morning"),
        pytest.param({"started_at": timedelta(hours=13)}, False, id="never used"),
    ],
)
def test_a_session_ends_after_a_long_silence(
    session: LiveSession, ages: dict[str, timedelta], *, is_left_open: bool
) -> None:
    _age(session, **ages)
    services.end_silent()
    session.refresh_from_db()
    assert session.is_open is is_left_open


def test_an_ended_session_is_filmed_in_again_with_one_click(
    session: LiveSession, as_owner: Client
) -> None:
    services.end_session(session)
    answer = as_owner.post(reverse("live:again", args=[session.pk]))
    assert answer["Location"] == reverse("live:camera", args=[session.pk])
    session.refresh_from_db()
    assert session.is_open
    services.end_silent()
    session.refresh_from_db()
    assert session.is_open, "it is not ended again before anybody could film"


def test_the_list_says_which_session_is_on_air_and_how_long_the_others_were(
    owner: User, session: LiveSession, as_owner: Client
) -> None:
    services.note_filming(session.pk)
    before = services.start_session(owner.pk, "Encore", None)
    _age(before, started_at=timedelta(minutes=70), on_air_until=timedelta(minutes=6))
    page = as_owner.get("/live/").content.decode()
    on_air = re.findall(r'data-session="([^"]+)" data-on-air="true"', page)
    assert on_air == [str(session.pk)]
    assert "1 h 4 min, last seen" in page
    services.note_silence(session.pk)
    assert 'data-on-air="true"' not in as_owner.get("/live/").content.decode()


def test_the_list_shows_what_a_session_gave(
    owner: User, session: LiveSession, as_owner: Client
) -> None:
    best = make_moment(owner, session=session, score=0.9)
    make_moment(owner, session=session)
    make_moment(owner, session=session, is_discarded=True)
    page = as_owner.get("/live/").content.decode()
    assert "2 moments" in page
    assert reverse("photos:media", args=[best.photo_id, "thumb"]) in page


def test_ending_asks_first(session: LiveSession, as_owner: Client) -> None:
    for page in ("/live/", _pages(session)[1]):
        content = as_owner.get(page).content.decode()
        assert f'data-opens="end-{session.pk}"' in content
        assert f'<dialog class="dialog" id="end-{session.pk}"' in content


def test_who_left_moments_has_filmed(owner: User, session: LiveSession, as_owner: Client) -> None:
    assert "nobody has filmed yet" in as_owner.get("/live/").content.decode()
    make_moment(owner, session=session)
    services.end_session(session)
    page = as_owner.get("/live/").content.decode()
    assert "1 moment" in page
    assert "nobody" not in page.split('id="ended-title"')[1]
