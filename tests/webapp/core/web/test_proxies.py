"""A proxy in front that is not trusted is pointed out, and one that is trusted is not."""

import logging

import pytest
from django.test import Client, override_settings

from webapp.core.checks import check_proxies
from webapp.core.web.proxies import ADVICE, ProxyWarningMiddleware

FORWARDED = {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}


@pytest.fixture(autouse=True)
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProxyWarningMiddleware, "is_behind_unknown_proxy", False)


def test_an_unknown_proxy_is_logged_once_and_shown_to_the_owner(
    as_owner: Client, caplog: pytest.LogCaptureFixture
) -> None:
    assert ADVICE not in as_owner.get("/health/").content.decode()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            as_owner.get("/health/live/", **FORWARDED)  # type: ignore[arg-type]
    assert [record.message for record in caplog.records if ADVICE in record.message] == [
        f"a proxy passes requests on, but none is trusted. {ADVICE}"
    ]
    assert "203.0.113.7" not in caplog.text
    assert ADVICE in as_owner.get("/health/").content.decode()


def test_a_trusted_proxy_is_no_news(client: Client) -> None:
    with override_settings(TRUSTED_PROXIES=1):
        client.get("/health/live/", **FORWARDED)  # type: ignore[arg-type]
    assert not ProxyWarningMiddleware.is_behind_unknown_proxy


def test_a_stranger_far_away_cannot_make_the_warning_appear(client: Client) -> None:
    client.get("/health/live/", REMOTE_ADDR="8.8.4.4", **FORWARDED)  # type: ignore[arg-type]
    assert not ProxyWarningMiddleware.is_behind_unknown_proxy


@pytest.mark.parametrize(
    ("https", "proxies", "warnings"), [(True, 0, 1), (True, 1, 0), (False, 0, 0)]
)
def test_https_without_a_trusted_proxy_is_told_at_the_start(
    https: bool, proxies: int, warnings: int
) -> None:
    with override_settings(HTTPS=https, TRUSTED_PROXIES=proxies):
        assert len(check_proxies(None)) == warnings
