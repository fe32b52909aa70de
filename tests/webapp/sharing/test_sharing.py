"""Links: what a stranger with one sees, what not, until when, and what its owner hears of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.video_cast import make_video
from webapp.accounts.models import User
from webapp.core.models import Event
from webapp.moments.models import Moment, Reel
from webapp.moments.reel import services as reels
from webapp.moments.services import delete_moment, discard_moment
from webapp.photos.models import Concert
from webapp.photos.storage import files_of
from webapp.sharing import services
from webapp.sharing.models import Share
from webapp.sharing.services import make_share
from webapp.sharing.views import viewer

LOCAL = "http://testserver"


@pytest.fixture(autouse=True)
def _fresh_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "_views", viewer.RecentCounts())


@pytest.fixture
def moment(owner: User) -> Moment:
    moment = make_moment(owner, emotion="happy")
    moment.people.add(make_person(owner, "Lisa"))
    return moment


@pytest.fixture
def open_link(owner: User) -> Callable[..., str]:
    """Make a link and return its address."""

    def make(target: Any, **wishes: Any) -> str:
        return reverse("sharing:open", args=[make_share(owner, target, **wishes)[1]])

    return make


def _picture(link: str, moment: Moment, size: str = "display") -> str:
    return f"{link}{moment.photo_id}/{size}/"


def test_a_link_shows_one_moment_to_somebody_without_an_account(
    moment: Moment, open_link: Callable[..., str], client: Client
) -> None:
    link = open_link(moment)
    page = client.get(link)
    assert page.status_code == 200
    sources = re.findall(r'<img[^>]* src="([^"]+)"', page.content.decode())
    assert sources == [_picture(link, moment)]
    sent = client.get(sources[0])
    assert b"".join(sent.streaming_content if sent.streaming else [sent.content]) == (
        files_of(moment.photo_id).display.read_bytes()
    )
    assert sent["Content-Type"] == "image/jpeg"
    assert "sessionid" not in client.cookies


def test_names_are_seen_only_where_the_owner_says_so(
    moment: Moment, open_link: Callable[..., str], client: Client
) -> None:
    assert "Lisa" not in client.get(open_link(moment)).content.decode()
    assert "Lisa" in client.get(open_link(moment, shows_names=True)).content.decode()


def test_nothing_else_can_be_reached_with_a_link(
    owner: User, moment: Moment, open_link: Callable[..., str], client: Client
) -> None:
    link, other = open_link(moment), make_moment(owner)
    alternate = moment.frames.exclude(photo=moment.photo).first()
    assert alternate is not None
    for path in (
        _picture(link, other),
        f"{link}{alternate.photo_id}/display/",
        _picture(link, moment, "original"),
        _picture(link, moment, "full"),
        f"{link}film/",
        f"{link[:-2]}x/",
    ):
        assert client.get(path).status_code == 404, path
    for path in (
        reverse("photos:media", args=[moment.photo_id, "thumb"]),
        reverse("moments:moment", args=[moment.pk]),
    ):
        assert client.get(path).status_code in {302, 401, 404}, path


@pytest.mark.parametrize("what", ["revoked", "expired", "discarded", "deleted", "owner gone"])
def test_a_link_that_is_over_is_like_one_that_never_was(
    what: str, owner: User, moment: Moment, open_link: Callable[..., str], client: Client
) -> None:
    link = open_link(moment, days=7)
    if what == "revoked":
        services.revoke(Share.objects.get())
    elif what == "expired":
        Share.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif what == "discarded":
        discard_moment(moment)
    elif what == "deleted":
        delete_moment(moment)
    else:
        User.objects.filter(pk=owner.pk).update(is_active=False)
    never = reverse("sharing:open", args=["a" * 43])
    gone, unknown = client.get(link), client.get(never)
    assert gone.status_code == unknown.status_code == 404
    assert client.get(_picture(link, moment)).status_code == 404
    body = gone.content.decode().replace(link, never)
    strip = re.compile(r'(content|value)="[A-Za-z0-9]{64}"')
    assert strip.sub("", body) == strip.sub("", unknown.content.decode())


def test_the_secret_is_stored_nowhere(moment: Moment, as_owner: Client) -> None:
    answer = as_owner.post(
        reverse("sharing:moment", args=[moment.pk]), {"days": "7", "password": "open sesame"}
    )
    link = re.search(rf'value="{LOCAL}(/s/[^"]+/)"', answer.content.decode())
    assert link is not None
    token = link[1].split("/")[2]
    assert len(token) >= 43, "256 bits"
    share = Share.objects.get()
    assert check_password("open sesame", share.password)
    stored = f"{Share.objects.values().get()} {list(Event.objects.values())}"
    assert token not in stored
    assert "open sesame" not in stored
    assert token not in as_owner.get("/sharing/").content.decode()
    assert Client().get(link[1]).status_code == 200


def test_a_password_is_asked_for_and_holds_in_this_browser_only(
    moment: Moment, open_link: Callable[..., str], client: Client
) -> None:
    link = open_link(moment, password="open sesame")
    page = client.get(link)
    assert "has a password" in page.content.decode()
    assert str(moment.photo_id) not in page.content.decode()
    assert client.get(_picture(link, moment)).status_code == 404
    assert client.post(link, {"password": "open says me"}).status_code == 403
    assert client.post(link, {"password": "open sesame"})["Location"] == link
    assert client.get(_picture(link, moment)).status_code == 200
    cookie = client.cookies[viewer.COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (link, True, "Lax")
    assert Client().get(_picture(link, moment)).status_code == 404
    Share.objects.update(password="another one of the same owner")
    assert client.get(_picture(link, moment)).status_code == 404


def test_guessing_a_password_is_slowed_down(
    moment: Moment, open_link: Callable[..., str], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.accounts.lockout.SLOW_SECONDS", 0)
    link = open_link(moment, password="open sesame")
    answers = [client.post(link, {"password": f"guess {n}"}).status_code for n in range(12)]
    assert answers[0] == 403
    assert answers[-1] == 429
    assert client.post(link, {"password": "open sesame"}).status_code == 429


@pytest.mark.usefixtures("one_minute")
def test_who_opens_links_too_often_waits(
    moment: Moment, open_link: Callable[..., str], client: Client, settings: Any
) -> None:
    settings.SHARED_VIEWS_PER_MINUTE = 3
    link = open_link(moment)
    answers = [client.get(link) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"


def test_pages_of_links_are_for_no_search_engine_and_tell_nobody_their_address(
    moment: Moment, open_link: Callable[..., str], client: Client
) -> None:
    link = open_link(moment)
    for path in (link, _picture(link, moment)):
        answer = client.get(path)
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["Cache-Control"] == "private, no-store"
        assert "default-src" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert '<meta name="robots" content="noindex' in client.get(link).content.decode()


def test_the_owner_sees_how_often_a_link_was_opened_and_closes_it(
    moment: Moment, open_link: Callable[..., str], as_owner: Client, client: Client
) -> None:
    link = open_link(moment)
    assert "Opened 0 times" in as_owner.get("/sharing/").content.decode()
    client.get(link)
    client.get(link)
    client.head(link)
    client.get(_picture(link, moment))
    page = as_owner.get("/sharing/").content.decode()
    assert "Opened 2 times" in page
    assert "Lisa" in page
    as_owner.post(reverse("sharing:revoke", args=[Share.objects.get().pk]))
    assert client.get(link).status_code == 404
    assert "Closed " in as_owner.get("/sharing/").content.decode()


def test_links_of_others_and_things_of_others_are_out_of_reach(
    owner: User, moment: Moment, open_link: Callable[..., str], as_stranger: Client
) -> None:
    open_link(moment)
    assert "Lisa" not in as_stranger.get("/sharing/").content.decode()
    path = reverse("sharing:revoke", args=[Share.objects.get().pk])
    assert as_stranger.post(path).status_code == 404
    path = reverse("sharing:moment", args=[moment.pk])
    assert as_stranger.post(path, {"days": "7"}).status_code == 404
    assert Share.objects.get().revoked_at is None


@pytest.fixture
def reel(owner: User, moment: Moment) -> Reel:
    photo_ids = [moment.photo_id]
    made = Reel.objects.create(
        owner=owner, title="Lisa, Seoul", photo_count=1, state=Reel.State.READY, has_names=False
    )
    made.photos.set(photo_ids)
    path: Path = reels.file_of(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a film of ten bytes and more")
    return made


def test_a_film_plays_and_is_saved_under_no_name(
    reel: Reel, open_link: Callable[..., str], client: Client
) -> None:
    link = open_link(reel)
    assert "Lisa" not in client.get(link).content.decode()
    film = client.get(f"{link}film/", headers={"Range": "bytes=0-3"})
    assert (film.status_code, film["Content-Type"]) == (206, "video/mp4")
    saved = client.get(f"{link}film/", {"download": "1"})
    assert 'filename="encore.mp4"' in saved["Content-Disposition"]
    Reel.objects.update(state=Reel.State.WAITING)
    assert client.get(link).status_code == 404


def test_a_film_of_a_picture_in_the_bin_is_shown_to_nobody(
    reel: Reel, open_link: Callable[..., str], client: Client
) -> None:
    link = open_link(reel)
    reel.photos.update(binned_at=timezone.now())
    assert client.get(link).status_code == 404
    reel.photos.update(binned_at=None)
    assert client.get(link).status_code == 200


def test_a_clip_is_shown_to_nobody_while_its_moment_or_video_is_put_away(
    owner: User, moment: Moment, reel: Reel, open_link: Callable[..., str], client: Client
) -> None:
    video = make_video(owner)
    reel.photos.clear()
    Reel.objects.update(kind=Reel.Kind.CLIP, moment=moment, video=video, photo_count=0)
    reel.refresh_from_db()
    link = open_link(reel)
    assert client.get(f"{link}film/")["Content-Type"] == "video/mp4"
    for thing, put_away in [
        (moment, {"binned_at": timezone.now()}),
        (moment, {"is_discarded": True}),
        (video, {"binned_at": timezone.now()}),
    ]:
        rows = type(thing)._default_manager.filter(pk=thing.pk)
        rows.update(**put_away)
        assert client.get(link).status_code == 404, put_away
        rows.update(binned_at=None)
        Moment.objects.update(is_discarded=False)
    assert client.get(link).status_code == 200


def test_a_film_with_names_written_in_it_is_not_shared_without_names(
    owner: User, reel: Reel, as_owner: Client
) -> None:
    reel.people.add(make_person(owner, "Rosé"))
    Reel.objects.update(has_names=True, person_count=1)
    path = reverse("sharing:reel", args=[reel.pk])
    refused = as_owner.post(path, {"days": "7"})
    assert refused.status_code == 400
    assert "written into this film" in refused.content.decode()
    assert as_owner.post(path, {"days": "7", "shows_names": "on"}).status_code == 200


def test_the_night_of_a_concert_shows_its_moments_and_no_other(
    owner: User, open_link: Callable[..., str], client: Client
) -> None:
    seoul = Concert.objects.create(owner=owner, name="Seoul")
    lisa = make_person(owner, "Lisa")
    shown, other = make_moment(owner, concert=seoul), make_moment(owner)
    shown.people.add(lisa)
    link = open_link(seoul)
    page = client.get(link).content.decode()
    assert _picture(link, shown, "thumb") in page
    assert "Lisa" not in page
    assert client.get(_picture(link, shown)).status_code == 200
    assert client.get(_picture(link, other)).status_code == 404
    assert "Lisa" in client.get(open_link(seoul, shows_names=True)).content.decode()
