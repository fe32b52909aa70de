"""The page of one moment, and what can be done to it."""

import io
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.evening import NOON, make_bare_moment
from webapp.accounts.models import User
from webapp.analysis.models import Portrait
from webapp.moments.models import Moment
from webapp.photos.models import Photo
from webapp.photos.storage import files_of

JSON = {"Accept": "application/json"}


def url_of(name: str, moment: Moment) -> str:
    return reverse(f"moments:{name}", args=[moment.pk])


def page_of(client: Client, moment: Moment, **query: Any) -> str:
    return client.get(url_of("moment", moment), query).content.decode()


def test_the_page_shows_picture_frames_reasons_and_score(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner, emotion="surprised")
    moment.people.set([make_person(owner, "Lisa")])

    page = page_of(as_owner, moment)

    assert reverse("photos:media", args=[moment.photo_id, "display"]) in page
    assert page.count("data-frame=") == 3
    for said in ("Lisa", "Surprised", "Eyes open, sharp.", "Expression", "80", "may be wrong"):
        assert said in page


def test_a_frame_that_nobody_scored_shows_no_score(owner: User, as_owner: Client) -> None:
    """Frames between two that were seen have no score, which is another thing than the lowest."""
    moment = make_moment(owner, score=None)
    moment.frames.update(score=None, terms={})

    page = page_of(as_owner, moment)
    assert "Score, 0 to 100" not in page
    assert "This frame is not scored yet." in page
    assert page.count("not scored yet</span>") == 3
    assert "score </span>" not in page
    assert "Score </span>" not in as_owner.get(reverse("moments:list")).content.decode()


def test_the_lowest_score_is_shown_as_a_score(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner, score=0.0)
    moment.frames.update(score=0.0)

    assert "not scored yet" not in page_of(as_owner, moment)
    assert "Score </span>0" in as_owner.get(reverse("moments:list")).content.decode()


def test_card_and_page_show_the_same_score(owner: User, as_owner: Client) -> None:
    """Its picture lies between two frames, so the score is that of the best one beside it."""
    moment = make_moment(owner, score=0.84)
    moment.frames.filter(is_picked=True).update(score=None, terms={}, is_peak=True)
    moment.frames.filter(is_picked=False).update(score=0.84)

    page = page_of(as_owner, moment)
    assert ">84</span>" in page
    assert "84 is the score of the best frame beside it." in page
    assert "Score </span>84" in as_owner.get(reverse("moments:list")).content.decode()


def test_one_frame_is_ticked_though_two_show_the_same_picture(
    owner: User, as_owner: Client
) -> None:
    moment = make_moment(owner)
    moment.frames.filter(is_picked=False).update(photo=moment.photo)

    assert page_of(as_owner, moment).count("picked, </span>") == 1


def test_another_frame_can_be_looked_at_without_picking_it(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner)
    other = moment.frames.filter(is_picked=False)[0]

    page = page_of(as_owner, moment, frame=other.pk)

    assert reverse("photos:media", args=[other.photo_id, "display"]) in page
    assert "Use this frame" in page
    assert "Use this frame" not in page_of(as_owner, moment)
    moment.refresh_from_db()
    assert moment.photo_id != other.photo_id


@pytest.mark.parametrize("frame", ["x", "-1", "99999999999999999999", ""])
def test_a_frame_that_is_none_shows_the_picked_one(
    owner: User, as_owner: Client, frame: str
) -> None:
    moment = make_moment(owner)

    page = page_of(as_owner, moment, frame=frame)

    assert reverse("photos:media", args=[moment.photo_id, "display"]) in page


def test_liking_and_taking_it_back(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner)

    liked = as_owner.post(url_of("like", moment), {"liked": "1"}, headers=JSON)
    assert liked.json() == {"liked": True}
    assert Moment.objects.get().liked_at is not None
    assert 'aria-pressed="true"' in page_of(as_owner, moment)

    as_owner.post(url_of("like", moment), {"liked": "0"})
    assert Moment.objects.get().liked_at is None


