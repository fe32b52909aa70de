"""Headers on every answer, and plain words for a full disk or a busy database."""

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from webapp.accounts.models import User
from webapp.core.web.middleware import TroubleMiddleware

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
DIRECTIVES = {
    "default-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "img-src 'self' blob:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
}


@pytest.mark.parametrize(
    ("address", "status"),
    [("/login/", 200), ("/account/", 200), ("/health/", 200), ("/nowhere/", 404), ("/", 302)],
)
def test_every_page_carries_the_headers(as_owner: Client, address: str, status: int) -> None:
    response = as_owner.get(address, headers={"Accept": "text/html"})
    if address != "/login/":
        assert response.status_code == status
    for name, value in HEADERS.items():
        assert response.headers[name] == value, name
    policy = set(response.headers["Content-Security-Policy"].split("; "))
    assert policy >= DIRECTIVES
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    cache = response.headers["Cache-Control"]
    assert "private" in cache
    assert "no-store" in cache


def test_a_page_has_no_inline_script_or_style(as_owner: Client) -> None:
    for address in ("/account/", "/health/", "/nowhere/"):
        content = as_owner.get(address, headers={"Accept": "text/html"}).content.decode()
        assert " style=" not in content, address
        assert "<style" not in content, address
        assert "onclick=" not in content, address
        for tag in content.split("<script")[1:]:
            opening = tag.split(">")[0]
            assert "src=" in opening or "application/json" in opening, address


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(OSError(errno.ENOSPC, "No space left on device"), 507, id="disk full"),
        pytest.param(OSError(errno.EDQUOT, "Quota exceeded"), 507, id="quota exceeded"),
        pytest.param(OperationalError("database or disk is full"), 507, id="no space for SQLite"),
        pytest.param(OperationalError("database is locked"), 503, id="database locked"),
    ],
)
def test_a_trouble_that_passes_is_named(rf: RequestFactory, error: Exception, status: int) -> None:
    middleware = TroubleMiddleware(lambda _request: HttpResponse())
    for accept in ("text/html", "application/json"):
        response = middleware.process_exception(rf.get("/", headers={"Accept": accept}), error)
        assert response is not None
        assert response.status_code == status
        assert (response.headers.get("Retry-After") is not None) == (status == 503)


def test_a_mistake_of_the_code_is_not_called_a_busy_database(rf: RequestFactory) -> None:
    middleware = TroubleMiddleware(lambda _request: HttpResponse())
    for error in (ZeroDivisionError(), OperationalError("no such table: core_job"), OSError(2, "")):
        assert middleware.process_exception(rf.get("/"), error) is None


def _write(_request: HttpRequest) -> HttpResponse:
    User.objects.create_user("written")
    return HttpResponse(status=201)


urlpatterns = [path("write/", _write)]


@pytest.fixture
def locked() -> Callable[[], sqlite3.Connection]:
    """Take the database's write lock from outside."""

    def lock() -> sqlite3.Connection:
        name = str(connection.settings_dict["NAME"])
        other = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        return other

    return lock


@pytest.mark.django_db(transaction=True)
@override_settings(ROOT_URLCONF=__name__)
def test_a_database_locked_for_too_long_is_503_and_works_again_afterwards(
    locked: Callable[[], sqlite3.Connection], member: User
) -> None:
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=200")
    other = locked()
    response = client.post("/write/")
    other.rollback()
    other.close()
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert client.post("/write/").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_the_product_waits_twenty_seconds_for_a_lock(data_folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone() == (20_000,)
