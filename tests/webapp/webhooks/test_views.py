"""The pages of webhooks: the secret is shown once, what was told is listed, others see nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from webapp.accounts.models import User
from webapp.webhooks import services
from webapp.webhooks.models import Delivery, Webhook
from webapp.webhooks.services import make_webhook
from webapp.webhooks.signing import secret_of

PAGE = "/webhooks/"
FIELDS = {"address": "http://127.0.0.1:9/encore", "kinds": ["moment_ready"]}


def test_the_secret_is_shown_once(as_owner: Client, settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = True
    answer = as_owner.post(PAGE, FIELDS)
    secret = secret_of(Webhook.objects.get())
    assert secret in answer.text
    assert answer.headers["Cache-Control"].find("no-store") >= 0
    again = as_owner.get(PAGE).text
    assert secret not in again
    assert FIELDS["address"] in again


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "https://127.0.0.1/", "nonsense"])
def test_an_address_that_may_not_be_told_is_refused(as_owner: Client, address: str) -> None:
    answer = as_owner.post(PAGE, {**FIELDS, "address": address})
    assert answer.status_code == 400
    assert 'class="field-error"' in answer.text
    assert not Webhook.objects.exists()


def test_too_many_are_refused_in_words(
    as_owner: Client, owner: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = True
    monkeypatch.setattr(services, "MOST_WEBHOOKS", 1)
    as_owner.post(PAGE, FIELDS)
    assert "Delete one first" in as_owner.post(PAGE, FIELDS).text
    assert Webhook.objects.count() == 1


def test_what_was_told_is_listed_and_can_be_sent_again(as_owner: Client, owner: User) -> None:
    hook = make_webhook(owner, "https://example.org/", ["moment_ready"])
    one = Delivery.objects.create(
        webhook=hook,
        kind="moment_ready",
        content={},
        state="failed",
        status=500,
        attempts=6,
        trouble="The server did not take it.",
    )
    page = as_owner.get(reverse("webhooks:webhook", args=[hook.pk])).text
    for words in ("500", "Given up", "The server did not take it.", "6 tries"):
        assert words in page
    as_owner.post(reverse("webhooks:again", args=[hook.pk, one.pk]))
    one.refresh_from_db()
    assert (one.state, one.attempts) == (Delivery.State.WAITING, 0)
    as_owner.post(reverse("webhooks:delete", args=[hook.pk]))
    assert not Delivery.objects.exists()


def test_only_whoever_runs_the_installation_has_webhooks(client: Client, owner: User) -> None:
    member = make_user("member")
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    hook = make_webhook(owner, "https://example.org/", ["moment_ready"])
    assert client.get(PAGE).status_code == 403
    assert client.get(reverse("webhooks:webhook", args=[hook.pk])).status_code == 404
    own = make_webhook(member, "https://example.org/", ["moment_ready"])
    assert client.get(reverse("webhooks:webhook", args=[own.pk])).status_code == 404
