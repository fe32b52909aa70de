"""Predictions: what comes back, what does not stay, and what happens when nobody answers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tests.factories import run_pending_jobs
from tests.webapp.analysis.cast import EMBEDDER, box_at, embedding, make_person, seen_face
from tests.webapp.api.conftest import with_key
from tests.webapp.belongings import rows_of_everything
from tests.webapp.photos.conftest import picture
from webapp import vision
from webapp.accounts.models import User
from webapp.accounts.services import give_consent, withdraw_consent
from webapp.api.predictions import answering, asking
from webapp.api.predictions.exchange import PREDICT
from webapp.core.models import Job
from webapp.core.processes.heartbeats import beat
from webapp.vision.sandbox.photos import DecoderDiedError


class FakeModels:
    """Sees what a test says, and remembers what was asked."""

    def __init__(self) -> None:
        self.wishes: list[vision.PictureWish] = []
        self.sizes: list[int] = []

    def read_picture(self, path: Path, wish: vision.PictureWish) -> vision.ReadPicture:
        """Find two faces, the right one first."""
        self.wishes.append(wish)
        self.sizes.append(path.stat().st_size)
        rows = (embedding(1), embedding(2)) if wish.embed else (None, None)
        faces = (seen_face(1, rows[0]), seen_face(0, rows[1]))
        seen = vision.SeenPhoto(600, 400, faces, EMBEDDER if wish.embed else "")
        emotions = (vision.FaceEmotion("happy", {"happy": 0.9}), vision.FaceEmotion("", {}))
        mask = b"a mask" if wish.mask else b""
        portrait = b"a portrait" if wish.portrait is not None else b""
        return vision.ReadPicture(seen, emotions, mask, portrait, (), {"emotions": "e@1"})


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> FakeModels:
    """A worker that is alive and sees what the test says; it works while somebody waits."""
    fake = FakeModels()
    monkeypatch.setattr(vision, "read_picture", fake.read_picture)
    return fake


@pytest.fixture(autouse=True)
def worker(owner: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sign of life of a worker, which does its jobs while the web process waits."""
    beat("worker-test", {"queue": "vision"})
    monkeypatch.setattr(asking.time, "sleep", lambda seconds: run_pending_jobs())
    yield
    answering.decoder.stop()


def _ask(program: Client, *contents: bytes, **fields: str) -> HttpResponse:
    files = [SimpleUploadedFile(f"{n}.jpg", one) for n, one in enumerate(contents)]
    return program.post("/api/v1/predict", {"pictures": files, **fields})


def test_a_picture_comes_back_as_faces_names_and_emotions(owner: User, models: FakeModels) -> None:
    give_consent(owner)
    lisa = make_person(owner, "Lisa", axis=1)

    answer = _ask(with_key(owner, ["predict"]), picture())

    assert answer.status_code == 200
    (read,) = answer.json()["pictures"]
    left, right = read["faces"]
    assert (left["box"], right["box"]) == (list(box_at(0)), list(box_at(1)))
    assert left["names"] == []
    assert right["names"] == [
        {"id": str(lisa.pk), "name": "Lisa", "group": "", "similarity": 1.0, "sureness": "sure"}
    ]
    assert (right["emotion"], right["emotions"]) == ("happy", {"happy": 0.9})
    assert (read["name"], read["width"], read["mask"]) == ("0.jpg", 600, None)


def test_nothing_is_kept(owner: User, models: FakeModels, data_folder: Path) -> None:
    give_consent(owner)
    program = with_key(owner, ["predict"])
    program.get("/api/v1/me")  # Which writes that the key was used.
    before = rows_of_everything()

    assert _ask(program, picture(), mask="true", portrait="true").status_code == 200

    assert rows_of_everything() == before
    assert [path for path in data_folder.rglob("*") if path.is_file()] == []
    assert models.sizes[0] > 0


def test_without_consent_nothing_is_embedded_and_nobody_named(
    owner: User, models: FakeModels
) -> None:
    make_person(owner, "Lisa", axis=1)
    withdraw_consent(owner)

    (read,) = _ask(with_key(owner), picture()).json()["pictures"]

    assert not models.wishes[0].embed
    assert all(face["names"] == [] for face in read["faces"])
    assert read["notes"] == [answering.NO_CONSENT]


def test_people_of_others_are_not_named(owner: User, stranger: User, models: FakeModels) -> None:
    make_person(owner, "Lisa", axis=1)
    give_consent(stranger)
    (read,) = _ask(with_key(stranger), picture()).json()["pictures"]
    assert [face["names"] for face in read["faces"]] == [[], []]


def test_a_broken_picture_spoils_no_other(owner: User, models: FakeModels) -> None:
    broken, good = _ask(with_key(owner), b"no picture", picture()).json()["pictures"]
    assert broken["error"]
    assert broken["faces"] == []
    assert good["error"] == ""
    assert len(good["faces"]) == 2


def test_a_decoder_that_dies_is_a_picture_that_cannot_be_read(
    owner: User, models: FakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Path) -> None:
        raise DecoderDiedError("killed")

    monkeypatch.setattr(answering.decoder, "decode", die)
    (read,) = _ask(with_key(owner), picture()).json()["pictures"]
    assert read["error"] == answering.DECODER_DIED


def test_the_mask_and_the_portrait_come_when_asked_for(owner: User, models: FakeModels) -> None:
    fields = {"mask": "true", "portrait": "true", "strength": "0.8"}
    (read,) = _ask(with_key(owner), picture(), **fields).json()["pictures"]
    assert (read["mask"], read["portrait"]) == ("YSBtYXNr", "YSBwb3J0cmFpdA==")
    assert models.wishes[0].portrait == 0.8


def test_without_a_worker_the_answer_is_to_come_again(owner: User) -> None:
    beat("worker-test", {"queue": "default"})
    answer = _ask(with_key(owner), picture())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert not Job.objects.filter(stage=PREDICT).exists()


def test_who_waits_too_long_is_told_to_come_again_and_leaves_nothing(
    owner: User, settings: Any, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    settings.PREDICT_START_SECONDS = 0
    monkeypatch.setattr(asking, "ASK_SECONDS", 0)
    monkeypatch.setattr(asking.time, "sleep", lambda seconds: None)

    answer = _ask(with_key(owner), picture())

    assert answer.status_code == 503
    assert not Job.objects.filter(stage=PREDICT).exists()
    assert [path for path in data_folder.rglob("*") if path.is_file()] == []


def test_no_more_may_wait_than_the_settings_say(owner: User, settings: Any) -> None:
    settings.PREDICT_AT_ONCE = 0
    assert _ask(with_key(owner), picture()).status_code == 503


@pytest.mark.usefixtures("one_minute")
def test_pictures_are_counted_by_themselves(owner: User, models: FakeModels, settings: Any) -> None:
    settings.PREDICT_PICTURES_PER_MINUTE = 2
    program = with_key(owner)
    assert _ask(program, picture(), picture()).status_code == 200
    refused = _ask(program, picture())
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers


@pytest.mark.parametrize(
    ("count", "fields"),
    [
        pytest.param(0, {}, id="no picture"),
        pytest.param(17, {}, id="too many pictures"),
        pytest.param(1, {"strength": "2"}, id="too strong"),
        pytest.param(1, {"mask": "perhaps"}, id="neither yes nor no"),
    ],
)
def test_what_makes_no_sense_is_refused(owner: User, count: int, fields: dict[str, str]) -> None:
    assert _ask(with_key(owner), *[b"x"] * count, **fields).status_code == 422


def test_an_empty_picture_is_refused(owner: User) -> None:
    assert _ask(with_key(owner), b"").status_code == 422
