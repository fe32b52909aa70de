"""The engine as a process of its own, with the real networks, on a pan over a real face."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.engine.galleries import LiveGallery
from inference.engine.live.engine import LiveEngine
from inference.engine.models import ShippedModels
from inference.protocol.messages import Header, Result
from inference.protocol.wire import Decoder, Message, encode
from inference.recognition.gallery import Gallery
from inference.types import RGBImage
from tests.inference.engine.fakes import frame, jpeg

pytestmark = pytest.mark.weights

REPOSITORY = Path(__file__).resolve().parents[3]
START_SECONDS = 120


def astronaut() -> RGBImage:
    from skimage import data

    photo: RGBImage = data.astronaut()  # type: ignore[no-untyped-call]
    return photo


def pan() -> Iterator[RGBImage]:
    """Yield 40 frames of 640x360 that pass over one face, and leave it."""
    photo = cv2.resize(astronaut(), (340, 340), interpolation=cv2.INTER_AREA)
    wall = np.full((360, 1400, 3), 60, dtype=np.uint8)
    wall[10:350, 400:740] = photo
    for index in range(40):
        left = int(index * 760 / 39)
        yield np.ascontiguousarray(wall[:, left : left + 640])


def test_one_person_is_one_track_with_one_name_while_the_camera_pans() -> None:
    models = ShippedModels()
    photo = astronaut()
    (face,) = models.detect(photo)[:1]
    engine = LiveEngine(models)
    engine.open((1, "stage"), "fans")
    space = models.space
    people = Gallery(["eileen"], space.apply(models.embed([(photo, face)])), space.threshold)
    engine.put_gallery(1, "fans", LiveGallery(1, people, {"eileen": "Eileen"}, space))
    results: list[Result] = []
    for number, image in enumerate(pan()):
        engine.submit(frame(jpeg(image), number))
        ((_, answer),) = engine.step()
        assert answer["type"] == "result"
        results.append(answer)
    faces = [face for result in results for face in result["faces"]]
    assert {face["track"] for face in faces} == {1}
    assert {face["name"] for face in faces[4:]} == {"Eileen"}
    assert not any(len(result["faces"]) != 1 for result in results[:28])
    assert not all(result["detected"] for result in results)


def start(path: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "inference.engine", "--socket", str(path), "--threads", "1"]
    return subprocess.Popen([*command, *options], cwd=REPOSITORY, stderr=subprocess.DEVNULL)


def ask(path: Path, *messages: tuple[Header, bytes]) -> Message:
    """Connect as soon as the engine listens, and return its first answer."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(START_SECONDS)
            try:
                client.connect(str(path))
            except OSError:
                time.sleep(0.05)
                continue
            client.sendall(b"".join(encode(*message) for message in messages))
            decoder = Decoder()
            while data := client.recv(65_536):
                for message in decoder.feed(data):
                    return message
    raise AssertionError("the engine does not answer")


def test_a_killed_engine_leaves_a_socket_that_the_next_one_takes_over(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    first = start(path)
    try:
        assert ask(path, ({"type": "hello", "version": 1}, b"")).type == "welcome"
    finally:
        first.kill()
        first.wait()
    second = start(path)
    try:
        opened: Header = {"type": "open", "camera": "stage"}
        sent: Header = {"type": "frame", "camera": "stage", "frame": 3, "captured_at": 1.0}
        answer = ask(path, (opened, b""), (sent, jpeg(next(pan()))))
        assert (answer.type, answer.header["frame"]) == ("result", 3)
        second.send_signal(signal.SIGTERM)
        assert second.wait(START_SECONDS) == 0
        assert not path.exists()
    finally:
        second.kill()
        second.wait()


def test_the_engine_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    """A shell starts it, says which process it is, and is killed."""
    path = tmp_path / "engine.sock"
    engine = f"{sys.executable} -m inference.engine --socket {path} --threads 1 --exit-with $$"
    shell = subprocess.Popen(
        ["/bin/sh", "-c", f"{engine} 2>/dev/null & echo $!; wait"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
    )
    assert shell.stdout is not None
    child = int(shell.stdout.readline())
    try:
        assert ask(path, ({"type": "hello", "version": 1}, b"")).type == "welcome"
        shell.kill()
        shell.wait()
        deadline = time.monotonic() + 10
        while is_alive(child) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not is_alive(child)
    finally:
        shell.stdout.close()
        if is_alive(child):
            os.kill(child, signal.SIGKILL)


def is_alive(process: int) -> bool:
    """Tell whether a process runs; one that ended and waits for its parent does not."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
