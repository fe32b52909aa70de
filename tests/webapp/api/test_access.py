"""Who may ask what: keys, their scopes and their end, sessions, limits, and what is logged."""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests.webapp.api.conftest import with_key
from tests.webapp.belongings import make_everything, rows_of_everything
from webapp.accounts.keys import SCOPES, make_key
from webapp.accounts.models import ApiKey, User
from webapp.api.site import api

SCHEMA: Any = api.get_openapi_schema()
OPERATIONS = [
    (method, path, told["x-scope"])
    for path, methods in SCHEMA["paths"].items()
    for method, told in methods.items()
]
BODY = '{"name": "Mallory", "person": "00000000-0000-0000-0000-000000000007"}'
FIRST = "/api/v1/me"


@pytest.fixture
def fill(owner: User, tmp_path: Path) -> Callable[[str, str], str]:
    """Ids of real objects of the owner."""
    return make_everything(owner, tmp_path)


def _filled(path: str, fill: Callable[[str, str], str]) -> str:
    parts = path.split("/")
    return "/".join(fill(path, part[1:-1]) if part.startswith("{") else part for part in parts)


def _ask(program: Client, method: str, path: str) -> HttpResponse:
    return program.generic(method.upper(), path, BODY, "application/json")


def test_a_key_without_the_scope_is_told_so_and_changes_nothing(
    fill: Callable[[str, str], str], owner: User
) -> None:
    programs = {one: with_key(owner, [other for other in SCOPES if other != one]) for one in SCOPES}
    for program in programs.values():
        program.get(FIRST)  # So that its first use is written before.
    before = rows_of_everything()

    for method, path, scope in OPERATIONS:
        if scope:
            answer = _ask(programs[scope], method, _filled(path, fill))
            assert answer.status_code == 403, (method, path)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert scope in answer.json()["detail"]

    assert rows_of_everything() == before


def test_what_is_somebody_elses_is_not_there_for_a_key_either(
    fill: Callable[[str, str], str], stranger: User
) -> None:
    program = with_key(stranger)
    for method, path, _ in OPERATIONS:
        if "{" in path:
            answer = _ask(program, method, _filled(path, fill))
            assert answer.status_code == 404, (method, path)
            assert answer.json()["status"] == 404


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(
            lambda: ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
            id="expired",
        ),
        pytest.param(lambda: ApiKey.objects.all().delete(), id="revoked"),
        pytest.param(lambda: User.objects.update(is_active=False), id="owner locked out"),
    ],
)
def test_a_key_that_works_no_more_opens_nothing(
    program: Client, spoil: Callable[[], object]
) -> None:
    assert program.get(FIRST).status_code == 200
    spoil()
    answer = program.get(FIRST)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer wrong", "Basic b3duZXI6cHc=", "Bearer \x00é"]
)
def test_a_wrong_header_opens_nothing_even_for_somebody_signed_in(
    header: str, as_owner: Client
) -> None:
    assert as_owner.get(FIRST).status_code == 200
    assert as_owner.get(FIRST, headers={"Authorization": header}).status_code == 401


def test_a_session_may_do_everything_with_the_token_of_its_page(owner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    concert = {"name": "Seoul"}
    send = {"content_type": "application/json"}

    assert browser.get(FIRST).json()["scopes"] == list(SCOPES)
    refused = browser.post("/api/v1/concerts", concert, **send)
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"
    browser.get("/account/")
    token = browser.cookies["csrftoken"].value
    made = browser.post("/api/v1/concerts", concert, headers={"X-CSRFToken": token}, **send)
    assert made.status_code == 201


def test_a_key_says_what_it_may_do(owner: User) -> None:
    told = with_key(owner, ["read"]).get(FIRST).json()
    assert told == {"user": "owner", "scopes": ["read"], "has_consent": False}


@pytest.mark.usefixtures("one_minute")
def test_answers_count_down_and_too_many_requests_are_refused(
    program: Client, settings: Any
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 2

    left = [program.get(FIRST).headers["RateLimit-Remaining"] for _ in range(2)]
    refused = program.get(FIRST)

    assert left == ["1", "0"]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Limit"] == "2"


def test_one_key_does_not_use_up_what_another_may_ask(owner: User, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    assert with_key(owner).get(FIRST).status_code == 200
    assert with_key(owner).get(FIRST).status_code == 200


def test_no_log_ever_holds_a_key(
    owner: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_key(owner, "k", ["read"], None)
    program = Client(
        raise_request_exception=False, headers={"Authorization": f"Bearer {made.token}"}
    )
    monkeypatch.setattr("webapp.api.routes.session.has_consent", lambda pk: 1 / 0)

    with caplog.at_level(logging.DEBUG):
        assert program.get(FIRST).status_code == 500
        program.get("/api/v1/nowhere")
        Client(headers={"Authorization": f"Bearer {made.token}x"}).get(FIRST)

    assert caplog.records, "else nothing would be proved"
    secret = made.token[len(made.key.prefix) :]
    assert all(secret not in caplog.handler.format(record) for record in caplog.records)
