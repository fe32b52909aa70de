"""The web process and the workers' main processes stay light: no model library is loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "torchvision", "cv2", "scipy", "sklearn", "av", "plotly"}
LOADED_BY_JOBS = {"webapp.moments.reel.filming"}
"""Imported inside the jobs that need them, in the processes that have the models anyway."""
CODE = """
import importlib, json, pkgutil, sys
import django
django.setup()
import webapp
importlib.import_module("webapp.asgi")
importlib.import_module("webapp.celery").app.loader.import_default_modules()
names = [module.name for module in pkgutil.walk_packages(webapp.__path__, "webapp.")]
skipped = set(sys.argv[1:])
for name in names:
    if name.startswith("webapp.vision.") or ".migrations" in name or name in skipped:
        continue
    importlib.import_module(name)
print(json.dumps([len(names), sorted(sys.modules)]))
"""


@pytest.mark.timeout(60)
def test_importing_every_module_of_every_app_loads_no_model_library(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, *LOADED_BY_JOBS],
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
    count, loaded = json.loads(done.stdout)
    assert count > 150
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    ours = {name for name in loaded if name.partition(".")[0] == "inference"}
    assert not {name for name in ours if not name.startswith("inference.protocol")} - {"inference"}
