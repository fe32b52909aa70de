"""Embedding a library anew when the embedder is another one."""

from collections.abc import Callable

import pytest

from tests.webapp.analysis.cast import (
    EMBEDDER,
    FakeModels,
    embedding,
    make_face,
    make_person,
    make_photo,
    make_reference,
    seen_face,
)
from webapp import vision
from webapp.accounts.models import User
from webapp.accounts.services import withdraw_consent
from webapp.analysis.models import DetectedFace
from webapp.analysis.names import rematching
from webapp.analysis.names.reanalysis import embed_anew
from webapp.core.models import Job
from webapp.people.models import Reference

OLD, NEW = EMBEDDER, "dlib-resnet@rawraw"
RunJobs = Callable[[], int]


@pytest.fixture(autouse=True)
def new_embedder(monkeypatch: pytest.MonkeyPatch, models: FakeModels) -> None:
    """An embedder that turns axis 1 into axis 11, and so on."""
    models.embedder = NEW
    tags = vision.ModelTags(NEW, "", "")
    monkeypatch.setattr(vision, "present_embedder", lambda: NEW)
    monkeypatch.setattr(vision, "model_tags", lambda: tags)
    picture = vision.ReferencePicture(seen_face(0, embedding(11)), NEW, b"")
    monkeypatch.setattr(vision, "read_reference", lambda *_, **__: picture)


@pytest.fixture
def lisa_as_before(consenting_owner: User, models: FakeModels) -> DetectedFace:
    """A photo that the old embedder has named."""
    lisa = make_person(consenting_owner, "Lisa")
    make_reference(lisa, embedding(1))
    photo = make_photo(consenting_owner, face_count=1)
    models.faces[photo.pk] = [seen_face(0, embedding(11))]
    return make_face(photo, 0, embedding(1), person=lisa, named_by="auto", similarity=1.0)


def test_a_library_of_an_older_embedder_is_embedded_anew_and_keeps_its_names(
    lisa_as_before: DetectedFace, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str | None] = []
    write = rematching._write

    def look(*arguments: object) -> None:
        write(*arguments)  # type: ignore[arg-type]
        names.append(DetectedFace.objects.values_list("person__name", flat=True).get())

    monkeypatch.setattr(rematching, "_write", look)

    embed_anew()
    run_jobs()

    face = DetectedFace.objects.get()
    assert (face.embedder, Reference.objects.get().embedder) == (NEW, NEW)
    assert bytes(face.embedding or b"") == embedding(11)
    assert (face.person and face.person.name, face.named_by) == ("Lisa", "auto")
    assert set(names) == {"Lisa"}


def test_a_photo_that_is_embedded_before_the_references_keeps_its_names(
    lisa_as_before: DetectedFace, run_jobs: RunJobs
) -> None:
    embed_anew()
    Job.objects.filter(stage="references").delete()

    run_jobs()

    face = DetectedFace.objects.get()
    assert (face.embedder, face.person and face.person.name) == (NEW, "Lisa")


def test_a_library_is_asked_only_once(lisa_as_before: DetectedFace) -> None:
    embed_anew()
    assert set(Job.objects.values_list("stage", flat=True)) == {"references", "catch-up"}
    Job.objects.all().delete()

    embed_anew()

    assert not Job.objects.exists()


def test_without_consent_nothing_is_embedded_anew(
    lisa_as_before: DetectedFace, consenting_owner: User
) -> None:
    withdraw_consent(consenting_owner)

    embed_anew()

    assert not Job.objects.exists()


def test_without_an_embedder_nothing_is_asked_for(
    lisa_as_before: DetectedFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vision, "present_embedder", lambda: "")

    embed_anew()

    assert not Job.objects.exists()
