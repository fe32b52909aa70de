"""Statistics as programs read them."""

import pytest
from django.test import Client

from tests.factories import make_user
from tests.webapp.analysis.cast import make_face, make_person, make_photo
from tests.webapp.api.conftest import with_key
from webapp.access.models import Role
from webapp.access.services import share_with
from webapp.accounts.models import User
from webapp.analysis.statistics import keeping
from webapp.photos import counts
from webapp.photos.models import Concert


def test_numbers_of_a_star_and_a_concert_are_told(owner: User, program: Client) -> None:
    seoul = Concert.objects.create(owner=owner, name="Seoul", time_zone="Asia/Seoul")
    photo, jisoo = make_photo(owner, concert=seoul), make_person(owner, "Jisoo")
    make_face(photo, person=jisoo, emotion="happy")
    for path in (f"people/{jisoo.pk}", f"concerts/{seoul.pk}"):
        told = program.get(f"/api/v1/{path}/statistics").json()
        assert (told["photo_count"], told["photos"], told["step"]) == (1, [1], "minute")
        assert told["emotions"] == {"happy": [1]}
        assert told["people"] == [{"id": str(jisoo.pk), "name": "Jisoo"}]
        assert told["best"] == [str(photo.pk)]
    assert told["zone"] == "Asia/Seoul"


def test_a_program_is_told_to_come_again_while_they_are_counted(
    owner: User, program: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FEW_PHOTOS", 0)
    jisoo = make_person(owner, "Jisoo")
    make_face(make_photo(owner), person=jisoo)
    while counts.refresh():
        pass
    answer = program.get(f"/api/v1/people/{jisoo.pk}/statistics")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_fan_reads_those_of_a_shared_concert_only(owner: User) -> None:
    seoul, busan = (Concert.objects.create(owner=owner, name=name) for name in ("Seoul", "Busan"))
    fan = make_user("fan")
    share_with(seoul, fan, Role.FAN)
    answers = [
        with_key(fan).get(f"/api/v1/concerts/{one.pk}/statistics").status_code
        for one in (seoul, busan)
    ]
    assert answers == [200, 404]
