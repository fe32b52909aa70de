"""How the inference process is started."""

import sys

from django.conf import settings

from webapp.vision.engine_socket import socket_path


def engine_command(parent: int | None) -> list[str]:
    """Return the command of the inference process.

    Args:
        parent: Process with which it ends, however that ends; ``None`` for one that stands alone.
    """
    command = [sys.executable, "-m", "inference.engine"]
    command += ["--socket", str(socket_path())]
    command += ["--weights-dir", str(settings.WEIGHTS_DIR)]
    command += ["--threads", str(settings.VISION_THREADS)]
    if settings.EMBEDDER:
        command += ["--embedder", settings.EMBEDDER]
    return [*command, "--exit-with", str(parent)] if parent is not None else command
