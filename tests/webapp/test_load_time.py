"""The web process and the workers' main processes stay light: no model library is loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "torchvision", "cv2", "scipy", "inference", "av", "plotly"}
CODE = """
import importlib, importlib.util, json, sys
import django
django.setup()
importlib.import_module("webapp.urls")
importlib.import_module("webapp.asgi")
importlib.import_module("webapp.celery").app.loader.import_default_modules()
for app in ("core", "accounts", "photos", "people", "analysis", "live", "moments"):
    for module in ("urls", "views", "tasks", "stages", "consumers", "routing", "services"):
        name = f"webapp.{app}"
        if importlib.util.find_spec(name) and importlib.util.find_spec(f"{name}.{module}"):
            importlib.import_module(f"{name}.{module}")
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.timeout(60)
def test_importing_every_page_and_task_loads_no_model_library(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=REPOSITORY,
        env={
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            "ENCORE_DATA_DIR": str(tmp_path / "var"),
            "PATH": "/usr/bin",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert not loaded & HEAVY
    assert "django" in loaded
