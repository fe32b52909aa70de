"""Decisions about a face that another tab deletes between the reading and the writing."""

import pytest
from django.test import Client

from tests.webapp.analysis.cast import make_face, make_person, make_photo
from webapp.accounts.models import User
from webapp.analysis import services
from webapp.analysis.models import DetectedFace


@pytest.mark.parametrize("decision", ["name", "unname", "reject"])
def test_a_face_deleted_meanwhile_is_not_found(
    owner: User, as_owner: Client, monkeypatch: pytest.MonkeyPatch, decision: str
) -> None:
    lisa = make_person(owner, "Lisa")
    face = make_face(make_photo(owner), 0, person=lisa, named_by="auto")

    def delete_first(owner_id: int) -> tuple[int, int]:
        DetectedFace.objects.filter(pk=face.pk).delete()
        return (0, 0)

    monkeypatch.setattr(services, "locked_gallery_state", delete_first)
    answer = as_owner.post(f"/faces/{face.pk}/{decision}/", {"name": "Rose", "person": lisa.pk})

    assert answer.status_code == 404
