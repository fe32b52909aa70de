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


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("gpu1:7700", ("gpu1", 7700)), ("10.0.0.2:1", ("10.0.0.2", 1)), ("[::1]:7700", ("::1", 7700))],
)
def test_an_address_is_a_host_and_a_port(raw: str, expected: tuple[str, int]) -> None:
    assert env.address("ENCORE_X", raw) == expected


@pytest.mark.parametrize("raw", ["gpu1", ":7700", "gpu1:", "gpu1:0", "gpu1:65536", "tls://gpu1:7"])
def test_what_is_no_address_is_named(raw: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="write host:port"):
        env.address("ENCORE_X", raw)


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ENCORE_X", str(tmp_path / "ca.pem"))
    with pytest.raises(ImproperlyConfigured, match="no such file"):
        env.file("ENCORE_X")
    (tmp_path / "ca.pem").write_text("")
    assert env.file("ENCORE_X") == (tmp_path / "ca.pem").resolve()
    monkeypatch.delenv("ENCORE_X")
    assert env.file("ENCORE_X") is None


def test_folders_are_whole_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCORE_IMPORT_ROOTS", "/srv/photos, /mnt/card reader,")
    assert env.folders("ENCORE_IMPORT_ROOTS") == [Path("/srv/photos"), Path("/mnt/card reader")]
    monkeypatch.setenv("ENCORE_IMPORT_ROOTS", "/srv/photos,photos")
    with pytest.raises(ImproperlyConfigured, match="'photos': write whole paths"):
        env.folders("ENCORE_IMPORT_ROOTS")
