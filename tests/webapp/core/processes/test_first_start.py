"""The first start in an empty folder, and what an installation leaves on disk."""

import os
import re
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.live import REPOSITORY, LiveEncore, wait_until

pytestmark = pytest.mark.timeout(120)


def test_the_first_start_is_private_and_prints_a_link_for_the_owner(tmp_path: Path) -> None:
    encore = LiveEncore(tmp_path / "var", settings="webapp.settings", is_prepared=False)
    try:
        encore.start()
        link = wait_until(
            lambda: re.search(r"http://localhost:\d+(/setup/\S+)", encore.log.read_text()),
            10,
            "no set-up link was printed",
        )
        with urllib.request.urlopen(encore.url + link[1]) as page:  # noqa: S310
            assert b"password" in page.read()
        web = wait_until(lambda: encore.child("serve"), 10, "no web process")
        addresses = {
            connection.laddr.ip
            for connection in web.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        }
        assert addresses == {"127.0.0.1"}
        _assert_private(encore.folder)
        encore.stop()
        _assert_private(encore.folder)
    finally:
        encore.clean_up()
    assert encore.rows("SELECT COUNT(*) FROM accounts_user") == [(0,)]


def _assert_private(folder: Path) -> None:
    """Every folder is 0700 and every file 0600."""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / "secret-key").is_file()
    assert (folder / "push-key").is_file()
    for path in folder.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, f"{path} has mode {mode:o}"


def _setting(folder: Path, expression: str, **extra: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "ENCORE_DATA_DIR": str(folder), **extra}
    return subprocess.run(
        [sys.executable, "-c", f"from webapp import settings; print({expression})"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_defaults_are_safe(tmp_path: Path) -> None:
    done = _setting(tmp_path / "var", "settings.DEBUG, settings.HOST, len(settings.SECRET_KEY)")
    assert done.stdout.strip() == "False 127.0.0.1 50"


@pytest.mark.parametrize("name", ["SECRET_KEY", "PUSH_KEY"])
def test_a_key_is_made_once(tmp_path: Path, name: str) -> None:
    first = _setting(tmp_path / "var", f"settings.{name}").stdout
    second = _setting(tmp_path / "var", f"settings.{name}").stdout
    other = _setting(tmp_path / "other", f"settings.{name}").stdout
    assert first == second != other
    file = tmp_path / "var" / name.lower().replace("_", "-")
    assert file.read_text() == first.strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_open_data_folder_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    _setting(folder, "1")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENCORE_DEBUG", "yes"),
        ("ENCORE_PORT", "eighty"),
        ("ENCORE_PORT", "70000"),
        ("ENCORE_DETECTOR", "best"),
        ("ENCORE_DATABASE_URL", "mysql://localhost/encore"),
        ("ENCORE_PUSH_KEY", "AAAA"),
        ("ENCORE_PUSH_KEY", "no base64"),
        ("ENCORE_PUSH_KEY", "_" * 43),
    ],
)
def test_a_wrong_setting_is_named_at_the_start(tmp_path: Path, name: str, value: str) -> None:
    done = _setting(tmp_path / "var", "1", **{name: value})
    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]


def test_a_database_url_becomes_postgresql(tmp_path: Path) -> None:
    url = "postgresql://fan:p%40ss@db.local:5433/encore"
    done = _setting(tmp_path / "var", "settings.DATABASES['default']", ENCORE_DATABASE_URL=url)
    for part in ("'encore'", "'fan'", "'p@ss'", "'db.local'", "'5433'"):
        assert part in done.stdout


def test_the_https_profile_passes_djangos_deployment_check(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=REPOSITORY,
        env={
            "PATH": os.environ["PATH"],
            "ENCORE_DATA_DIR": str(tmp_path / "var"),
            "ENCORE_HTTPS": "true",
            "ENCORE_ALLOWED_HOSTS": "photos.example",
            "ENCORE_TRUSTED_PROXIES": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
