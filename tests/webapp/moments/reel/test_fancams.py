"""Ordering fancams: whom they follow, what is refused, and what takes them along when it goes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import make_person
from tests.webapp.moments.cast import make_moment
from tests.webapp.moments.video_cast import make_video
from webapp.accounts.models import User
from webapp.accounts.services import give_consent
from webapp.accounts.signals import faces_forgotten
from webapp.analysis.erasure import delete_person
from webapp.core.models import Job
from webapp.moments.models import Reel, Video
from webapp.moments.reel import filming
from webapp.moments.reel import services as reels
from webapp.moments.video.services import delete_video
from webapp.people.models import Person
from webapp.vision.films.fancams import FancamOrder
from webapp.vision.films.making import CannotFilmError

PART = {"start": "0:01", "stop": "0:05"}


@pytest.fixture
def video(owner: User, tmp_path: Path) -> Video:
    give_consent(owner)
    return make_video(owner, duration_seconds=400.0)


@pytest.fixture
def lisa(owner: User) -> Person:
    return make_person(owner, "Lisa")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[FancamOrder]:
    """What was cut; each is a small file."""
    orders: list[FancamOrder] = []

    def cut(source: Path, target: Path, order: FancamOrder, roster: Any, tell: Any) -> float:
        assert source.is_file()
        tell(0.5)
        orders.append(order)
        target.write_bytes(b"a fancam")
        return 1.0

    monkeypatch.setattr(filming.fancams, "make_fancam", cut)
    return orders


def _page(video: Video) -> str:
    return reverse("moments:fancam", args=[video.pk])


def test_a_fancam_is_ordered_made_and_downloaded(
    video: Video,
    lisa: Person,
    as_owner: Client,
    run_jobs: Callable[[], int],
    made: list[FancamOrder],
) -> None:
    answer = as_owner.post(_page(video), {**PART, "star": str(lisa.pk), "has_names": "on"})
    assert answer["Location"] == "/moments/reels/"
    Job.objects.filter(stage="analyse-video").delete()
    run_jobs()

    reel = Reel.objects.get()
    assert made == [FancamOrder((1.0, 5.0), lisa.pk, "Lisa")]
    assert (reel.state, reel.kind, reel.bytes) == ("ready", "fancam", 8)
    page = as_owner.get("/moments/reels/").content.decode()
    assert "Fancam, " in page
    assert "Lisa" in page
    url = reverse("moments:reel-file", args=[reel.pk])
    saved = as_owner.get(url, {"download": "1"})
    assert saved.headers["Content-Type"] == "video/mp4"
    assert "Lisa.mp4" in saved.headers["Content-Disposition"]


def test_one_is_made_for_each_star_of_the_video(
    owner: User, video: Video, lisa: Person, as_owner: Client
) -> None:
    rose, away = make_person(owner, "Rosé"), make_person(owner, "Jisoo")
    for person in (lisa, rose):
        make_moment(owner, alternates=0, video=video).people.add(person)
    assert "One for each of the 2 stars" in as_owner.get(_page(video)).content.decode()

    as_owner.post(_page(video), {**PART, "star": "each"})

    followed = {reel.people.get() for reel in Reel.objects.all()}
    assert followed == {lisa, rose}
    assert away not in followed


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"stop": "0:01"}, "at least one second", id="empty"),
        pytest.param({"start": "0:00", "stop": "6:00"}, "5 minutes long at most", id="long"),
        pytest.param({"start": "9:00", "stop": "9:10"}, "within the video", id="beyond the end"),
        pytest.param({"stop": "soon"}, "such as 1:05", id="no time"),
        pytest.param({"stop": "1e9"}, "such as 1:05", id="a number of machines"),
        pytest.param({"star": "each"}, "valid choice", id="nobody was found in it"),
        pytest.param({"star": ""}, "required", id="nobody"),
    ],
)
def test_a_wrong_order_is_refused_in_words(
    fields: dict[str, str], words: str, video: Video, lisa: Person, as_owner: Client
) -> None:
    answer = as_owner.post(_page(video), {**PART, "star": str(lisa.pk), **fields})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Reel.objects.exists()


def test_without_consent_nobody_is_followed(
    owner: User, lisa: Person, as_owner: Client, tmp_path: Path
) -> None:
    video = make_video(owner, duration_seconds=60.0)
    assert "consent to face recognition" in as_owner.get(_page(video)).content.decode()
    answer = as_owner.post(_page(video), {**PART, "star": str(lisa.pk)})
    assert answer.status_code == 400
    assert not Reel.objects.exists()


def test_a_star_of_somebody_else_cannot_be_followed(
    video: Video, lisa: Person, stranger: User, as_owner: Client
) -> None:
    theirs = make_person(stranger, "Theirs")
    answer = as_owner.post(_page(video), {**PART, "star": str(theirs.pk)})
    assert answer.status_code == 400
    assert "Theirs" not in as_owner.get(_page(video)).content.decode()


def test_who_is_not_found_is_said_on_the_reel(
    video: Video,
    lisa: Person,
    as_owner: Client,
    run_jobs: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nowhere(*_: Any) -> float:
        raise CannotFilmError("Lisa was not found in this part of the video.")

    monkeypatch.setattr(filming.fancams, "make_fancam", nowhere)
    as_owner.post(_page(video), {**PART, "star": str(lisa.pk)})
    Job.objects.filter(stage="analyse-video").delete()
    run_jobs()
    assert Reel.objects.get().state == "failed"
    assert "Lisa was not found" in as_owner.get("/moments/reels/").content.decode()


@pytest.mark.parametrize("what", ["video", "star", "faces", "reel"])
def test_a_fancam_goes_with_what_it_was_made_of(
    what: str,
    owner: User,
    video: Video,
    lisa: Person,
    as_owner: Client,
    run_jobs: Callable[[], int],
    made: list[FancamOrder],
    django_capture_on_commit_callbacks: Any,
) -> None:
    as_owner.post(_page(video), {**PART, "star": str(lisa.pk)})
    Job.objects.filter(stage="analyse-video").delete()
    run_jobs()
    path = reels.file_of(Reel.objects.get())
    assert path.is_file()

    with django_capture_on_commit_callbacks(execute=True):
        if what == "video":
            delete_video(video)
        elif what == "star":
            delete_person(lisa)
            reels.sweep()
        elif what == "faces":
            faces_forgotten.send(owner.pk)
        else:
            as_owner.post(reverse("moments:reel-delete", args=[Reel.objects.get().pk]))

    assert not Reel.objects.exists()
    assert not path.exists()
