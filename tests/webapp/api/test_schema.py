"""Requests that nobody thought of, made out of the schema: no breakage, no answer outside of it."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.factories import make_job
from tests.webapp.analysis.cast import embedding, make_face, make_person, make_photo
from tests.webapp.moments.cast import make_moment
from webapp.accounts.keys import SCOPES, make_key
from webapp.accounts.models import User
from webapp.api.predictions.exchange import Wish
from webapp.api.routes import predictions
from webapp.api.site import api
from webapp.people.models import Group
from webapp.photos.models import Concert

EXAMPLES = 300 if os.environ.get("ENCORE_SOAK") else 6
"""Requests for each operation; ``make soak`` sends more."""

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
]


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """Let requests leave the database open in which the test stands, as Django's client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(owner: User) -> str:
    """The key of whoever asks."""
    return make_key(owner, "fuzz", list(SCOPES), None).token


@pytest.fixture
def known(owner: User) -> dict[str, Any]:
    """Ids of what there is, by the names that paths have for them."""
    group = Group.objects.create(owner=owner, name="G")
    person = make_person(owner, "Lisa", axis=1, group=group)
    photo = make_photo(owner, concert=Concert.objects.create(owner=owner, name="Seoul"))
    face = make_face(photo, 0, embedding(1), person=person, named_by="auto")
    return {
        "concert_id": photo.concert_id,
        "face_id": face.pk,
        "group_id": group.pk,
        "job_id": make_job(owner).pk,
        "moment_id": make_moment(owner).pk,
        "person_id": person.pk,
        "photo_id": photo.pk,
    }


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that finds nothing in a picture; the models have tests of their own."""
    empty = {"error": "", "width": 1, "height": 1, "faces": [], "mask": None, "portrait": None}

    def ask(user: User, pictures: list[Any], wish: Wish) -> bytes:
        read = [{"name": name, "notes": [], "models": {}, **empty} for name in wish.names]
        return json.dumps({"pictures": read}).encode()

    monkeypatch.setattr(predictions, "ask", ask)


schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
schema.app = get_wsgi_application()
schema.config.update(base_url="http://localhost")


@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("answered", "kept_connection")
@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_the_site_or_its_word(
    case: schemathesis.Case, known: dict[str, Any], token: str
) -> None:
    for name in case.path_parameters or {}:
        if name in known:  # What is nobody's would all be answered 404.
            case.path_parameters[name] = known[name]
    case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {token}"})
