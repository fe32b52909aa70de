"""The files that start Encore elsewhere name what exists, and run as nobody special."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

REPOSITORY = Path(__file__).resolve().parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())
UNITS = sorted((REPOSITORY / "deploy" / "systemd").glob("*.service"))
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
OURS = {name: one for name, one in COMPOSE["services"].items() if one.get("image") == "encore"}


def assert_is_command(line: str) -> None:
    """Parse ``... manage.py NAME ARGUMENTS`` as Django would."""
    _, _, rest = line.partition("manage.py ")
    name, *arguments = shlex.split(rest.replace("%i", "vision"))
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)


@pytest.mark.parametrize("service", OURS)
def test_each_container_runs_a_command_that_exists(service: str) -> None:
    for line in re.findall(r"manage\.py [^&\"]+", OURS[service]["command"]):
        assert_is_command(line)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_each_unit_runs_a_command_that_exists_and_not_as_root(unit: Path) -> None:
    parsed = configparser.ConfigParser(interpolation=None, strict=False)
    parsed.optionxform = str  # type: ignore[method-assign, assignment]
    parsed.read(unit)

    assert parsed["Service"]["User"] == "encore"
    assert parsed["Service"]["NoNewPrivileges"] == "true"
    assert_is_command(parsed["Service"]["ExecStart"])


def test_every_setting_in_the_files_is_one_that_encore_reads() -> None:
    read = (REPOSITORY / "webapp" / "settings.py").read_text()
    files = [REPOSITORY / "compose.yaml", REPOSITORY / "Dockerfile", *UNITS]
    used = {
        name
        for file in files
        for name in re.findall(r"\b(ENCORE_[A-Z_]+)\s*[:=]", file.read_text())
    }
    # Read by the proxy and by compose alone.
    unknown = {name for name in used - {"ENCORE_SITE"} if f'"{name}"' not in read}

    assert used
    assert not unknown


def test_the_image_is_no_root_and_says_whether_it_lives() -> None:
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)

    assert users[-1] == "encore"
    assert "HEALTHCHECK" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE


def test_nothing_but_the_proxy_is_open_to_the_outside() -> None:
    assert [name for name, one in COMPOSE["services"].items() if "ports" in one] == ["proxy"]


def test_redis_writes_nothing_to_a_disk() -> None:
    assert shlex.split(COMPOSE["services"]["redis"]["command"]) == [
        *("redis-server", "--save", "", "--appendonly", "no")
    ]
    assert "volumes" not in COMPOSE["services"]["redis"]


def test_what_the_image_copies_is_there_and_enough() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    names = {name for line in copied for name in line.split()}

    assert all((REPOSITORY / name).exists() for name in names)
    assert {"webapp", "inference", "templates", "static", "manage.py"} <= names


@pytest.mark.parametrize("script", ["deploy/install-packages.sh", ".ci/run"])
def test_the_scripts_parse(script: str) -> None:
    shell = shutil.which("sh")
    assert shell is not None
    subprocess.run([shell, "-n", str(REPOSITORY / script)], check=True)
