"""One warm parent, a limited process for each photo, and nothing passes from one to the next."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.webapp.vision.sandbox.children import decoding_with
from webapp.vision.sandbox import fork_server, photo_child, photos
from webapp.vision.sandbox.fork_client import ForkServer, ForkServerError

CODE = """
import time
CPU_SECONDS = 2
KEPT = []

def kill_itself(folder):
    os.kill(os.getpid(), signal.SIGKILL)

def kill_parent(folder):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)

def leave(folder):
    KEPT.append(folder)
    os.environ["LEFT"] = "by the photo before"
    os.umask(0)
    os.chdir("/")
    os.open("/etc/passwd", os.O_RDONLY)
    return see(folder)

def see(folder):
    numbers = os.listdir("/proc/self/fd")
    files = {number: os.readlink(f"/proc/self/fd/{number}")
             for number in numbers if os.path.exists(f"/proc/self/fd/{number}")}
    return {"kept": len(KEPT), "environ": sorted(os.environ), "umask": os.umask(0o077),
            "files": files, "pid": os.getpid(), "folder": os.getcwd(),
            "threads": len(os.listdir(f"/proc/{os.getppid()}/task"))}

def limits(folder):
    kinds = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_CORE")
    return {kind: resource.getrlimit(getattr(resource, kind)) for kind in kinds}

def want_memory(folder):
    return len(bytearray(MEMORY_BYTES))

def work(folder):
    while time.process_time() < 1.2:
        pass

def work_for_ever(folder):
    while True:
        pass

def close_and_hang(folder):
    os.closerange(0, 100)
    time.sleep(60)

def shout(folder):
    os.system("echo noise; echo noise >&2")
    print("noise", flush=True)
    return "heard"

def talk_for_ever(folder):
    return "x" * 10_000_000

def hang(folder):
    (folder / "pid").write_text(str(os.getpid()))
    time.sleep(60)

JOBS = {name: job for name, job in globals().items() if callable(job)} | JOBS
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    with decoding_with(CODE, tmp_path_factory.mktemp("child")) as server:
        yield server


