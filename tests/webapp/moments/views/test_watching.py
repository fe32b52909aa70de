"""Playing a video: its file, and where faces are in it."""

import pytest
from django.test import Client

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.video_cast import make_video
from webapp.accounts.models import User
from webapp.moments.models import Video, VideoTrack

BOX = [1000, 2000, 3000, 4000]


@pytest.fixture
def video(owner: User) -> Video:
    """A video that was looked through."""
    return make_video(owner, duration_seconds=90.0, state=Video.State.READY)


def track(video: Video, start: int, stop: int, **fields: object) -> VideoTrack:
    return VideoTrack.objects.create(
        video=video,
        start_ms=start,
        stop_ms=stop,
        boxes=[[start, *BOX], [stop, *BOX]],
        **fields,  # type: ignore[misc]
    )


def test_the_film_is_played_from_any_place(video: Video, as_owner: Client) -> None:
    response = as_owner.get(f"/videos/{video.pk}/file/", headers={"Range": "bytes=10-19"})
    assert response.status_code == 206
    assert response.headers["Content-Type"] == "video/mp4"
    assert response.headers["Content-Disposition"] == "inline"
    assert len(b"".join(response)) == 10  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"duration_seconds": None}, id="not opened yet"),
        pytest.param({"stored_sha256": Video.REWRITING}, id="its places are being blanked"),
    ],
)
def test_nothing_leaves_before_its_places_are_blanked(
    video: Video, as_owner: Client, fields: dict[str, object]
) -> None:
    Video.objects.filter(pk=video.pk).update(**fields)
    assert as_owner.get(f"/videos/{video.pk}/file/").status_code == 404
    assert "data-player" not in as_owner.get(f"/videos/{video.pk}/").content.decode()


def test_tracks_come_a_minute_at_a_time_with_their_names(
    video: Video, owner: User, as_owner: Client
) -> None:
    track(video, 0, 5_000, person=make_person(owner, "Lisa"))
    track(video, 58_000, 62_000)
    track(video, 70_000, 71_000)
    first = as_owner.get(f"/videos/{video.pk}/tracks/").json()["tracks"]
    assert [one["name"] for one in first] == ["Lisa", ""]
    assert first[0]["boxes"] == [[0, *BOX], [5_000, *BOX]]
    second = as_owner.get(f"/videos/{video.pk}/tracks/?second=60").json()["tracks"]
    assert [one["boxes"][0][0] for one in second] == [58_000, 70_000]


def test_a_second_that_is_none_is_refused(video: Video, as_owner: Client) -> None:
    assert as_owner.get(f"/videos/{video.pk}/tracks/?second=-1").status_code == 400


def test_who_is_forgotten_leaves_no_name_over_the_film(
    video: Video, owner: User, as_owner: Client
) -> None:
    lisa = make_person(owner, "Lisa")
    track(video, 0, 5_000, person=lisa)
    lisa.delete()
    (told,) = as_owner.get(f"/videos/{video.pk}/tracks/").json()["tracks"]
    assert told["name"] == ""
