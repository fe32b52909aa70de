"""The page of one photo and what it can do."""

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.webapp.analysis.cast import FakeModels, embedding, make_face, make_person, make_photo
from webapp import vision
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace
from webapp.core import jobs
from webapp.core.models import Job
from webapp.people.models import Reference
from webapp.photos.models import Concert, Photo

JSON = {"Accept": "application/json"}
MOST_QUERIES = 14


def page_of(photo: Photo) -> str:
    """Return the address of a photo's page."""
    return reverse("analysis:photo", args=[photo.pk])


def test_the_page_says_how_sure_a_name_is_and_the_number_on_demand(
    owner: User, as_owner: Client
) -> None:
    photo = make_photo(owner, face_count=1)
    lisa = make_person(owner, "Lisa")
    make_face(photo, 0, embedding(1), person=lisa, named_by="auto", similarity=0.734)

    text = as_owner.get(page_of(photo)).content.decode()

    assert "Lisa" in text
    assert "0.73" in text
    assert "may be wrong" in text


def test_the_page_suggests_who_is_near_but_nobody_the_user_ruled_out(
    owner: User, as_owner: Client
) -> None:
    lisa, rose = make_person(owner, "Lisa"), make_person(owner, "Rose")
    candidates = [
        {"person": str(person.pk), "similarity": similarity}
        for person, similarity in ((rose, 0.45), (lisa, 0.41))
    ]
    photo = make_photo(owner)
    face = make_face(photo, 0, candidates=candidates)
    face.not_these.add(rose)

    shown = as_owner.get(page_of(photo)).context["faces"][0]

    assert [(guess.person, guess.similarity) for guess in shown.suggestions] == [(lisa, 0.41)]


def test_the_page_says_why_there_are_no_names_without_consent(
    owner: User, as_owner: Client
) -> None:
    photo = make_photo(owner, face_count=1)
    make_face(photo, 0)

    text = as_owner.get(page_of(photo)).content.decode()

    assert "have not agreed" in text


def test_faces_found_before_consent_are_reported_as_unprepared(
    consenting_owner: User, as_owner: Client
) -> None:
    photo = make_photo(consenting_owner)
    make_face(photo, 0)

    answer = as_owner.get(page_of(photo))

    assert answer.context["names_missing"] is True
    assert "Look through all photos" in answer.content.decode()


def test_a_missing_embedder_is_named_as_the_reason_without_a_button_that_cannot_help(
    consenting_owner: User, as_owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make_photo(consenting_owner)
    make_face(photo, 0)
    monkeypatch.setattr(vision, "has_embedder", lambda: False)

    text = as_owner.get(page_of(photo)).content.decode()

    assert "a model is missing or damaged" in text
    assert "agreed" not in text
    assert "Look through all photos" not in text


def test_a_failed_step_is_shown_with_its_reason(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner)
    with transaction.atomic():
        job = jobs.enqueue("portrait", photo.pk, owner.pk)
    claim = jobs.claim(job.pk)
    assert claim is not None
    jobs.fail(claim, "Portrait mode is unavailable.")

    assert "Portrait mode is unavailable." in as_owner.get(page_of(photo)).content.decode()


def test_open_work_is_told_in_its_order_what_runs_first(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner)
    with transaction.atomic():
        made = {name: jobs.enqueue(name, photo.pk, owner.pk) for name in ("portrait", "emotions")}

    def told() -> str:
        return as_owner.get(page_of(photo)).content.decode()

    assert "Waiting: reading emotions, then the portrait version" in told()
    claim = jobs.claim(made["portrait"].pk)
    assert claim is not None
    assert "Now: the portrait version, then reading emotions" in told()
    with jobs.finish(claim):
        pass
    assert "Waiting: reading emotions</span>" in told()


@pytest.mark.parametrize("stage", ["recognise", "emotions", "portrait"])
def test_a_failed_step_has_one_button_to_try_it_again(
    owner: User, as_owner: Client, stage: str
) -> None:
    photo = make_photo(owner)
    with transaction.atomic():
        job = jobs.enqueue(stage, photo.pk, owner.pk)
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUARANTINED, error="It broke.")

    text = as_owner.get(page_of(photo)).content.decode()

    assert text.count("It broke.") == text.count("Try again") == 1
    assert f'name="stage" value="{stage}"' in text
    assert "appears here when it is ready" not in text or stage != "portrait"


