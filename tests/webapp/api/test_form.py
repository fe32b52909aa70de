"""The form of every answer: problems, ETags, HEAD, pages of lists, the schema and its page."""

import pytest
from django.test import Client

from tests.webapp.analysis.cast import make_photo
from webapp.accounts.models import User
from webapp.api.reading import kind_of
from webapp.api.site import api


def test_what_is_known_is_not_sent_again(owner: User, program: Client) -> None:
    photo = make_photo(owner)
    for path in ("/api/v1/photos", f"/api/v1/photos/{photo.pk}"):
        first = program.get(path)
        again = program.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    make_photo(owner)
    etag = first.headers["ETag"]
    assert program.get("/api/v1/photos", headers={"If-None-Match": etag}).status_code == 200


def test_head_answers_like_get_without_a_body(program: Client) -> None:
    told = program.head("/api/v1/me")
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers["ETag"] == program.get("/api/v1/me").headers["ETag"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/api/v1/nowhere", 404, id="unknown address"),
        pytest.param("/api/v1/photos?cursor=xyz", 400, id="cursor of nobody"),
        pytest.param("/api/v1/jobs?cursor=99999999999999999999", 400, id="number too large"),
        pytest.param("/api/v1/photos?limit=0", 422, id="no page"),
        pytest.param("/api/v1/photos?limit=201", 422, id="page too long"),
        pytest.param("/api/v1/photos?emotion=bored", 400, id="no such emotion"),
        pytest.param("/api/v1/people?q=%00", 422, id="a letter no database keeps"),
        pytest.param("/api/v1/faces/99999999999999999999", 404, id="number beyond all ids"),
        pytest.param("/api/v1/moments?day=0001-01-01", 200, id="a day before all calendars"),
        pytest.param("/api/v1/predict", 405, id="other method"),
    ],
)
def test_refusals_are_problems(program: Client, path: str, status: int) -> None:
    answer = program.get(path)
    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        told = answer.json()
        assert told["status"] == status
        assert told["detail"]


def test_pages_hold_every_row_once(owner: User, program: Client) -> None:
    photos = {str(make_photo(owner, with_files=False).pk) for _ in range(5)}
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = program.get("/api/v1/photos", {"limit": "2", "cursor": cursor}).json()
        seen += [photo["id"] for photo in page["items"]]
        cursor = page["next_cursor"]
    assert cursor == ""
    assert len(seen) == 5
    assert set(seen) == photos


def test_the_schema_names_what_a_key_needs_and_how_it_is_refused(program: Client) -> None:
    schema = program.get("/api/v1/openapi.json").json()
    told = schema["paths"]["/api/v1/predict"]["post"]
    assert told["x-scope"] == "predict"
    assert told["security"] == [{"ApiKeyAuth": []}]
    assert "application/problem+json" in told["responses"]["403"]["content"]


def test_the_page_shows_every_operation_and_nothing_from_elsewhere(as_owner: Client) -> None:
    page = as_owner.get("/api/").content.decode()
    schema = api.get_openapi_schema()
    for methods in schema["paths"].values():
        for told in methods.values():
            assert f'id="{told["operationId"]}"' in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"type": "string", "format": "uuid"}, "uuid"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or nothing"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Face"}}, "list of Face"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "text to number"),
        ({"enum": ["sure", "perhaps"]}, "'sure' or 'perhaps'"),
    ],
)
def test_kinds_are_said_in_words(part: dict[str, object], words: str) -> None:
    assert kind_of(part) == words
