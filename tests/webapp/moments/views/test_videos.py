"""The pages of videos show what there is, to its owner only."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.video_cast import files_below, make_video
from webapp.accounts.models import User
from webapp.core.models import Job
from webapp.moments import services
from webapp.moments.models import Video
from webapp.moments.video.services import ANALYSE, kept_moments

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def video(owner: User, tmp_path: Path) -> Video:
    folder = tmp_path / "films"
    folder.mkdir()
    return make_video(owner, 1.0, display_name="Mina <fancam>.mp4")


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_an_empty_list_invites_to_upload(as_owner: Client) -> None:
    text = text_of(as_owner, "/videos/")
    assert "No videos yet" in text
    assert "2 GB" in text
    assert text.count('<nav class="tabs"') == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({}, "Waiting", id="uploaded"),
        pytest.param(
            {"state": "analysing", "analysed_seconds": 30, "duration_seconds": 120},
            "0:30 of 2:00",
            id="under way",
        ),
        pytest.param({"state": "ready", "duration_seconds": 3725}, "1:02:05", id="ready"),
        pytest.param(
            {"state": "failed", "failure": "The file holds only sound and no video."},
            "only sound",
            id="failed",
        ),
        pytest.param(
            {"state": "ready", "duration_seconds": 60, "failure": "Only 0:20 of 1:00"},
            "Only 0:20",
            id="only in part",
        ),
    ],
)
def test_both_pages_say_how_far_a_video_is(
    as_owner: Client, video: Video, fields: dict[str, Any], words: str
) -> None:
    Video.objects.filter(pk=video.pk).update(**fields)
    for path in ("/videos/", f"/videos/{video.pk}/"):
        text = text_of(as_owner, path)
        assert words in text
        assert escape(video.display_name) in text


def test_a_video_shows_its_moments_and_no_discarded_ones(
    as_owner: Client, owner: User, video: Video
) -> None:
    shown = make_moment(owner, video=video, at_seconds=75.0, reason="eyes open, happy")
    make_moment(owner, video=video, is_discarded=True)
    text = text_of(as_owner, f"/videos/{video.pk}/")
    assert f"/photos/{shown.photo_id}/media/thumb/" in text
    assert "1:15" in text
    assert text.count("data-moment=") == 1
    Video.objects.filter(pk=video.pk).update(state="ready", duration_seconds=90)
    assert "1:30</span>" in text_of(as_owner, "/videos/")
    assert "· 1 moment<" in text_of(as_owner, "/videos/")


@pytest.mark.parametrize("path", ["", "delete/", "again/"])
def test_a_stranger_gets_404(as_stranger: Client, video: Video, path: str) -> None:
    address = f"/videos/{video.pk}/{path}"
    response = as_stranger.post(address) if path else as_stranger.get(address)
    assert response.status_code == 404
    assert Video.objects.filter(pk=video.pk).exists()
    assert video.display_name not in text_of(as_stranger, "/videos/")


def test_deleting_leaves_nothing(
    as_owner: Client, owner: User, video: Video, data_folder: Path
) -> None:
    make_moment(owner, video=video)
    response = as_owner.post(f"/videos/{video.pk}/delete/", {"for_ever": "1"})
    assert response.status_code == 302
    assert not Video.objects.exists()
    assert files_below(data_folder / "media") == []


@pytest.mark.parametrize(
    ("state", "button", "dialogs"),
    [
        pytest.param("analysing", "", ["delete-video"], id="under way"),
        pytest.param("failed", 'id="analyse-again"', ["delete-video"], id="failed"),
        pytest.param(
            "ready", 'data-opens="look-again"', ["look-again", "delete-video"], id="ready"
        ),
    ],
)
def test_an_open_page_finds_what_can_be_done_in_its_parts(
    as_owner: Client, video: Video, state: str, button: str, dialogs: list[str]
) -> None:
    Video.objects.filter(pk=video.pk).update(state=state, duration_seconds=60)
    text = text_of(as_owner, f"/videos/{video.pk}/")
    actions = text.partition("data-video-actions")[2].partition("<section")[0]
    assert button in actions
    assert ("look-again" in actions, "analyse-again" in actions) == (
        state == "ready",
        state == "failed",
    )
    shown = text.partition("data-video-dialogs")[2]
    assert re.findall(r'<dialog class="dialog" id="([^"]+)"', shown) == dialogs
    assert f'id="video-{video.pk}"' in text_of(as_owner, "/videos/")


def test_a_failed_video_is_queued_again(as_owner: Client, video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(state="failed", failure="The disk is full.")
    Job.objects.filter(stage=ANALYSE).update(state="failed")
    as_owner.post(f"/videos/{video.pk}/again/")
    video.refresh_from_db()
    assert (video.state, video.failure) == ("uploaded", "")
    assert Job.objects.get(stage=ANALYSE).state == "pending"


def test_a_video_is_not_begun_again_while_it_is_analysed(as_owner: Client, video: Video) -> None:
    Video.objects.filter(pk=video.pk).update(state="analysing")
    Job.objects.filter(stage=ANALYSE).update(state="done")
    as_owner.post(f"/videos/{video.pk}/again/")
    assert Job.objects.get(stage=ANALYSE).state == "done"


def test_a_finished_video_is_looked_through_anew_but_judged_moments_stay(
    as_owner: Client, owner: User, video: Video
) -> None:
    Video.objects.filter(pk=video.pk).update(state="ready", analysed_seconds=90)
    Job.objects.filter(stage=ANALYSE).update(state="done")
    liked, discarded, plain = (make_moment(owner, video=video) for _ in range(3))
    services.like_moment(liked)
    services.discard_moment(discarded)
    assert "Look through this video again?" in text_of(as_owner, f"/videos/{video.pk}/")
    as_owner.post(f"/videos/{video.pk}/again/")
    video.refresh_from_db()
    assert (video.state, video.analysed_seconds) == ("uploaded", 0)
    assert Job.objects.get(stage=ANALYSE).state == "pending"
    assert set(video.moments.all()) == {liked, discarded, plain}, "too early: it may still fail"
    assert set(kept_moments(video)) == {liked, discarded}