def test_a_photo_that_could_not_be_read_offers_another_try(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner, state=Photo.State.FAILED, failure="This is not a photo.")

    assert 'value="ingest"' in as_owner.get(page_of(photo)).content.decode()


def test_left_and_right_stay_within_the_filter(owner: User, as_owner: Client) -> None:
    concert = Concert.objects.create(owner=owner, name="Born Pink")
    oldest = make_photo(owner, concert=concert, face_count=1)
    make_photo(owner, face_count=1)
    middle = make_photo(owner, concert=concert, face_count=1)
    make_photo(owner, concert=concert, face_count=3)

    response = as_owner.get(page_of(middle), {"concert": str(concert.pk), "faces": "1"})

    assert response.context["previous_photo"] is None
    assert response.context["next_photo"] == oldest


def test_from_a_persons_page_left_and_right_lead_to_photos_of_that_person(
    owner: User, as_owner: Client
) -> None:
    lisa = make_person(owner, "Lisa")
    oldest = make_photo(owner)
    make_photo(owner)
    newest = make_photo(owner)
    for photo in (oldest, newest):
        make_face(photo, 0, person=lisa, named_by="user")

    grid = as_owner.get(reverse("analysis:person", args=[lisa.pk])).content.decode()
    query = re.search(rf"{newest.pk}/(\?[^\"]*)\"", grid)
    assert query is not None
    response = as_owner.get(page_of(newest) + html.unescape(query[1]))

    assert response.context["next_photo"] == oldest


