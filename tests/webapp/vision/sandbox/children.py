"""Photos decoded by processes that misbehave."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.vision.sandbox import photos
from webapp.vision.sandbox.fork_client import ForkServer

KILLED = """
def kill_itself(folder):
    os.kill(os.getpid(), signal.SIGKILL)
JOBS = {"decode": kill_itself}
"""


@contextmanager
def decoding_with(code: str, folder: Path) -> Iterator[ForkServer]:
    """Decode photos by children whose file ends with this code."""
    script = folder / "child.py"
    script.write_text(f"{photos.CHILD.read_text()}\n{code}\n")
    server = ForkServer(script, photos.child_environment())
    usual, photos.fork_server = photos.fork_server, server
    try:
        yield server
    finally:
        photos.fork_server = usual
        server.stop()
