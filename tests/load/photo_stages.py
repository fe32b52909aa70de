# ruff: noqa: T201
"""What a photo costs in processor time, from its upload to its portrait.

``python -m tests.load.photo_stages FOLDER [--photos 10] [--rounds 4]`` brings pictures of a folder
to 0.3 megapixels, uploads them through Django's test client, and does all their jobs as a worker
does, decoders in processes of their own included. To compare two versions, run it in a checkout of
each by turns: what else the machine does changes the seconds on the wall, and these hardly.
"""

import argparse
import io
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import psutil
from PIL import Image

PIXELS = 300_000
MOST_ENLARGED = 3.0
WARM_UP = 5
"""So many photos load the models and start the decoders."""

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def pictures(folder: Path) -> Iterator[bytes]:
    """Yield pictures of a folder, always in the same order, all of one size in pixels."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    random.Random(5).shuffle(paths)  # noqa: S311 - nothing secret
    for path in paths:
        image = Image.open(path).convert("RGB")
        scale = (PIXELS / (image.width * image.height)) ** 0.5
        if scale <= MOST_ENLARGED:
            size = (round(scale * image.width), round(scale * image.height))
            buffer = io.BytesIO()
            image.resize(size, Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=90)
            yield buffer.getvalue()


def processor_seconds() -> float:
    """Return what this process and all below it have computed, those that have ended included."""
    total = 0.0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


class Site:
    """A site in this process: one user, a client, and the worker's own code."""

    def __init__(self) -> None:
        from django.core.management import call_command
        from django.test import Client
        from django.utils import timezone

        from webapp.accounts.models import Consent, User
        from webapp.core.files import installation

        call_command("migrate", verbosity=0)
        user = User.objects.create_user(username="load", is_staff=True)
        Consent.objects.create(user=user, text_version="load", given_at=timezone.now())
        installation.adopt()
        self._client = Client(HTTP_HOST="localhost")
        self._client.force_login(user)

    def bring_in(self, contents: Sequence[bytes]) -> None:
        """Upload photos, and do all that follows."""
        for content in contents:
            answer = self._client.post(
                "/upload/tus/",
                data=content,
                content_type="application/offset+octet-stream",
                headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(len(content))},
            )
            assert answer.status_code == 201, answer.content[:300]
        self._work()

    def _work(self) -> None:
        from webapp.core.jobs.tasks import perform
        from webapp.core.models import Job

        pending = Job.objects.filter(state=Job.State.PENDING).order_by("pk")
        while rows := list(pending.values_list("pk", flat=True)):
            for pk in rows:
                perform(pk)
        assert not Job.objects.exclude(state=Job.State.DONE).exists()


def main() -> None:
    """Measure and print, round by round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=10, help="in a round")
    parser.add_argument("--rounds", type=int, default=4)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="encore-stages-") as data:
        os.environ |= {"ENCORE_DATA_DIR": data, "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        os.environ["ENCORE_DEBUG"] = "true"  # Over http, as the test client speaks it.
        import django

        django.setup()
        site, contents = Site(), pictures(arguments.folder)
        site.bring_in(list(islice(contents, WARM_UP)))
        for number in range(1, arguments.rounds + 1):
            photos = list(islice(contents, arguments.photos))
            computed, began = processor_seconds(), time.perf_counter()
            site.bring_in(photos)
            computed, lasted = processor_seconds() - computed, time.perf_counter() - began
            print(
                f"round {number}: {len(photos)} photos, {computed / len(photos):.3f} s of "
                f"processor time and {lasted / len(photos):.3f} s each",
                flush=True,
            )


if __name__ == "__main__":
    main()
