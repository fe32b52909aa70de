"""What migrations make of rows that were there before."""

from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps

from webapp.accounts.models import User
from webapp.core.models import Event

subjects = import_module("webapp.core.migrations.0006_fill_event_subject")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "names", "stage", "subject"),
    [
        pytest.param("faces_found", ["photo"], "", "photo", id="a photo"),
        pytest.param("moment_ready", ["photo", "moment"], "", "moment", id="a moment"),
        pytest.param("video_progress", ["video"], "", "video", id="a video"),
        pytest.param("job_failed", ["photo"], "emotions", "photo", id="a failed photo"),
        pytest.param("job_failed", ["photo"], "analyse-video", "video", id="a failed video"),
        pytest.param("job_quarantined", ["photo"], "reel", "reel", id="a reel set aside"),
        pytest.param("names_changed", [], "", "", id="nothing in particular"),
    ],
)
def test_old_events_learn_what_they_are_about(
    owner: User, kind: str, names: list[str], stage: str, subject: str
) -> None:
    payload = {name: str(uuid4()) for name in names} | ({"stage": stage} if stage else {})
    event = Event.objects.create(user=owner, kind=kind, payload=payload)

    subjects.fill(apps, None)

    event.refresh_from_db()
    assert event.subject_kind == subject
    assert str(event.subject_id or "") == event.payload.get(subject, "")
    if stage:
        assert list(event.payload) == [subject, "stage"]
    if not subject:
        assert event.subject_id is None


@pytest.mark.django_db
@pytest.mark.parametrize("payload", [{"photo": "no id"}, {"photo": 7}, [], None, {"job": "x"}])
def test_an_event_that_names_nothing_stays_as_it_is(owner: User, payload: object) -> None:
    event = Event.objects.create(user=owner, kind="photo_ready", payload=payload or {})
    subjects.fill(apps, None)
    event.refresh_from_db()
    assert (event.subject_id, event.payload) == (None, payload or {})
