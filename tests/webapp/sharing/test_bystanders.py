"""A link that blurs others sends pictures that were made so, and none before they are."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import box_at, make_face, make_person
from tests.webapp.moments.cast import make_moment
from webapp import vision
from webapp.accounts.models import User
from webapp.analysis.erasure import delete_person, delete_photo
from webapp.analysis.models import DetectedFace
from webapp.core.models import Job
from webapp.live.services import start_session
from webapp.moments.models import Moment, Reel
from webapp.photos.storage import files_of
from webapp.sharing import bystanders
from webapp.sharing.models import HiddenPhoto, Share
from webapp.sharing.services import ShareRefusedError, make_share

RunJobs = Callable[[], int]
BLURRED, SMALL = b"\xff\xd8 nobody but Lisa", b"\xff\xd8 small"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[vision.Box], list[vision.Box]]]:
    """What the models were asked to hide, and whom to keep, instead of the models."""
    asked: list[tuple[list[vision.Box], list[vision.Box]]] = []

    def hide(
        path: Path, others: Sequence[vision.Box], named: Sequence[vision.Box], *, width: int
    ) -> tuple[bytes, bytes]:
        assert path.name == "display.jpg"
        asked.append((list(others), list(named)))
        return BLURRED, SMALL

    monkeypatch.setattr(vision, "hide_bystanders", hide)
    return asked


@pytest.fixture
def moment(owner: User) -> Moment:
    """Lisa, somebody whom nobody named, and somebody whom the owner put away."""
    moment = make_moment(owner, alternates=0)
    assert moment.photo is not None
    lisa = make_person(owner, "Lisa")
    moment.people.add(lisa)
    make_face(moment.photo, 0, person=lisa, named_by="auto")
    make_face(moment.photo, 1)
    make_face(moment.photo, 2, dismissed_at=moment.at, dismissed_as="nobody")
    return moment


@pytest.fixture
def link(owner: User, moment: Moment) -> str:
    return reverse("sharing:open", args=[make_share(owner, moment, blurs_others=True)[1]])


def _sent(client: Client, link: str, moment: Moment, size: str = "display") -> bytes | None:
    answer = client.get(f"{link}{moment.photo_id}/{size}/")
    if answer.status_code == 404:
        return None
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_nothing_is_sent_before_the_bystanders_are_blurred(
    client: Client, link: str, moment: Moment, run_jobs: RunJobs, asked: list[Any]
) -> None:
    page = client.get(link).content.decode()
    assert "is being prepared" in page
    assert 'http-equiv="refresh"' in page
    assert "<img" not in page
    assert _sent(client, link, moment) is None
    run_jobs()
    assert asked == [([box_at(1), box_at(2)], [box_at(0)])]
    assert "being prepared" not in client.get(link).content.decode()
    assert _sent(client, link, moment) == BLURRED
    assert _sent(client, link, moment, "thumb") == SMALL
    for size in ("full", "original", "portrait"):
        assert _sent(client, link, moment, size) is None
    assert Share.objects.get().views == 1, "a page that waits is not counted"


@pytest.mark.usefixtures("asked")
def test_another_name_takes_the_picture_away_until_it_is_made_anew(
    client: Client, link: str, moment: Moment, run_jobs: RunJobs, asked: list[Any]
) -> None:
    run_jobs()
    assert moment.photo_id is not None
    assert files_of(moment.photo_id).hidden.is_file()
    # Even a writer that tells nobody cannot have the old picture sent.
    DetectedFace.objects.filter(person=None, dismissed_at=None).update(score=0.5)
    assert _sent(client, link, moment) == BLURRED
    DetectedFace.objects.exclude(person=None).update(person=None)
    assert _sent(client, link, moment) is None
    client.get(link)
    run_jobs()
    assert asked[-1] == ([box_at(0), box_at(1), box_at(2)], [])
    assert _sent(client, link, moment) == BLURRED


@pytest.mark.usefixtures("asked")
def test_the_picture_is_deleted_with_the_name_and_with_the_photo(
    link: str,
    moment: Moment,
    run_jobs: RunJobs,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    run_jobs()
    assert moment.photo is not None
    files = files_of(moment.photo.pk)
    with django_capture_on_commit_callbacks(execute=True):
        delete_person(moment.people.get())
    assert not files.hidden.exists()
    assert not files.hidden_thumb.exists()
    assert not HiddenPhoto.objects.exists()
    bystanders.ask_for([moment.photo.pk], moment.owner_id)
    run_jobs()
    assert files.hidden.is_file()
    with django_capture_on_commit_callbacks(execute=True):
        delete_photo(moment.photo)
    assert not files.folder.exists()
    assert not HiddenPhoto.objects.exists()


@pytest.mark.usefixtures("asked")
def test_what_cannot_be_made_is_tried_again_by_its_owner_only(
    owner: User, client: Client, link: str, moment: Moment
) -> None:
    Job.objects.filter(stage=bystanders.STAGE).update(state=Job.State.FAILED)
    client.get(link)
    assert Job.objects.get(stage=bystanders.STAGE).state == Job.State.FAILED
    make_share(owner, moment, blurs_others=True)
    assert Job.objects.get(stage=bystanders.STAGE).state == Job.State.PENDING


def test_a_link_that_blurs_nobody_sends_what_it_always_did(
    owner: User, client: Client, moment: Moment
) -> None:
    link = reverse("sharing:open", args=[make_share(owner, moment)[1]])
    assert moment.photo_id is not None
    assert _sent(client, link, moment) == files_of(moment.photo_id).display.read_bytes()
    assert not Job.objects.filter(stage=bystanders.STAGE).exists()


def test_what_moves_is_refused_in_words(owner: User, as_owner: Client) -> None:
    reel = Reel.objects.create(owner=owner, title="Film", photo_count=0, state=Reel.State.READY)
    session = start_session(owner.pk, "Live", None)
    for target in (reel, session):
        with pytest.raises(ShareRefusedError, match="blurred"):
            make_share(owner, target, blurs_others=True)
    path = reverse("sharing:session", args=[session.pk])
    answer = as_owner.post(path, {"days": "7", "blurs_others": "on"})
    assert answer.status_code == 400
    assert "In a live picture nobody can be blurred" in answer.content.decode()
    assert not Share.objects.exists()
