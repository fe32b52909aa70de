"""A library made anew by the models of today, in the background, with its progress on a page."""

import pytest
from django.test import Client
from django.urls import reverse

from inference.emotion.classifier import WEIGHTS_NAME as EMOTIONS
from inference.segmentation.segmenter import WEIGHTS_NAME as PORTRAITS
from tests.webapp.analysis.cast import FakeModels, claim_stage, make_face, make_photo
from webapp import vision
from webapp.accounts.models import User
from webapp.analysis import stages
from webapp.analysis.models import DetectedFace, Portrait
from webapp.analysis.names import renewal
from webapp.core import jobs
from webapp.core.models import Job
from webapp.photos.models import Photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    tags = {"emotions": "emotions@1", "portrait": "segmenter@1"}
    monkeypatch.setattr(vision, "present_model", lambda stage: tags[stage])


@pytest.fixture
def library(owner: User, stranger: User) -> list[Photo]:
    """Two photos that older models looked at and one of today; somebody else's old one as well."""
    photos = [make_photo(owner) for _ in range(3)]
    for number, photo in enumerate([*photos, make_photo(stranger)]):
        tag = 1 if number == 2 else 0
        make_face(photo, 0, emotion="happy", emotion_model=f"emotions@{tag}")
        Portrait.objects.create(
            photo=photo, has_person=True, rendered_strength=0.5, model=f"segmenter@{tag}"
        )
    return photos


def begin(stage: str) -> None:
    claim = jobs.claim(Job.objects.get(stage=renewal.RENEWING[stage]).pk)
    assert claim is not None
    stages.renew(claim)


@pytest.mark.parametrize("stage", ["emotions", "portrait"])
def test_only_what_another_model_made_is_made_anew_and_the_page_tells_how_far_it_is(
    models: FakeModels, library: list[Photo], owner: User, as_owner: Client, stage: str
) -> None:
    page = reverse("analysis:renewal")
    before = as_owner.get(page).content.decode()
    assert before.count("in use: 1 of 3.") == 2
    assert "data-busy" not in before

    as_owner.post(reverse("analysis:renew"), {"stage": stage})
    assert "The others follow" in as_owner.get(page).content.decode()
    begin(stage)

    queued = Job.objects.filter(stage=stage, state=Job.State.PENDING)
    assert {job.subject_id for job in queued} == {photo.pk for photo in library[:2]}
    run = {"emotions": stages.emotions, "portrait": stages.portrait}[stage]
    run(claim_stage(library[0], stage))
    assert "in use: 2 of 3." in as_owner.get(page).content.decode()
    run(claim_stage(library[1], stage))
    after = as_owner.get(page).content.decode()
    assert "in use: all 3." in after
    assert "data-busy" not in after


def test_what_there_is_stays_until_it_is_made_anew(
    models: FakeModels, library: list[Photo], owner: User
) -> None:
    for stage in renewal.RENEWING:
        renewal.renew(owner.pk, stage)
        begin(stage)

    assert set(DetectedFace.objects.values_list("emotion", flat=True)) == {"happy"}
    assert not Portrait.objects.exclude(has_person=True, rendered_strength=0.5).exists()


def test_a_step_that_is_none_is_refused_in_words(as_owner: Client) -> None:
    response = as_owner.post(reverse("analysis:renew"), {"stage": "ingest"}, follow=True)

    assert "There is no such step." in response.content.decode()
    assert not Job.objects.exists()


def test_the_present_models_are_known_without_loading_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    assert vision.present_model("emotions").startswith(f"{EMOTIONS}@")
    assert vision.present_model("portrait").startswith(f"{PORTRAITS}@")
