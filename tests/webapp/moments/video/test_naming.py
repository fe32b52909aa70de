"""Naming who is followed through a film: the track, its moments, and taking it back."""

import pytest
from django.test import Client

from tests.webapp.analysis.cast import HEIGHT, WIDTH, box_at, embedding, make_face, make_person
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.video_cast import make_video
from webapp.accounts.models import User
from webapp.accounts.services import give_consent
from webapp.analysis.models import DetectedFace
from webapp.moments.models import Moment, Video, VideoTrack
from webapp.people.models import Person

PLACE = 2


def track_at(place: int, video: Video, start: int = 1000, stop: int = 3000) -> VideoTrack:
    """Follow the face at one of the places of the cast through a part of a video."""
    x1, y1, x2, y2 = box_at(place)
    edges = [round(10_000 * edge) for edge in (x1 / WIDTH, y1 / HEIGHT, x2 / WIDTH, y2 / HEIGHT)]
    boxes = [[at, *edges] for at in range(start, stop + 1, 100)]
    return VideoTrack.objects.create(video=video, start_ms=start, stop_ms=stop, boxes=boxes)


def moment_at(video: Video, captured_at: float, place: int = PLACE) -> tuple[Moment, DetectedFace]:
    """Make a moment of a video whose picture shows a face at a place."""
    moment = make_moment(video.owner, alternates=0, video=video)
    moment.frames.update(captured_at=captured_at, box=[])
    assert moment.photo is not None
    return moment, make_face(moment.photo, place, embedding(3))


@pytest.fixture
def video(owner: User) -> Video:
    """A video that was looked through, of somebody who agreed to recognition."""
    give_consent(owner)
    return make_video(owner, duration_seconds=90.0, state=Video.State.READY)


def say(client: Client, track: VideoTrack, name: str, group: str = "") -> dict[str, object]:
    response = client.post(
        f"/videos/{track.video_id}/tracks/{track.pk}/name/",
        {"name": name, "group": group},
        headers={"Accept": "application/json"},
    )
    return {**response.json(), "status": response.status_code}


def names_of(moment: Moment) -> list[str]:
    return [person.name for person in moment.people.all()]


def test_the_track_its_faces_and_its_moments_get_the_name(video: Video, as_owner: Client) -> None:
    track = track_at(PLACE, video)
    moment, face = moment_at(video, 2000)
    answer = say(as_owner, track, "Rosé", "BLACKPINK")
    assert (answer["status"], answer["moments"]) == (200, 1)
    (told,) = as_owner.get(f"/videos/{video.pk}/tracks/").json()["tracks"]
    assert (told["name"], told["group"]) == ("Rosé", "BLACKPINK")
    assert names_of(moment) == ["Rosé"]
    face.refresh_from_db()
    assert face.is_decided_by_user
    assert face.reference_id is not None


@pytest.mark.parametrize(
    ("captured_at", "place"),
    [
        pytest.param(2000, PLACE + 1, id="somebody beside her"),
        pytest.param(5000, PLACE, id="after she was followed"),
    ],
)
def test_another_face_keeps_its_name(
    video: Video, as_owner: Client, captured_at: float, place: int
) -> None:
    track = track_at(PLACE, video)
    moment, face = moment_at(video, captured_at, place)
    say(as_owner, track, "Rosé")
    face.refresh_from_db()
    assert (names_of(moment), face.person) == ([], None)


def test_undo_gives_all_of_it_back(video: Video, owner: User, as_owner: Client) -> None:
    track = track_at(PLACE, video)
    jennie = make_person(owner, "Jennie")
    VideoTrack.objects.filter(pk=track.pk).update(person=jennie)
    moment, _ = moment_at(video, 2000)
    moment.people.set([jennie])
    answer = say(as_owner, track, "Rosé")
    assert names_of(moment) == ["Rosé"]
    as_owner.post(f"/decisions/{answer['undo']}/undo/")
    track.refresh_from_db()
    assert (track.person, names_of(moment)) == (jennie, ["Jennie"])
    assert not Person.objects.filter(name="Rosé").exists()


def test_a_track_without_a_picture_is_named_and_taken_back_all_the_same(
    video: Video, as_owner: Client
) -> None:
    track = track_at(PLACE, video)
    answer = say(as_owner, track, "Rosé")
    track.refresh_from_db()
    assert track.person is not None
    assert (track.person.name, answer["moments"], answer["note"]) == ("Rosé", 0, "")
    as_owner.post(f"/decisions/{answer['undo']}/undo/")
    track.refresh_from_db()
    assert track.person is None
    assert not Person.objects.exists()


def test_no_name_is_refused_in_words(video: Video, as_owner: Client) -> None:
    answer = say(as_owner, track_at(PLACE, video), " ")
    assert answer["status"] == 400
    assert answer["error"]
    assert not Person.objects.exists()


def test_a_stranger_names_nothing(video: Video, as_stranger: Client) -> None:
    track = track_at(PLACE, video)
    path = f"/videos/{video.pk}/tracks/{track.pk}/name/"
    assert as_stranger.post(path, {"name": "Rosé"}).status_code == 404