def test_a_discarded_moment_keeps_its_page_and_can_come_back(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner)

    response = as_owner.post(url_of("discard", moment), {"discarded": "1"}, follow=True)
    assert "Bring back" in response.content.decode()
    assert str(moment.pk) not in as_owner.get(reverse("moments:list")).content.decode()

    as_owner.post(url_of("discard", moment), {"discarded": "0"})
    assert str(moment.pk) in as_owner.get(reverse("moments:list")).content.decode()


@pytest.mark.parametrize(
    ("days", "words"),
    [
        pytest.param(30, " for 30 days", id="usual"),
        pytest.param(1, " for 1 day", id="one"),
        pytest.param(0, "", id="for ever"),
    ],
)
def test_pages_say_for_how_long_a_discarded_moment_can_be_brought_back(
    owner: User, as_owner: Client, settings: Any, days: int, words: str
) -> None:
    settings.MOMENTS_KEEP_DISCARDED_DAYS = days
    moment = make_moment(owner)
    before = page_of(as_owner, moment)
    assert (f"it can be brought back{words}, then" in before) is bool(words)

    response = as_owner.post(url_of("discard", moment), {"discarded": "1"}, follow=True)

    page = response.content.decode()
    assert f"It can be brought back from here{words}." in page
    assert (f"nowhere else. It can be brought back{words} from" in page) is bool(words)
    assert ("then it is deleted" in page) is bool(words)


def test_a_discarded_burst_stays_for_ever_and_says_no_period(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner, kind=Moment.Kind.BURST)
    response = as_owner.post(url_of("discard", moment), {"discarded": "1"}, follow=True)
    page = response.content.decode()
    assert "It can be brought back from here." in page
    assert "days" not in page


def test_a_discarded_moment_shows_no_like_until_it_is_back(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner)
    as_owner.post(url_of("like", moment), {"liked": "1"})
    as_owner.post(url_of("discard", moment), {"discarded": "1"})
    assert 'aria-pressed="true"' not in page_of(as_owner, moment)
    grid = as_owner.get(reverse("moments:list"), {"show": "discarded"}).content.decode()
    assert "is-liked" not in grid
    as_owner.post(url_of("discard", moment), {"discarded": "0"})
    assert 'aria-pressed="true"' in page_of(as_owner, moment)


def test_picking_another_frame(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner)
    other = moment.frames.filter(is_picked=False)[0]

    as_owner.post(url_of("pick", moment), {"frame": str(other.pk)})

    moment.refresh_from_db()
    assert moment.photo_id == other.photo_id
    assert Photo.objects.get(pk=other.photo_id).shelf == "moment"


@pytest.mark.parametrize(
    ("frame", "status"),
    [("", 400), ("x", 400), ("²", 400), ("9" * 30, 400), ("4711", 404)],
)
def test_only_a_frame_of_the_moment_can_be_picked(
    owner: User, as_owner: Client, frame: str, status: int
) -> None:
    moment = make_moment(owner)
    before = moment.photo_id

    response = as_owner.post(url_of("pick", moment), {"frame": frame}, headers=JSON)

    assert response.status_code == status
    assert Moment.objects.get().photo_id == before


def test_a_frame_of_another_moment_cannot_be_picked(owner: User, as_owner: Client) -> None:
    moment, other = make_moment(owner), make_moment(owner)
    frame = other.frames.all()[0]

    response = as_owner.post(url_of("pick", moment), {"frame": str(frame.pk)}, headers=JSON)

    assert response.status_code == 404


def test_a_frame_that_never_arrived_is_refused_in_words(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner)
    frame = moment.frames.filter(is_picked=False)[0]
    moment.frames.filter(pk=frame.pk).update(photo=None)

    response = as_owner.post(url_of("pick", moment), {"frame": str(frame.pk)}, headers=JSON)

    assert response.status_code == 409
    assert "not there" in response.json()["error"]


def test_deleting_leads_back_to_the_grid(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner)

    response = as_owner.post(url_of("delete", moment), {"for_ever": "1"}, headers=JSON)

    assert json.loads(response.content) == {"next": "/moments/"}
    assert not Moment.objects.exists()
    assert not Photo.objects.exists()


