"""The database's URL, read by PostgreSQL's own library."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from webapp import env

NAME = "ENCORE_DATABASE_URL"


def read(monkeypatch: pytest.MonkeyPatch, url: str) -> dict[str, Any]:
    monkeypatch.setenv(NAME, url)
    return env.database(NAME, Path("unused.sqlite3"))


def test_options_of_the_url_reach_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(
        monkeypatch,
        "postgresql://me:p%40ss@db.example:5433/encore?sslmode=verify-full&sslrootcert=/etc/a%20b",
    )
    assert (found["USER"], found["PASSWORD"]) == ("me", "p@ss")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "encore")
    assert found["OPTIONS"]["sslmode"] == "verify-full"
    assert found["OPTIONS"]["sslrootcert"] == "/etc/a b"


def test_several_hosts_and_a_socket_folder_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    several = read(monkeypatch, "postgresql://me@one:1,two:2/encore")
    assert (several["HOST"], several["PORT"]) == ("one,two", "1,2")
    assert read(monkeypatch, "postgresql:///encore?host=/run/postgresql")["HOST"] == (
        "/run/postgresql"
    )


def test_a_silent_server_is_given_up_soon_unless_the_url_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read(monkeypatch, "postgresql://h/n")["OPTIONS"] == env.POSTGRES_PATIENCE
    asked = read(monkeypatch, "postgresql://h/n?connect_timeout=60")
    assert asked["OPTIONS"]["connect_timeout"] == "60"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("postgresql://me:secret@h/n?sslmod=require", "'sslmod'", id="unknown option"),
        pytest.param("postgresql://me:secret@h/n?pool=true", "'pool'", id="not an option of libpq"),
        pytest.param("postgresql://me:secret%zz@h/n", "percent-encode", id="password not encoded"),
        pytest.param("mysql://me:secret@h/n", "postgresql://user", id="another database"),
        pytest.param("host=h password=secret", "postgresql://user", id="not a URL"),
    ],
)
def test_a_url_that_would_be_misread_is_refused_without_repeating_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str, words: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(monkeypatch, url)
    assert words in str(refusal.value)
    assert NAME in str(refusal.value)
    assert "secret" not in str(refusal.value)
