"""What a browser needs to install Encore, and what it may keep."""

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image


def test_the_manifest_names_icons_of_the_size_it_says(client: Client, db: None) -> None:
    described = client.get("/manifest.webmanifest")
    assert described.headers["Content-Type"] == "application/manifest+json"
    for icon in described.json()["icons"]:
        found = finders.find(icon["src"].removeprefix(settings.STATIC_URL))
        assert isinstance(found, str)
        with Image.open(found) as image:
            assert "{}x{}".format(*image.size) == icon["sizes"]


def test_photos_are_shared_with_an_address_that_leads_to_the_upload_page(
    client: Client, as_owner: Client
) -> None:
    target = client.get("/manifest.webmanifest").json()["share_target"]
    assert target["params"]["files"][0]["name"] == "photos"
    assert as_owner.get(target["action"]).headers["Location"] == "/upload/"


def test_the_worker_may_serve_every_page(client: Client, db: None) -> None:
    answer = client.get("/service-worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert b"/offline/" in answer.content


def test_the_page_for_no_server_holds_nothing_of_a_user(as_owner: Client) -> None:
    page = as_owner.get("/offline/").content.decode()
    assert "cannot be reached" in page
    assert "owner" not in page
    assert "csrf" not in page
