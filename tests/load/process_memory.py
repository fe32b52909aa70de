# ruff: noqa: T201
"""What memory each process of an installation holds when all models are loaded.

``python -m tests.load.process_memory [--photos 20]`` starts an Encore of its own in a temporary
folder with all its processes, the engine included, uploads photos (the last one of 12 megapixels)
and a short video, and films with one camera. Then it reads the memory of every process from
``/proc``: the proportional set size, in which a page that several processes share counts once,
divided among them. Exits with 1 when all of them together hold more than 1.5 GB.
"""

import argparse
import asyncio
import base64
import io
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av
import httpx
import numpy as np
import psutil
from PIL import Image

from inference.evaluation.report import Section, save, table
from tests.live import LiveEncore, wait_until
from tests.load.live_load import Filming, make_picture, make_sessions
from tests.load.upload_load import Figures, photos, sign_in, upload_all

MOST_MEGABYTES = 1500.0
FILM_SECONDS = 8.0
FRAMES_PER_SECOND = 10.0
LARGE = (4000, 3000)
DONE_SECONDS = 1200.0
SETTLE_SECONDS = 25.0
"""After it every process has given back what it freed."""

VIDEO_SECONDS, VIDEO_RATE = 10, 25


@dataclass(frozen=True, slots=True)
class Held:
    """What one process holds, in megabytes.

    Attributes:
        name: What the process is for.
        proportional: Its own pages and its share of those that others have mapped as well.
        resident: All pages it has mapped.
        private: The pages that nobody else has.
    """

    name: str
    proportional: float
    resident: float
    private: float


def held_by(process: psutil.Process) -> Held:
    """Read what a process holds."""
    pages = {}
    for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, kilobytes, _ = line.split()
        pages[name.rstrip(":")] = int(kilobytes) / 1000
    private = pages["Private_Clean"] + pages["Private_Dirty"]
    return Held(purpose(process), pages["Pss"], pages["Rss"], private)


def purpose(process: psutil.Process) -> str:
    """Say what a process is for, by its command line and its parent's."""
    words = process.cmdline()
    if "up" in words:
        return "supervisor"
    if "inference.engine" in words:
        return "engine"
    if "serve" in words:
        return "web"
    if "work" in words:
        queue = words[words.index("work") + 1]
        parent = process.parent()
        is_job = parent is not None and "work" in parent.cmdline()
        return f"worker {queue}, {'jobs' if is_job else 'messages'}"
    scripts = [Path(word).stem for word in words if word.endswith(".py")]
    return ", ".join(scripts) or process.name()


def household(encore: LiveEncore) -> list[Held]:
    """Return what every process of an installation holds."""
    assert encore.process is not None
    held = []
    for process in [psutil.Process(encore.process.pid), *encore.children()]:
        with suppress(psutil.Error, OSError):
            held.append(held_by(process))
    return held


def large_photo() -> bytes:
    """Return a photo of 12 megapixels."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(photos(1)[0])) as image:
        image.resize(LARGE).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


async def use_everything(encore: LiveEncore, count: int) -> None:
    """Load every model: upload photos, wait until all is done to them, film."""
    async with httpx.AsyncClient(base_url=encore.url, timeout=60) as client:
        await sign_in(encore, client)
        figures = Figures()
        await upload_all(client, [*photos(count - 1), large_photo()], 4, figures)
        if figures.errors:
            raise SystemExit("; ".join(figures.errors))
        await asyncio.to_thread(wait_for_jobs, encore, "portrait")
        await upload_video(client)
    await asyncio.to_thread(wait_for_jobs, encore, "analyse-video")
    await film(encore)


async def upload_video(client: httpx.AsyncClient) -> None:
    """Upload a video of one face that moves."""
    headers = {
        "Tus-Resumable": "1.0.0",
        "Content-Type": "application/offset+octet-stream",
        "Upload-Metadata": "filename " + base64.b64encode(b"film.mp4").decode(),
    }
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        write_video(Path(file.name))
        content = Path(file.name).read_bytes()
    headers["Upload-Length"] = str(len(content))
    answer = await client.post("/upload/tus/videos/", content=content, headers=headers)
    if answer.status_code != 201:
        raise SystemExit(f"the video was refused: {answer.status_code} {answer.text[:200]}")


def write_video(path: Path) -> None:
    """Write ten seconds of 720p in which the picture of ``photos`` slides."""
    with Image.open(io.BytesIO(photos(1)[0])) as image, av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=VIDEO_RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for number in range(VIDEO_RATE * VIDEO_SECONDS):
            shown = Image.new("RGB", (1280, 720))
            shown.paste(image, (number // 4, 40))
            frame = av.VideoFrame.from_ndarray(np.asarray(shown), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def wait_for_jobs(encore: LiveEncore, last: str) -> None:
    """Wait until every job is done, and one of stage ``last`` among them."""
    open_jobs = "SELECT COUNT(*) FROM core_job WHERE state IN ('pending', 'running')"
    done = "SELECT COUNT(*) FROM core_job WHERE stage = ? AND state = 'done'"
    wait_until(
        lambda: encore.rows(done, last)[0][0] and not encore.rows(open_jobs)[0][0],
        DONE_SECONDS,
        f"not all jobs are done, {last} among them",
    )


async def film(encore: LiveEncore) -> None:
    """Film with one camera until its frames were answered for some seconds."""
    made = await asyncio.to_thread(make_sessions, encore, 1)
    camera = Filming(encore, *made[0], make_picture(40_000))
    start, end_at = asyncio.Event(), [0.0]
    filming = asyncio.create_task(camera.run(FRAMES_PER_SECOND, start, end_at))
    await camera.wait_until_ready()
    end_at[0] = time.monotonic() + FILM_SECONDS
    start.set()
    await filming
    if not camera.seen.results:
        raise SystemExit("the engine answered no frame")


def section(held: Sequence[Held], total: float, count: int) -> Section:
    """Return the figures for the report."""
    rows = [(one.name, one.proportional, one.private, one.resident) for one in held]
    rows.append(
        ("together", total, sum(one.private for one in held), sum(one.resident for one in held))
    )
    return Section(
        name="process_memory",
        title="Memory of all processes",
        metrics={"together_mb": total, **{one.name: one.proportional for one in held}},
        markdown=(
            f"After {count} photos, the last of 12 megapixels, a video and a camera, so every "
            "model is loaded in each process that uses it. Proportional: a page that several "
            "processes have mapped counts once, divided among them; this is what the machine "
            "gives. Resident counts it for each.\n\n"
            + table(("process", "proportional MB", "of its own", "resident"), rows)
        ),
    )


def main() -> int:
    """Measure and say whether the goal was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="encore-memory-") as folder:
        encore = LiveEncore(
            Path(folder) / "var", settings="webapp.settings", ENCORE_LIVE_ENGINE="true"
        )
        try:
            encore.start(seconds=120)
            asyncio.run(use_everything(encore, options.photos))
            time.sleep(SETTLE_SECONDS)
            held = household(encore)
        finally:
            encore.clean_up()
    total = sum(one.proportional for one in held)
    for one in held:
        print(
            f"{one.name:28} {one.proportional:7.1f} MB  private {one.private:7.1f}  "
            f"resident {one.resident:7.1f}"
        )
    print(f"{'together':28} {total:7.1f} MB (at most {MOST_MEGABYTES:.0f})")
    save(section(held, total, options.photos))
    return 0 if total <= MOST_MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
