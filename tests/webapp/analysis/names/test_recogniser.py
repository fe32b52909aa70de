"""The better recogniser: fetched when the owner asks, used from then on, and given up again."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from inference import weights
from tests.webapp.analysis.cast import EMBEDDER, embedding, make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace, RecogniserChoice
from webapp.analysis.names import recogniser
from webapp.core import jobs
from webapp.core.models import Job
from webapp.core.processes.supervisor import Child, Supervisor
from webapp.vision import present_embedder
from webapp.vision.engine.process import engine_command
from webapp.vision.models import choice, downloads
from webapp.vision.models.loading import model_tag

RunJobs = Callable[[], int]
PAGE = "/recogniser/"


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing about it."""

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def source(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, consenting_owner: User
) -> Iterator[Path]:
    """Toy files on a server of this machine in place of those of ``stars``; no file is here."""
    settings.WEIGHTS_DIR = tmp_path / "weights"
    settings.WEIGHTS_DIR.mkdir()
    folder = tmp_path / "source"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    every = dict(weights.records())
    for name in weights.BUNDLES["stars"]:
        content = name.encode() * 40_000
        (folder / name).write_bytes(content)
        every[name] = replace(
            every[name],
            filename=f"{name}.toy",
            bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            url=f"http://127.0.0.1:{server.server_port}/{name}",
        )
    monkeypatch.setattr(weights, "records", lambda: every)
    monkeypatch.setattr(downloads, "SCHEMES", {"https", "http"})
    monkeypatch.setattr(choice, "_readers", [recogniser.chosen])
    yield folder
    server.shutdown()
    server.server_close()


