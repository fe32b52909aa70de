"""How the inference process is started."""

import sys
from pathlib import Path

from django.conf import settings

from webapp.vision.engine.unix_socket import socket_path


def engine_command(
    parent: int | None, path: Path | None = None, embedder: str | None = None
) -> list[str]:
    """Return the command of the inference process.

    Args:
        parent: Process with which it ends, however that ends; ``None`` for one that stands alone.
        path: Socket to listen on; by default where this machine's web process looks for it.
        embedder: Name of that to use; by default the one of the environment, if there is one.
    """
    command = [sys.executable, "-m", "inference.engine"]
    command += ["--socket", str(path or socket_path())]
    command += ["--weights-dir", str(settings.WEIGHTS_DIR)]
    command += ["--threads", str(settings.VISION_THREADS)]
    command += ["--log-format", settings.LOG_FORMAT]
    if embedder := settings.EMBEDDER if embedder is None else embedder:
        command += ["--embedder", embedder]
    return [*command, "--exit-with", str(parent)] if parent is not None else command
