"""Photos of a face are the same, however they are looked for."""

from typing import Any
from uuid import uuid4

import pytest

from tests.webapp.analysis.cast import make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis import showing
from webapp.analysis.showing import WantedFace, for_a_page, gathered, one_by_one
from webapp.people.models import Person
from webapp.photos.models import Photo

pytestmark = pytest.mark.django_db

WAYS = (gathered, one_by_one, for_a_page)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({"emotion": "happy"}, {"both", "twice", "rose", "nobody"}, id="an emotion"),
        pytest.param({"emotion": "happy", "above": 0.5}, {"both", "rose"}, id="a strong one"),
        pytest.param({"people": "Lisa"}, {"both", "twice"}, id="a person"),
        pytest.param({"people": "Lisa", "emotion": "sad"}, {"twice"}, id="both of one face"),
        pytest.param({"is_unnamed": True}, {"nobody"}, id="nobody"),
    ],
)
def test_every_way_finds_the_same_photos(
    owner: User, wanted: dict[str, Any], expected: set[str]
) -> None:
    lisa, rose = make_person(owner, "Lisa"), make_person(owner, "Rose")
    photos = {
        name: make_photo(owner, with_files=False, display_name=name)
        for name in ("both", "twice", "rose", "nobody", "nothing")
    }

    def face(name: str, place: int, who: Person | None, emotion: str, share: float) -> None:
        shares = {emotion: share}
        make_face(photos[name], place, person=who, emotion=emotion, emotions=shares)

    face("both", 0, lisa, "happy", 0.9)
    face("both", 1, rose, "sad", 0.9)
    face("twice", 0, lisa, "sad", 0.9)
    face("twice", 1, lisa, "happy", 0.4)
    face("rose", 0, rose, "happy", 0.6)
    face("nobody", 0, None, "happy", 0.5)
    if wanted.get("people"):
        wanted = {**wanted, "people": frozenset([lisa.pk])}

    for way in WAYS:
        condition = way(WantedFace(**wanted))
        assert {one.display_name for one in Photo.objects.filter(condition)} == expected
        others = {one.display_name for one in Photo.objects.exclude(condition)}
        assert others == photos.keys() - expected


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(WantedFace(emotion="happy", above=0.8), id="a strong emotion"),
        pytest.param(WantedFace(frozenset(uuid4() for _ in range(9)), "happy", 0.8), id="a group"),
    ],
)
def test_a_photo_is_asked_for_its_own_faces_and_no_others(wanted: WantedFace) -> None:
    plan = Photo.objects.filter(one_by_one(wanted)).explain()
    assert "analysis_face_of_photo (photo_id=?)" in plan


def test_a_big_group_is_not_gathered() -> None:
    few, many = (WantedFace(frozenset(uuid4() for _ in range(count))) for count in (8, 9))
    assert "LIST SUBQUERY" in Photo.objects.filter(gathered(few)).explain()
    assert "LIST SUBQUERY" not in Photo.objects.filter(gathered(many)).explain()


def test_a_page_of_common_faces_is_full_before_they_are_gathered(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "COMMON", 2)
    photo = make_photo(owner, with_files=False)
    for place, emotion in enumerate(["happy", "happy", "happy", "sad", "sad"]):
        make_face(photo, place, emotion=emotion, emotions={emotion: 0.9})
    plans = {
        emotion: Photo.objects.filter(for_a_page(WantedFace(emotion=emotion))).explain()
        for emotion in ("happy", "sad")
    }
    assert "LIST SUBQUERY" not in plans["happy"]
    assert "LIST SUBQUERY" in plans["sad"]
