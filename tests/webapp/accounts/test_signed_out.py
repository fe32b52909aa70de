"""What a page that was left open answers after its user signed out in another tab."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.factories import PASSWORD
from webapp.accounts.models import User

SENTENCE = "You are signed out. Sign in again to go on."


@pytest.fixture
def left_open(as_owner: Client) -> Client:
    """A browser whose owner has signed out; its cookies are still there."""
    as_owner.post("/logout/")
    return as_owner


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        pytest.param("post", "/faces/7/name/", {"Accept": "application/json"}, id="a decision"),
        pytest.param("get", "/people/suggest/?q=a", {"Accept": "application/json"}, id="a list"),
        pytest.param("get", "/photos/", {"X-Fragment": "1"}, id="more cards of a grid"),
        pytest.param(
            "get",
            "/photos/",
            {"Accept": "text/html", "X-Requested-With": "fetch"},
            id="a page fetched again",
        ),
    ],
)
def test_a_script_is_told_that_it_is_signed_out(
    left_open: Client, method: str, path: str, headers: dict[str, str]
) -> None:
    response = getattr(left_open, method)(path, headers=headers)
    assert response.status_code == 401
    assert response.json() == {"error": SENTENCE}


def test_a_page_leads_to_itself_after_signing_in(left_open: Client) -> None:
    response = left_open.get("/photos/?faces=2", headers={"Accept": "text/html"})
    assert response.url == "/login/?next=/photos/%3Ffaces%3D2"


def _next(response: object) -> str:
    return parse_qs(urlsplit(response.url).query)["next"][0]  # type: ignore[attr-defined]


def test_a_form_leads_back_to_its_page_after_signing_in(left_open: Client) -> None:
    page = "http://testserver/photos/?faces=2"
    asked = left_open.post("/account/consent/", {"agree": "on"}, headers={"Referer": page})
    assert _next(asked) == "/photos/?faces=2"
    after = left_open.post(asked.url, {"username": "owner", "password": PASSWORD})
    assert left_open.get(after.url).status_code == 200


@pytest.mark.parametrize(
    "referer",
    [
        pytest.param("", id="none"),
        pytest.param("https://evil.example/photos/", id="another site"),
        pytest.param("http://testserver//evil.example/", id="another site in the path"),
        pytest.param("http://testserver", id="no path"),
        pytest.param("javascript:alert(1)", id="no address"),
    ],
)
def test_a_form_from_elsewhere_leads_home(left_open: Client, referer: str) -> None:
    headers = {"Referer": referer} if referer else {}
    assert _next(left_open.post("/account/consent/", headers=headers)) == "/"


def test_a_secure_site_does_not_lead_back_to_an_open_one(owner: User, client: Client) -> None:
    headers = {"Referer": "http://testserver/photos/"}
    response = client.post("/account/consent/", secure=True, headers=headers)
    assert _next(response) == "/"
