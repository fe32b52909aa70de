"""``manage.py analyse`` and ``manage.py reanalyse``."""

import json
import os
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

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
from webapp.analysis.models import DetectedFace, Portrait
from webapp.core.models import Job
from webapp.people.models import Group, Reference


@pytest.fixture
def files(models: FakeModels, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with a photo of one face, a sub-folder with its namesake, and a broken file."""

    def find_faces(
        path: Path, *, embed: bool, keep: Sequence[vision.FaceShape] = ()
    ) -> vision.SeenPhoto:
        if path.read_text() == "broken":
            raise vision.UnreadablePhotoError("This is not a photo.")
        face = seen_face(0, embedding(1) if embed else None)
        return vision.SeenPhoto(600, 400, (face,), EMBEDDER if embed else "")

    monkeypatch.setattr(vision, "find_faces", find_faces)
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    (folder / "a.jpg").write_text("photo")
    (folder / "more" / "A.jpg").write_text("photo")
    (folder / "b.png").write_text("broken")
    (folder / "readme.txt").write_text("no picture")
    return folder


def analyse(tmp_path: Path, *arguments: object) -> tuple[list[dict[str, Any]], str]:
    """Run the command; returns its JSON and what it printed."""
    out = StringIO()
    file = tmp_path / "out.json"
    call_command("analyse", *map(str, arguments), "--json", str(file), stdout=out)
    return json.loads(file.read_text()), out.getvalue()


@pytest.mark.django_db
def test_the_json_has_one_entry_a_photo_in_the_agreed_form(files: Path, tmp_path: Path) -> None:
    reports, _ = analyse(tmp_path, files / "a.jpg")

    [report] = reports
    assert list(report) == ["path", "width", "height", "error", "faces", "portrait", "mask"]
    assert (report["width"], report["height"], report["error"]) == (600, 400, None)
    [face] = report["faces"]
    assert list(face) == [
        "box", "score", "landmarks", "person", "candidates", "emotion", "quality",
    ]  # fmt: skip
    assert face["box"] == [10.0, 50.0, 90.0, 150.0]
    assert len(face["landmarks"]) == 5
    assert face["emotion"] == {"label": "happy", "probabilities": {"happy": 0.9, "neutral": 0.1}}
    assert (face["person"], face["candidates"]) == (None, [])


@pytest.mark.django_db
def test_a_broken_file_is_an_entry_with_its_error_and_stops_nothing(
    files: Path, tmp_path: Path
) -> None:
    reports, printed = analyse(tmp_path, files, tmp_path / "nowhere.jpg")

    errors = {Path(report["path"]).name: report["error"] for report in reports}
    assert errors == {
        "a.jpg": None,
        "A.jpg": None,
        "b.png": "This is not a photo.",
        "nowhere.jpg": "There is no such file.",
    }
    assert "4 photos, 2 could not be read: 2 faces, 0 named" in printed


@pytest.mark.django_db
def test_what_is_passed_over_in_a_folder_is_named(files: Path, tmp_path: Path) -> None:
    (files / "@eaDir" / "a.jpg").mkdir(parents=True)
    (files / "@eaDir" / "a.jpg" / "SYNOPHOTO_THUMB_XL.jpg").write_text("photo")

    reports, printed = analyse(tmp_path, files, files / "more")

    assert sorted(Path(report["path"]).name for report in reports) == ["A.jpg", "a.jpg", "b.png"]
    assert "passed over 2 entries:" in printed
    assert f"{files / '@eaDir'}: made by the system, not by you" in printed
    assert f"{files / 'readme.txt'}: not a JPEG, PNG, WebP or HEIC file" in printed


@pytest.mark.django_db
def test_a_name_that_is_no_text_is_reported(files: Path, tmp_path: Path) -> None:
    (files / os.fsdecode(b"\xff.jpg")).write_text("photo")

    reports, _ = analyse(tmp_path, files)

    assert any(report["path"].endswith("\ufffd.jpg") for report in reports)


@pytest.mark.django_db
def test_portraits_and_masks_of_namesakes_do_not_overwrite_each_other(
    files: Path, tmp_path: Path
) -> None:
    portraits, masks = tmp_path / "portraits", tmp_path / "masks"

    reports, _ = analyse(tmp_path, files, "--portraits", portraits, "--masks", masks)

    written = [report["portrait"] for report in reports if report["portrait"]]
    assert len(set(written)) == 2
    assert all(Path(path).read_bytes() == b"full 0.5" for path in written)
    assert [path.read_bytes() for path in masks.iterdir()] == [b"alpha", b"alpha"]


@pytest.mark.django_db
def test_a_photo_without_a_person_has_no_portrait(
    models: FakeModels, files: Path, tmp_path: Path
) -> None:
    models.has_person = False

    reports, _ = analyse(tmp_path, files / "a.jpg", "--portraits", tmp_path / "portraits")

    assert reports[0]["portrait"] is None


def test_faces_are_named_by_a_users_people(
    files: Path, tmp_path: Path, consenting_owner: User
) -> None:
    group = Group.objects.create(owner=consenting_owner, name="Blackpink")
    make_person(consenting_owner, "Lisa", axis=1, group=group)

    reports, printed = analyse(tmp_path, files / "a.jpg", "--owner", "owner")

    lisa = {"name": "Lisa", "group": "Blackpink", "similarity": 1.0}
    assert reports[0]["faces"][0]["person"] == lisa
    assert reports[0]["faces"][0]["candidates"] == [lisa]
    assert "1 named" in printed


def test_without_consent_nobody_is_named(files: Path, tmp_path: Path, owner: User) -> None:
    with pytest.raises(CommandError, match="not agreed"):
        analyse(tmp_path, files, "--owner", "owner")


@pytest.mark.django_db
def test_a_missing_emotion_model_leaves_the_emotion_out_and_says_so(
    models: FakeModels, files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models.trouble["classify_emotions"] = vision.UnavailableError("Emotions are unavailable.")

    reports, _ = analyse(tmp_path, files / "a.jpg")

    assert reports[0]["faces"][0]["emotion"] is None
    assert "Emotions are unavailable." in capsys.readouterr().err


@pytest.mark.django_db
def test_a_missing_detector_is_an_error_of_the_command(models: FakeModels, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("photo")
    models.trouble["find_faces"] = vision.UnavailableError("Face detection is unavailable.")

    with pytest.raises(CommandError, match="Face detection is unavailable"):
        analyse(tmp_path, tmp_path / "a.jpg")


@pytest.mark.django_db
def test_an_empty_folder_is_an_error_of_the_command(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no pictures"):
        analyse(tmp_path, tmp_path)


@pytest.fixture
def tags(monkeypatch: pytest.MonkeyPatch) -> None:
    """The models in use now."""
    now = vision.ModelTags(EMBEDDER, "emotions@1", "segmenter@1")
    monkeypatch.setattr(vision, "model_tags", lambda: now)


def reanalyse(*arguments: str) -> str:
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("reanalyse", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("stage", "of_face", "of_portrait"),
    [
        ("emotions", {"emotion_model": "emotions@0"}, "segmenter@1"),
        ("recognise", {"embedder": "older@1", "emotion_model": "emotions@1"}, "segmenter@1"),
        ("portrait", {"emotion_model": "emotions@1"}, "segmenter@0"),
    ],
)
def test_a_new_model_queues_its_stage_alone_and_only_where_it_is_new(
    tags: None, owner: User, stage: str, of_face: dict[str, str], of_portrait: str
) -> None:
    old, new = make_photo(owner, face_count=1), make_photo(owner, face_count=1)
    make_face(old, 0, embedding(1), **of_face)
    Portrait.objects.create(photo=old, model=of_portrait, has_person=True)
    make_face(new, 0, embedding(1), emotion_model="emotions@1")
    Portrait.objects.create(photo=new, model="segmenter@1", has_person=True)

    printed = reanalyse("--stage", stage)

    photo_jobs = Job.objects.exclude(stage="references")
    assert [(job.stage, job.subject_id) for job in photo_jobs] == [(stage, old.pk)]
    assert f"1 photos queued for {stage}" in printed


def test_all_photos_are_queued_on_request(models: FakeModels, owner: User, run_jobs: Any) -> None:
    photo = make_photo(owner)
    make_face(photo, 0, emotion="sad", emotion_model="emotions@1")

    reanalyse("--stage", "emotions", "--all", "--owner", "owner")
    run_jobs()

    assert DetectedFace.objects.get().emotion == "happy"


def test_a_new_embedder_embeds_imported_references_from_their_crops(
    tags: None, consenting_owner: User, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lisa = make_person(consenting_owner, "Lisa")
    make_reference(lisa, embedding(7), embedder="older@1")
    face = make_face(make_photo(consenting_owner, face_count=1), 0, embedding(1))
    monkeypatch.setattr(
        vision,
        "read_reference",
        lambda path, least_quality: vision.ReferencePicture(
            seen_face(0, embedding(1)), EMBEDDER, path.read_bytes()
        ),
    )

    reanalyse("--stage", "recognise")
    run_jobs()

    reference = Reference.objects.get()
    assert (reference.embedder, bytes(reference.embedding)) == (EMBEDDER, embedding(1))
    face.refresh_from_db()
    assert face.person == lisa


def test_a_model_that_is_not_there_is_said(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision, "model_tags", lambda: vision.ModelTags("", "", ""))

    with pytest.raises(CommandError, match="unavailable"):
        reanalyse("--stage", "portrait")
