"""The choice between light, dark and the system's own."""

import pytest
from django.test import Client

from webapp.core.web.appearance import COOKIE


@pytest.mark.parametrize(
    ("theme", "media"),
    [
        ("light", 'media="all"'),
        ("dark", 'media="not all"'),
        ("system", 'media="(prefers-color-scheme: light)"'),
        ('"><script>', 'media="(prefers-color-scheme: light)"'),
    ],
)
def test_a_choice_is_in_the_page_from_its_first_byte(
    db: None, client: Client, theme: str, media: str
) -> None:
    chosen = client.post("/appearance/", {"theme": theme, "next": "/login/?next=/photos/"})
    assert chosen.headers["Location"] == "/login/?next=/photos/"
    page = client.get("/login/").content.decode()
    assert media in page
    assert f'data-theme="{theme if theme in ("light", "dark") else ""}"' in page


def test_a_choice_never_leads_away_from_this_site(client: Client) -> None:
    for address in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", ""):
        chosen = client.post("/appearance/", {"theme": "light", "next": address})
        assert chosen.headers["Location"] == "/"


def test_a_choice_is_made_by_a_form_only(client: Client) -> None:
    assert client.get("/appearance/").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/appearance/", {}).status_code == 403


def test_a_request_without_a_choice_changes_nothing(client: Client) -> None:
    assert COOKIE not in client.post("/appearance/", {"next": "/"}).cookies