def ask(client: Client, what: str = "download", **fields: str) -> str:
    """Press a button of the page; returns the page that follows."""
    answer = client.post(f"{PAGE}{what}/", {"accept": "yes", **fields}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_what_would_be_fetched_and_where_it_comes_from(
    source: Path, as_owner: Client
) -> None:
    said = as_owner.get(PAGE).content.decode()

    assert all(weights.record(name).url in said for name in weights.BUNDLES["stars"])
    assert "MS-Celeb-1M" in said
    assert "Apache-2.0" in said
    assert not Job.objects.exists(), "looking fetches nothing"


@pytest.mark.parametrize("what", ["", "download/", "stop/", "use/"])
def test_only_the_owner_decides(source: Path, as_member: Client, what: str) -> None:
    call = as_member.post if what else as_member.get

    assert call(PAGE + what, {"accept": "yes"}).status_code == 403


def test_without_accepting_nothing_is_fetched(source: Path, as_owner: Client) -> None:
    assert "Please tick" in ask(as_owner, accept="")
    assert not Job.objects.exists()


def test_a_fetched_recogniser_is_the_one_in_use(
    source: Path, as_owner: Client, run_jobs: RunJobs
) -> None:
    before = present_embedder()
    assert "Stop" in ask(as_owner)

    run_jobs()

    assert present_embedder() == model_tag("stars") != before
    assert RecogniserChoice.objects.get().received == recogniser.recogniser().bytes
    assert "In use: the better one" in as_owner.get(PAGE).content.decode()


def test_faces_and_references_are_embedded_anew_and_names_stay(
    source: Path, owner: User, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    lisa = make_person(owner, "Lisa", axis=1)
    make_face(make_photo(owner), 0, embedding(1), person=lisa, named_by="auto", similarity=0.9)
    monkeypatch.setattr("webapp.analysis.stages.references", _done)
    monkeypatch.setattr("webapp.analysis.stages.catch_up", _done)
    recogniser.begin_download(owner.pk)

    run_jobs()

    asked = set(Job.objects.values_list("stage", flat=True))
    assert asked == {"fetch-recogniser", "references", "catch-up"}
    assert DetectedFace.objects.get().person == lisa
    found = recogniser.recogniser()
    assert (found.faces, found.waiting, found.is_busy) == (1, 1, True)


def _done(claim: jobs.Claim) -> None:
    with jobs.finish(claim):
        pass


def test_a_wrong_file_is_refused_with_a_sentence(
    source: Path, as_owner: Client, run_jobs: RunJobs
) -> None:
    wrong = source / "mobilefacenet-foamliu"
    wrong.write_bytes(wrong.read_bytes()[::-1])
    ask(as_owner)

    run_jobs()

    said = as_owner.get(PAGE).content.decode()
    assert "not the registered file" in said
    assert recogniser.chosen() == ""
    assert "In use: the built-in one" in said


def test_a_stopped_download_goes_on_where_it_was(
    source: Path, owner: User, as_owner: Client, run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch, settings: Any,
) -> None:  # fmt: skip
    monkeypatch.setattr(downloads, "_BLOCK_BYTES", 100_000)
    monkeypatch.setattr(recogniser, "NOTE_SECONDS", 0.0)
    holds = jobs.holds

    def stopped(claim: jobs.Claim) -> bool:
        if RecogniserChoice.objects.get().received > 200_000:
            recogniser.stop_download()
        return holds(claim)

    monkeypatch.setattr(jobs, "holds", stopped)
    recogniser.begin_download(owner.pk)
    run_jobs()
    part = Path(settings.WEIGHTS_DIR) / "mobilefacenet-foamliu.toy.part"
    assert part.stat().st_size == 300_000
    assert recogniser.chosen() == ""
    assert "Go on with the download" in as_owner.get(PAGE).content.decode()

    monkeypatch.setattr(jobs, "holds", holds)
    recogniser.begin_download(owner.pk)
    run_jobs()
    assert recogniser.chosen() == "stars"


def test_the_built_in_recogniser_can_be_used_again(
    source: Path, owner: User, as_owner: Client, run_jobs: RunJobs
) -> None:
    built_in = present_embedder()
    recogniser.begin_download(owner.pk)
    run_jobs()

    assert "In use: the built-in one" in ask(as_owner, "use", which="built-in")
    assert present_embedder() == built_in
    assert "In use: the better one" in ask(as_owner, "use", which="better")


def test_a_recogniser_that_is_not_here_cannot_be_used(source: Path, as_owner: Client) -> None:
    assert "Download it first" in ask(as_owner, "use", which="better")
    assert recogniser.chosen() == ""


def test_the_environment_has_the_last_word(source: Path, as_owner: Client, settings: Any) -> None:
    RecogniserChoice.objects.create(embedder="stars")
    settings.EMBEDDER = "dlib-resnet"

    assert choice.chosen_embedder() == "dlib-resnet"
    assert "ENCORE_EMBEDDER" in ask(as_owner, "use", which="built-in")
    assert recogniser.chosen() == "stars"


def test_a_face_of_the_recogniser_in_use_waits_for_nothing(source: Path, owner: User) -> None:
    make_face(make_photo(owner), 0, embedding(1), embedder=present_embedder())
    make_face(make_photo(owner), 0, embedding(1), embedder=EMBEDDER)

    assert recogniser.recogniser().waiting == 1


def test_the_engine_starts_again_when_the_choice_changes(source: Path) -> None:
    engine = Child(
        "inference",
        [],
        command=engine_command(None, embedder=choice.chosen_embedder()),
        renew=lambda: engine_command(None, embedder=choice.chosen_embedder()),
    )
    ended: list[str] = []
    engine.process = type("Fake", (), {"terminate": lambda _: ended.append("engine")})()
    supervisor = Supervisor([engine], Path("manage.py"))
    supervisor.renew_commands()
    assert not ended

    RecogniserChoice.objects.create(embedder="stars")
    supervisor.renew_commands()

    assert ended == ["engine"]
    assert list(engine.command)[-2:] == ["--embedder", "stars"]


@pytest.mark.parametrize("page", ["/health/", "/people/", "/account/"])
def test_the_owner_finds_the_page(as_owner: Client, as_member: Client, page: str) -> None:
    assert f'href="{PAGE}"' in as_owner.get(page).content.decode()
    assert f'href="{PAGE}"' not in as_member.get(page).content.decode()