def done(server: ForkServer, job: str, folder: Path = Path("/"), seconds: float = 30) -> object:
    reply = server.ask(job, folder, seconds)
    assert reply["status"] == 0, reply["said"]
    return json.loads(reply["said"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an original in it."""
    Image.new("RGB", (64, 48), "red").save(tmp_path / "original", "JPEG")
    return tmp_path


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until_gone(*pids: int) -> None:
    end = time.monotonic() + 10
    while not all(is_gone(pid) for pid in pids):
        assert time.monotonic() < end, f"still there: {pids}"
        time.sleep(0.05)


def test_a_child_that_dies_takes_only_its_photo_along(server: ForkServer, folder: Path) -> None:
    assert photos.decode_into(folder).width == 64
    before = server.pid

    assert server.ask("kill_itself", folder, 30)["status"] == -signal.SIGKILL
    assert photos.decode_into(folder).width == 64
    assert server.pid == before


def test_after_the_parent_was_killed_the_next_photo_is_read(
    server: ForkServer, folder: Path
) -> None:
    photos.decode_into(folder)
    before = server.pid
    assert before is not None

    os.kill(before, signal.SIGKILL)
    wait_until_gone(before)

    assert photos.decode_into(folder).width == 64
    assert server.pid != before


def test_a_parent_that_is_killed_over_a_photo_fails_that_one_alone(
    server: ForkServer, folder: Path
) -> None:
    with pytest.raises(ForkServerError, match="status -9"):
        server.ask("kill_parent", folder, 30)
    assert photos.decode_into(folder).width == 64


def test_a_parent_that_had_nothing_to_do_for_minutes_is_started_again(
    folder: Path, tmp_path: Path
) -> None:
    script = Path(fork_server.__file__).read_text()
    assert "IDLE_SECONDS = 300" in script
    short = tmp_path / "server.py"
    short.write_text(script.replace("IDLE_SECONDS = 300", "IDLE_SECONDS = 0.2"))
    with pytest.MonkeyPatch.context() as patch, decoding_with("", tmp_path) as server:
        patch.setattr("webapp.vision.sandbox.fork_client._SERVER", short)
        photos.decode_into(folder)
        before = server.pid
        assert before is not None
        wait_until_gone(before)

        assert photos.decode_into(folder).width == 64
        assert server.pid != before


def test_a_process_has_the_limits_of_one_photo(server: ForkServer) -> None:
    assert done(server, "limits") == {
        "RLIMIT_AS": [photo_child.MEMORY_BYTES] * 2,
        "RLIMIT_CPU": [2, 2 + 5],
        "RLIMIT_CORE": [0, 0],
    }


def test_a_process_gets_no_more_memory_than_its_limit(server: ForkServer) -> None:
    reply = server.ask("want_memory", Path("/"), 30)

    assert (reply["status"], reply["said"][:11]) == (1, "MemoryError")


def test_the_time_of_the_photos_before_does_not_count(server: ForkServer) -> None:
    assert [done(server, "work") for _ in range(3)] == [None] * 3


def test_a_process_that_works_for_too_long_is_ended(server: ForkServer) -> None:
    reply = server.ask("work_for_ever", Path("/"), 60)

    assert reply["status"] == -signal.SIGXCPU
    assert 1 < reply["cpu_seconds"] < 4


def test_a_process_that_hangs_is_ended_when_its_time_is_up(
    server: ForkServer, folder: Path
) -> None:
    reply = server.ask("hang", folder, 2)

    assert (reply["is_late"], reply["status"]) == (True, -signal.SIGKILL)
    assert is_gone(int((folder / "pid").read_text()))
    assert photos.decode_into(folder).width == 64


def test_a_process_that_closes_its_output_does_not_go_on(server: ForkServer) -> None:
    started = time.monotonic()

    assert server.ask("close_and_hang", Path("/"), 50)["status"] == -signal.SIGKILL
    assert time.monotonic() - started < 25


def test_what_a_decoder_prints_is_no_answer(server: ForkServer) -> None:
    assert done(server, "shout") == "heard"


def test_an_answer_without_end_is_cut_off(server: ForkServer, folder: Path) -> None:
    reply = server.ask("talk_for_ever", folder, 30)

    assert reply["status"] == -signal.SIGKILL
    assert len(reply["said"]) < 3 * fork_server.MAX_ANSWER_BYTES
    assert photos.decode_into(folder).width == 64


def test_nothing_passes_from_one_photo_to_the_next(server: ForkServer) -> None:
    first, second = (dict(done(server, job)) for job in ("leave", "see"))  # type: ignore[call-overload]

    assert (first["kept"], second["kept"]) == (1, 0)
    assert (first["umask"], second["umask"]) == (0, 0o077)
    assert second["folder"] == str(Path.cwd())
    assert "LEFT" not in second["environ"]
    assert "/etc/passwd" in first["files"].values()
    assert "/etc/passwd" not in second["files"].values()
    assert first["pid"] != second["pid"]


def test_a_process_has_no_descriptor_but_its_way_back(server: ForkServer) -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)
    try:
        seen = dict(done(server, "see"))  # type: ignore[call-overload]
    finally:
        os.close(read)
        os.close(write)

    answer = seen["files"].pop("3")
    assert answer.startswith("pipe:")
    assert seen["files"] == dict.fromkeys("012", "/dev/null")


def test_a_process_sees_nothing_of_our_environment(server: ForkServer) -> None:
    seen = dict(done(server, "see"))  # type: ignore[call-overload]

    set_inside = {"LC_CTYPE", "OMP_WAIT_POLICY"}
    assert set(seen["environ"]) <= set(photos.child_environment()) | set_inside


def test_the_parent_has_one_thread_also_after_photos(server: ForkServer, folder: Path) -> None:
    photos.decode_into(folder)

    assert dict(done(server, "see"))["threads"] == 1  # type: ignore[call-overload]


WORKER = """
import sys
from pathlib import Path
from webapp.vision.sandbox import photos
from webapp.vision.sandbox.fork_client import ForkServer

server = ForkServer(Path(sys.argv[1]), photos.child_environment())
server.ask("see", Path("/"), 30)
Path(sys.argv[2], "parent").write_text(str(server.pid))
server.ask("hang", Path(sys.argv[2]), 60)
"""


def test_parent_and_child_are_gone_after_the_worker_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(f"{photos.CHILD.read_text()}\n{CODE}")
    command = [sys.executable, "-c", WORKER, str(script), str(tmp_path)]
    with subprocess.Popen(command) as worker:
        try:
            end = time.monotonic() + 60
            while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
                assert time.monotonic() < end
                time.sleep(0.05)
        finally:
            worker.kill()
    pids = [int((tmp_path / name).read_text()) for name in ("parent", "pid")]

    wait_until_gone(*pids)


FORKED = """
import os, sys
from pathlib import Path
from webapp.vision.sandbox import photos

photos.decode_into(Path(sys.argv[1]))
parent = photos.fork_server.pid
child = os.fork()
if child == 0:
    is_own = photos.fork_server.pid is None
    photos.decode_into(Path(sys.argv[1]))
    is_own = is_own and photos.fork_server.pid != parent
    photos.fork_server.stop()
    os._exit(0 if is_own else 1)
_, status = os.waitpid(child, 0)
photos.decode_into(Path(sys.argv[1]))
print(status, photos.fork_server.pid == parent)
photos.fork_server.stop()
"""


def test_a_forked_worker_leaves_the_parent_of_its_own_parent_alone(folder: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", FORKED, str(folder)], capture_output=True, text=True, check=True
    )

    assert found.stdout.split() == ["0", "True"]
