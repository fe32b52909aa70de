"""Servers that Encore can use but does not need, started for one test: PostgreSQL and Redis."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests.live import free_port, wait_until

USER = "encore"


def postgres_programs() -> Path:
    """Return the folder of PostgreSQL's programs; skip the test where there is none."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not folders:
        pytest.skip("PostgreSQL is not installed (no initdb)")
    return folders[-1].parent


class Postgres:
    """A cluster of its own, without durability, for this machine only.

    Args:
        folder: Where it lies, or lay before; without one it is in a temporary folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._programs = postgres_programs()
        self._folder = folder or Path(tempfile.mkdtemp(prefix="encore-postgres-"))
        self._folder.mkdir(parents=True, exist_ok=True)
        self._account = _unprivileged_account(self._folder)
        self.port = free_port()
        data = self._folder / "data"
        is_new = not data.exists()
        if is_new:
            self._run(
                "initdb", "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"
            )
        self.start()
        if is_new:
            self.rows("CREATE DATABASE encore", database="postgres")

    def start(self) -> None:
        """Start the server on what it holds and wait until it answers."""
        self._process = subprocess.Popen(
            [
                str(self._programs / "postgres"),
                *("-D", str(self._folder / "data"), "-p", str(self.port), "-k", str(self._folder)),
                *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
            ],
            cwd=self._folder,
            stderr=subprocess.DEVNULL,
            **self._account,
        )
        wait_until(self._answers, 60, "PostgreSQL does not answer")

    @property
    def url(self) -> str:
        """Value of ``ENCORE_DATABASE_URL``."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/encore"

    def rows(self, sql: str, *values: Any, database: str = "encore") -> list[tuple[Any, ...]]:
        """Run one statement, past Django."""
        address = f"host=127.0.0.1 port={self.port} user={USER} dbname={database}"
        with closing(psycopg.connect(address, autocommit=True)) as connection:
            cursor = connection.execute(sql, values)  # type: ignore[call-overload]
            return list(cursor.fetchall()) if cursor.description else []

    def go_away(self) -> None:
        """End the server as its service manager would, cutting every connection."""
        self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown.
        self._process.wait(30)

    def stop(self) -> None:
        """End the server and remove its files."""
        if self._process.poll() is None:
            self.go_away()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            self.rows("SELECT 1", database="postgres")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **self._account,
        )
        assert done.returncode == 0, done.stderr


class Redis:
    """A server without persistence: what it held is gone when it is killed."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("Redis is not installed (no redis-server)")
        self._program = program
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        """Value of ``ENCORE_REDIS_URL``."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        self._process = subprocess.Popen(
            [self._program, "--port", str(self.port), "--bind", "127.0.0.1",
             "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self._answers, 30, "Redis does not answer")

    def holds(self, key: str) -> bool:
        """Whether something is kept under this key."""
        with redis.Redis.from_url(self.url) as client:
            return bool(client.exists(key))

    def kept(self) -> list[str]:
        """Return under which names anything is kept."""
        with redis.Redis.from_url(self.url) as client:
            return [key.decode() for key in client.scan_iter()]

    def kill(self) -> None:
        """Kill it, as the out-of-memory killer would."""
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


def _unprivileged_account(folder: Path) -> dict[str, Any]:
    """Return how to start a process as somebody else than root, who then owns the folder.

    PostgreSQL refuses to run as root.
    """
    if os.geteuid() != 0:
        return {}
    names = [entry.pw_name for entry in pwd.getpwall()]
    account = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