def test_the_download_is_named_and_carries_nothing_but_the_picture(
    owner: User, as_owner: Client
) -> None:
    moment = make_moment(owner, at=NOON, emotion="happy")
    moment.people.set([make_person(owner, 'Li/sa"; x=<b>')])

    response = as_owner.get(url_of("download", moment))

    content = b"".join(response)  # type: ignore[arg-type]
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="Lisa xb 2026-05-01 12.00.00 happy.jpg"'
    )
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Cache-Control"] == "private, no-store"
    picture = Image.open(io.BytesIO(content))
    assert not picture.getexif()
    assert {"exif", "xmp", "icc_profile", "comment"}.isdisjoint(picture.info)


def test_the_portrait_version_can_be_downloaded_once_it_is_there(
    owner: User, as_owner: Client
) -> None:
    moment = make_moment(owner, at=NOON)
    assert moment.photo_id is not None
    assert as_owner.get(url_of("download", moment), {"portrait": "1"}).status_code == 404
    assert "portrait=1" not in page_of(as_owner, moment)
    files_of(moment.photo_id).portrait.write_bytes(b"portrait")
    Portrait.objects.create(photo_id=moment.photo_id, has_person=True, rendered_strength=0.5)

    response = as_owner.get(url_of("download", moment), {"portrait": "1"})

    assert b"".join(response) == b"portrait"  # type: ignore[arg-type]
    assert "portrait.jpg" in response.headers["Content-Disposition"]
    assert "portrait=1" in page_of(as_owner, moment)


@pytest.mark.parametrize(
    ("state", "said"),
    [(Moment.State.WANTED, "on its way"), (Moment.State.LOST, "never arrived")],
)
def test_a_moment_without_a_picture_says_why(
    owner: User, as_owner: Client, state: str, said: str
) -> None:
    moment = Moment.objects.create(owner=owner, key=uuid4().hex, at=NOON, state=state)

    assert said in page_of(as_owner, moment)
    assert as_owner.get(url_of("download", moment)).status_code == 404


def test_neighbours_stay_within_the_filter(owner: User, as_owner: Client) -> None:
    lisa = make_person(owner, "Lisa")
    moments = [make_bare_moment(owner, at, *([lisa] if at != 1 else [])) for at in range(3)]

    page = page_of(as_owner, moments[0], person=lisa.pk)

    assert f'rel="prev" href="{url_of("moment", moments[2])}?person={lisa.pk}"' in page
    assert as_owner.get(url_of("moment", moments[0]), {"person": "x"}).status_code == 400


def test_the_page_has_no_inline_script_or_style(owner: User, as_owner: Client) -> None:
    page = page_of(as_owner, make_moment(owner))

    assert " style=" not in page
    assert "<style" not in page
    assert "onclick=" not in page


def test_a_part_of_a_file_can_be_asked_for(owner: User, as_owner: Client) -> None:
    moment = make_moment(owner)
    assert moment.photo_id is not None
    whole = files_of(moment.photo_id).full.read_bytes()
    url = url_of("download", moment)

    for asked, first, last in (("bytes=10-19", 10, 19), ("bytes=100-", 100, len(whole) - 1)):
        response = as_owner.get(url, headers={"Range": asked})
        assert response.status_code == 206
        assert response.content == whole[first : last + 1]
        assert response.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
    for nonsense in ("bytes=9999999-", "bytes=9-1", "lines=1-2", "bytes=1-2,4-5"):
        response = as_owner.get(url, headers={"Range": nonsense})
        assert (response.status_code, len(response.content)) == (200, len(whole))


def test_a_link_in_the_media_folder_is_not_followed(
    owner: User, as_owner: Client, tmp_path: Path
) -> None:
    moment = make_moment(owner)
    assert moment.photo_id is not None
    secret = tmp_path / "secret"
    secret.write_text("secret")
    full = files_of(moment.photo_id).full
    full.unlink()
    full.symlink_to(secret)

    assert as_owner.get(url_of("download", moment)).status_code == 404
