"""How the inference process is started."""

import sys
from pathlib import Path

from django.conf import settings

from webapp.vision.engine_socket import socket_path


def engine_command(parent: int | None, path: Path | None = None) -> list[str]:
    """Return the command of the inference process.

    Args:
        parent: Process with which it ends, however that ends; ``None`` for one that stands alone.
        path: Socket to listen on; by default where this machine's web process looks for it.
    """
    command = [sys.executable, "-m", "inference.engine"]
    command += ["--socket", str(path or socket_path())]
    command += ["--weights-dir", str(settings.WEIGHTS_DIR)]
    command += ["--threads", str(settings.VISION_THREADS)]
    command += ["--log-format", settings.LOG_FORMAT]
    if settings.EMBEDDER:
        command += ["--embedder", settings.EMBEDDER]
    return [*command, "--exit-with", str(parent)] if parent is not None else command
