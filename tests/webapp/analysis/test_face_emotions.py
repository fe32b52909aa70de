"""What a face expresses, and how probable that is, stand side by side."""

from importlib import import_module

import pytest
from django.apps import apps

from tests.webapp.analysis.cast import make_face, make_photo
from webapp.accounts.models import User
from webapp.analysis.models import EMOTION_FIELDS, DetectedFace

pytestmark = pytest.mark.django_db


def test_a_label_brings_its_probability_along_and_takes_it_away() -> None:
    face = DetectedFace()
    face.set_emotion("sad", {"happy": 0.3, "sad": 0.7}, "model@1")
    assert [getattr(face, name) for name in EMOTION_FIELDS] == [
        "sad",
        {"happy": 0.3, "sad": 0.7},
        0.7,
        "model@1",
    ]
    face.set_emotion()
    assert [getattr(face, name) for name in EMOTION_FIELDS] == ["", {}, None, ""]


@pytest.mark.parametrize(
    ("label", "probabilities", "expected"),
    [
        pytest.param("happy", {"happy": 0.9, "sad": 0.1}, 0.9, id="its own"),
        pytest.param("", {}, None, id="no label"),
        pytest.param("sad", {"happy": 0.9}, None, id="another's only"),
        pytest.param("on.stage", {"on.stage": 0.25, "on": {"stage": 1.0}}, 0.25, id="a dot"),
    ],
)
def test_faces_of_before_get_the_probability_of_their_label(
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
    label: str,
    probabilities: dict[str, float],
    expected: float | None,
) -> None:
    migration = import_module("webapp.analysis.migrations.0012_fill_probability")
    monkeypatch.setattr(migration, "BATCH", 2)
    photo = make_photo(owner, with_files=False)
    for place in range(5):
        make_face(photo, place, emotion=label, emotions=probabilities, probability=None)

    migration.fill(apps, None)

    found = DetectedFace.objects.values_list("probability", flat=True)
    assert list(found) == [expected] * 5
