"""What the log holds after photos were uploaded, named and searched for: ids, and no more."""

import logging
from collections.abc import Callable
from uuid import UUID

import numpy as np
import pytest
from django.test import Client

from tests.factories import PASSWORD
from tests.webapp.analysis.cast import FakeModels, embedding, seen_face
from tests.webapp.photos.conftest import Tus, picture
from webapp.accounts.models import User
from webapp.analysis.models import DetectedFace
from webapp.photos.models import Photo

PERSON, GROUP, CONCERT = "Lalisa Manobal", "Secretpink", "Hidden Arena"
FILES = ("backstage-lisa.jpg", "broken-rose.jpg", "poison-jennie.jpg")
WRONG_PASSWORD = "wrong battery staple"
OF_LISA = embedding(1, towards=2, similarity=0.8317)


@pytest.fixture
def browser(consenting_owner: User) -> Client:
    """A browser that mistyped the password once and is signed in now, with a CSRF cookie."""
    browser = Client()
    for password in (WRONG_PASSWORD, PASSWORD):
        browser.post("/login/", {"username": consenting_owner.username, "password": password})
    browser.get("/account/")
    assert {"sessionid", "csrftoken"} <= set(browser.cookies)
    return browser


def live_the_photo_job(browser: Client, models: FakeModels, run_jobs: Callable[[], int]) -> None:
    """Upload good, unreadable and unlucky photos, name a face, search, get lost, delete."""
    browser.post("/concerts/new/", {"name": CONCERT, "artists": GROUP})
    tus = Tus(browser)
    good, unlucky = (
        UUID(tus.whole(picture(seed=seed), name).json()["photo"])
        for seed, name in ((1, FILES[0]), (2, FILES[2]))
    )
    tus.whole(picture(seed=3)[:-200], FILES[1])
    tus.whole(b"no photo at all", FILES[1])
    models.faces[good] = [seen_face(0, OF_LISA)]
    run_jobs()
    models.trouble["find_faces"] = RuntimeError("the model broke")
    browser.post(f"/photos/{unlucky}/retry/", {"stage": "recognise"})
    face = DetectedFace.objects.get(photo_id=good)
    browser.post(f"/faces/{face.pk}/name/", {"name": PERSON, "group": GROUP})
    run_jobs()
    browser.get("/people/suggest/", {"q": PERSON})
    browser.get(f"/photos/?person={PERSON}&emotion=happy")
    browser.get(f"/nowhere/{PERSON}/?q={PERSON}")
    browser.post(f"/photos/{good}/delete/")
    run_jobs()


def secrets_of(browser: Client) -> list[str]:
    numbers = [f"{number:.4f}" for number in np.frombuffer(OF_LISA, "<f4") if number]
    cookies = [morsel.value for morsel in browser.cookies.values()]
    return [PERSON, PERSON.split()[0], GROUP, CONCERT, *FILES, PASSWORD, WRONG_PASSWORD, "owner",
            *numbers, *cookies]  # fmt: skip


def test_the_log_of_a_full_run_holds_no_name_cookie_password_or_embedding(
    browser: Client,
    models: FakeModels,
    run_jobs: Callable[[], int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        live_the_photo_job(browser, models, run_jobs)
        logging.getLogger("webapp.core").info("the run is over")
    assert Photo.objects.count() >= 1
    assert "the run is over" in caplog.text
    assert "broke" in caplog.text  # The failed job was logged, so there was something to leak.
    lines = caplog.text.splitlines()
    assert [line for line in lines for secret in secrets_of(browser) if secret in line] == []
