"""How long a prediction takes beside the models' own time: ``predict_load PICTURE``.

The site runs with its real workers. The models' own time is taken in a process of its own, as nice
as the worker, by the same calls on the same picture, decoded before; both take turns, so that a
busy machine slows both alike.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.live import LiveEncore

ROUNDS = 9
WARM_UP = 3
KEY = """
from webapp.accounts.keys import make_key
from webapp.accounts.models import User
from webapp.accounts.services import give_consent
owner = User.objects.create_user("owner", is_staff=True)
give_consent(owner)
print(make_key(owner, "load", ["predict"], None).token)
"""
OWN = """
import os, sys, time
os.nice(10)
from pathlib import Path
from webapp.vision.models.adapter import read_image
from webapp.vision.models.loading import face_pipeline
image = read_image(Path(sys.argv[1]))
pipeline = face_pipeline()
for line in sys.stdin:
    begun = time.perf_counter()
    faces = pipeline.find_faces(image)
    pipeline.quality(image, faces)
    pipeline.embed_raw(image, faces)
    pipeline.classify_emotions(image, faces)
    print(time.perf_counter() - begun, len(faces), flush=True)
"""


def main(picture: Path) -> None:
    """Measure and print one line of JSON."""
    with tempfile.TemporaryDirectory() as folder:
        encore = LiveEncore(Path(folder) / "var", settings="webapp.settings")
        try:
            encore.start()
            token = encore.python(KEY)
            sys.stdout.write(json.dumps(_measure(encore, token, picture)) + "\n")
        finally:
            encore.clean_up()


def _measure(encore: LiveEncore, token: str, picture: Path) -> dict[str, float]:
    client = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=130)
    own = subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup()\n" + OWN, str(picture)],
        env=encore.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert own.stdin is not None
    assert own.stdout is not None
    asked, models, count = [], [], 0
    for _ in range(WARM_UP + ROUNDS):
        begun = time.perf_counter()
        answer = client.post(
            f"{encore.url}/api/v1/predict", files={"pictures": picture.read_bytes()}
        )
        asked.append(time.perf_counter() - begun)
        answer.raise_for_status()
        own.stdin.write("go\n")
        own.stdin.flush()
        seconds, found = own.stdout.readline().split()
        models.append(float(seconds))
        count = len(answer.json()["pictures"][0]["faces"])
        assert count == int(found)
    own.stdin.close()
    own.wait()
    warm, own_warm = asked[WARM_UP:], models[WARM_UP:]
    return {
        "faces": count,
        "cores": os.cpu_count() or 0,
        "predict_seconds": round(statistics.median(warm), 3),
        "models_seconds": round(statistics.median(own_warm), 3),
        "ratio": round(statistics.median(warm) / statistics.median(own_warm), 2),
        "ratio_of_best": round(min(warm) / min(own_warm), 2),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