def test_a_nonsense_filter_is_refused(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner)

    assert as_owner.get(page_of(photo), {"concert": "nowhere"}).status_code == 400
    assert as_owner.get(page_of(photo), {"faces": "many"}).status_code == 400


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow_with_the_faces(
    consenting_owner: User, as_owner: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    photo = make_photo(consenting_owner)
    people = [make_person(consenting_owner, f"Person {number}") for number in range(count)]
    for person in people:
        candidates = [{"person": str(person.pk), "similarity": 0.4}]
        make_face(photo, 0, candidates=candidates)
        make_face(photo, 1, person=person, named_by="auto", similarity=0.9)

    with django_assert_max_num_queries(MOST_QUERIES):
        as_owner.get(page_of(photo))


def test_names_and_file_names_are_text_not_markup(owner: User, as_owner: Client) -> None:
    evil = "<script>alert(1)</script>"
    photo = make_photo(owner, display_name=evil, camera=evil)
    make_face(photo, 0, person=make_person(owner, evil), named_by="user")

    for url in (page_of(photo), reverse("people:list"), reverse("analysis:photos")):
        assert evil not in as_owner.get(url).content.decode()


def test_a_mixed_expression_has_two_words(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner)
    make_face(photo, 0, emotion="happy", emotions={"happy": 0.5, "surprised": 0.3, "sad": 0.2})

    assert ">Happy, surprised</span>" in as_owner.get(page_of(photo)).content.decode()


def test_a_plain_form_is_led_back_to_the_page(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner)

    response = as_owner.post(reverse("analysis:portrait", args=[photo.pk]), {"strength": "0.25"})

    assert response.headers["Location"] == page_of(photo)


def test_a_deleted_photo_leads_to_its_concert(owner: User, as_owner: Client) -> None:
    concert = Concert.objects.create(owner=owner, name="Born Pink")
    photo = make_photo(owner, concert=concert)

    url = reverse("analysis:photo-delete", args=[photo.pk])
    response = as_owner.post(url, {"for_ever": "1"})

    assert response.headers["Location"] == reverse("analysis:concert", args=[concert.pk])
    assert not Photo.objects.exists()


def test_one_step_is_retried_alone(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner)

    as_owner.post(reverse("analysis:photo-retry", args=[photo.pk]), {"stage": "emotions"})

    assert [job.stage for job in Job.objects.all()] == ["emotions"]


def test_a_photo_that_could_not_be_read_can_be_tried_again(owner: User, as_owner: Client) -> None:
    photo = make_photo(owner, state=Photo.State.FAILED, failure="It broke.")

    as_owner.post(reverse("analysis:photo-retry", args=[photo.pk]), {"stage": "ingest"})

    photo.refresh_from_db()
    assert (photo.state, photo.failure) == ("uploaded", "")


@pytest.mark.parametrize("stage", ["erase", "rematch", "", "nonsense"])
def test_other_steps_cannot_be_asked_for(owner: User, as_owner: Client, stage: str) -> None:
    url = reverse("analysis:photo-retry", args=[make_photo(owner).pk])

    assert as_owner.post(url, {"stage": stage}, headers=JSON).status_code == 400
    assert not Job.objects.exists()


def test_after_consent_the_faces_of_all_photos_are_embedded(
    models: FakeModels,
    consenting_owner: User,
    as_owner: Client,
    run_jobs: Callable[[], int],
) -> None:
    bare, embedded = make_photo(consenting_owner), make_photo(consenting_owner)
    for photo, of in ((bare, None), (embedded, embedding(2))):
        photo.face_count = 1
        photo.save()
        make_face(photo, 0, of)
    models.faces[bare.pk] = [
        vision.SeenFace(
            vision.FaceShape((10, 50, 90, 150), 0.9, ((1.0, 1.0),) * 5), 0.9, embedding(1)
        )
    ]

    as_owner.post(reverse("analysis:recognise-all"))
    run_jobs()

    assert not DetectedFace.objects.filter(embedding=None).exists()
    assert models.calls.count("find_faces") == 1


def test_naming_a_face_answers_a_script_with_what_became_of_it(
    consenting_owner: User, as_owner: Client
) -> None:
    face = make_face(make_photo(consenting_owner), 0, embedding(1))

    response = as_owner.post(
        reverse("analysis:face-name", args=[face.pk]),
        {"name": " Lisa ", "group": "Blackpink"},
        headers=JSON,
    )

    answer = json.loads(response.content)
    assert (answer["person"]["name"], answer["person"]["group"]) == ("Lisa", "Blackpink")
    assert (answer["is_reference"], answer["note"]) == (True, "")
    assert Reference.objects.count() == 1


def test_a_name_that_cannot_be_is_refused_in_words(owner: User, as_owner: Client) -> None:
    face = make_face(make_photo(owner), 0)

    response = as_owner.post(
        reverse("analysis:face-name", args=[face.pk]), {"name": "x" * 81}, headers=JSON
    )

    assert response.status_code == 400
    assert "at most 80" in response.json()["error"]


def test_rejecting_needs_to_know_whom(owner: User, as_owner: Client) -> None:
    face = make_face(make_photo(owner), 0)

    response = as_owner.post(reverse("analysis:face-reject", args=[face.pk]), headers=JSON)

    assert response.status_code == 400


def test_the_crop_of_a_face_is_a_picture_nobody_caches(owner: User, as_owner: Client) -> None:
    face = make_face(make_photo(owner), 0)

    response = as_owner.get(reverse("analysis:face-crop", args=[face.pk]))

    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.content.startswith(b"\xff\xd8")


def test_the_crop_of_a_lost_file_is_404(owner: User, as_owner: Client) -> None:
    face = make_face(make_photo(owner, with_files=False), 0)

    assert as_owner.get(reverse("analysis:face-crop", args=[face.pk])).status_code == 404


def test_everything_is_forgotten_only_after_the_word(
    consenting_owner: User, as_owner: Client
) -> None:
    make_person(consenting_owner, "Lisa")
    url = reverse("analysis:forget")

    assert as_owner.post(url, {"confirm": "yes"}, headers=JSON).status_code == 400
    assert as_owner.post(url, {"confirm": "Forget"}, headers=JSON).json() == {"forgotten": 1}


@pytest.mark.parametrize("has_original", [True, False])
def test_a_failed_photo_offers_its_original_and_another_try_only_where_the_file_is_there(
    owner: User, as_owner: Client, has_original: bool
) -> None:
    photo = make_photo(owner, state="failed", failure="It was set aside.", with_files=has_original)

    text = as_owner.get(page_of(photo)).content.decode()

    assert "It was set aside." in text
    assert ("Try again" in text) is has_original
    assert ("Original file" in text) is has_original
