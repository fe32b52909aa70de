"""Emotions and portraits, as workers do them."""

from collections.abc import Callable

import pytest
from django.db import transaction

from tests.webapp.analysis.cast import FakeModels, claim_stage, embedding, make_face, make_photo
from webapp import vision
from webapp.accounts.models import User
from webapp.analysis import services, stages
from webapp.analysis.erasure import delete_photo
from webapp.analysis.models import DetectedFace, Portrait
from webapp.core import jobs
from webapp.core.extension import stages as core_stages
from webapp.core.models import Event, Job
from webapp.photos.models import Photo
from webapp.photos.storage import files_of

RunJobs = Callable[[], int]


def test_faces_get_their_emotion_and_the_page_hears_of_it(models: FakeModels, owner: User) -> None:
    photo = make_photo(owner)
    face = make_face(photo, 0, embedding(1))

    stages.emotions(claim_stage(photo, "emotions"))

    face.refresh_from_db()
    assert (face.emotion, face.emotion_model) == ("happy", "emotions@1")
    assert face.probability == face.emotions["happy"] > 0
    assert face.emotion_bars == [("happy", 0.9), ("neutral", 0.1)]
    payload = Event.objects.get(kind="emotions_found").payload
    assert payload == {"photo": str(photo.pk), "faces": [{"id": face.pk, "label": "happy"}]}


def test_emotions_that_were_read_are_not_read_again(models: FakeModels, owner: User) -> None:
    photo = make_photo(owner)
    make_face(photo, 0, emotion="sad", emotion_model="emotions@1")

    stages.emotions(claim_stage(photo, "emotions"))

    assert models.calls == []
    assert DetectedFace.objects.get().emotion == "sad"


def test_a_missing_emotion_model_leaves_faces_and_names_alone(
    models: FakeModels, owner: User, run_jobs: RunJobs
) -> None:
    photo = make_photo(owner)
    make_face(photo, 0, embedding(1))
    models.trouble["classify_emotions"] = vision.UnavailableError("Emotions are unavailable.")
    with transaction.atomic():
        jobs.enqueue("emotions", photo.pk, owner.pk)

    run_jobs()

    assert Job.objects.get(stage="emotions").error == "Emotions are unavailable."
    assert DetectedFace.objects.count() == 1


def test_a_portrait_knows_whether_the_photo_shows_a_face(models: FakeModels, owner: User) -> None:
    empty, star = make_photo(owner), make_photo(owner)
    make_face(star, 0)

    stages.portrait(claim_stage(empty, "portrait"))
    assert models.faceless
    stages.portrait(claim_stage(star, "portrait"))
    assert not models.faceless


def test_a_portrait_gets_its_mask_and_two_sizes(models: FakeModels, owner: User) -> None:
    photo = make_photo(owner)

    stages.portrait(claim_stage(photo, "portrait"))

    files = files_of(photo.pk)
    assert files.alpha.read_bytes() == b"alpha"
    assert files.portrait.read_bytes() == b"full 0.5"
    assert files.portrait_display.read_bytes() == b"display 0.5"
    portrait = Portrait.objects.get()
    assert (portrait.has_person, portrait.rendered_strength) == (True, 0.5)
    assert Event.objects.get(kind="portrait_ready").payload["has_person"] is True


def test_a_photo_without_a_person_says_so_and_has_no_files(models: FakeModels, owner: User) -> None:
    photo = make_photo(owner)
    models.has_person = False

    stages.portrait(claim_stage(photo, "portrait"))

    assert Portrait.objects.get().has_person is False
    assert not files_of(photo.pk).portrait.exists()
    assert Event.objects.get(kind="portrait_ready").payload["has_person"] is False


def test_another_strength_is_drawn_from_the_stored_mask_without_the_network(
    models: FakeModels, owner: User, run_jobs: RunJobs
) -> None:
    photo = make_photo(owner)
    stages.portrait(claim_stage(photo, "portrait"))
    models.calls.clear()

    services.set_portrait_strength(photo, 0.9)
    run_jobs()

    assert models.calls == ["render_portrait"]
    assert files_of(photo.pk).portrait.read_bytes() == b"full 0.9 of alpha"
    assert Portrait.objects.get().rendered_strength == 0.9


def test_the_last_of_two_wishes_is_what_is_drawn(
    models: FakeModels, owner: User, run_jobs: RunJobs
) -> None:
    photo = make_photo(owner)
    stages.portrait(claim_stage(photo, "portrait"))
    services.set_portrait_strength(photo, 0.1)
    models.meanwhile = lambda: services.set_portrait_strength(photo, 0.8)

    run_jobs()

    assert files_of(photo.pk).portrait.read_bytes() == b"full 0.8 of alpha"
    assert Portrait.objects.get().rendered_strength == 0.8


def test_a_worker_whose_claim_is_lost_replaces_no_file(models: FakeModels, owner: User) -> None:
    photo = make_photo(owner)
    stale = claim_stage(photo, "portrait")
    with transaction.atomic():
        jobs.enqueue("portrait", photo.pk, owner.pk)

    with pytest.raises(jobs.LostClaimError):
        stages.portrait(stale)

    assert not files_of(photo.pk).portrait.exists()
    assert not list(files_of(photo.pk).folder.glob("*.part"))


def test_a_photo_deleted_while_its_portrait_is_made_leaves_no_file(
    models: FakeModels, owner: User, run_jobs: RunJobs, django_capture_on_commit_callbacks: object
) -> None:
    photo = make_photo(owner)
    folder = files_of(photo.pk).folder

    def delete() -> None:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            delete_photo(Photo.objects.get(pk=photo.pk))

    models.meanwhile = delete
    with transaction.atomic():
        jobs.enqueue("portrait", photo.pk, owner.pk)

    run_jobs()

    assert not folder.exists()
    assert not Job.objects.filter(stage="portrait").exists()


@pytest.mark.parametrize("stage", ["recognise", "emotions", "portrait"])
def test_a_photo_that_is_gone_is_no_error(models: FakeModels, owner: User, stage: str) -> None:
    photo = make_photo(owner)
    claim = claim_stage(photo, stage)
    Photo.objects.filter(pk=photo.pk).delete()

    with pytest.raises(jobs.LostClaimError):
        getattr(stages, stage)(claim)


@pytest.mark.parametrize(
    ("stage", "call"),
    [
        ("recognise", "find_faces"),
        ("emotions", "classify_emotions"),
        ("portrait", "make_portrait"),
    ],
)
def test_a_crash_is_tried_three_times_and_then_set_aside(
    models: FakeModels, owner: User, run_jobs: RunJobs, stage: str, call: str
) -> None:
    photo = make_photo(owner)
    make_face(photo, 0)
    models.trouble[call] = RuntimeError("out of luck")
    with transaction.atomic():
        jobs.enqueue(stage, photo.pk, owner.pk)

    run_jobs()

    job = Job.objects.get(stage=stage)
    assert (job.state, job.attempts) == ("quarantined", 3)
    assert "out of luck" not in job.error


@pytest.mark.parametrize("name", ["rematch", "catch-up", "references"])
def test_work_on_a_whole_library_does_not_hold_up_the_reading_of_new_photos(name: str) -> None:
    assert core_stages.get(name).queue != core_stages.get("ingest").queue


def test_a_name_just_given_overtakes_the_photos_that_still_wait() -> None:
    waiting = ["portrait", "emotions", "recognise", "catch-up", "rematch"]
    assert {"rematch"} < {stage.name for stage in core_stages.peers("recognise")}
    assert sorted(waiting, key=core_stages.rank_of)[-3:] == ["recognise", "emotions", "portrait"]
