"""How the inference process is started."""

import sys
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

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
    command += _door()
    if embedder := settings.EMBEDDER if embedder is None else embedder:
        command += ["--embedder", embedder]
    return [*command, "--exit-with", str(parent)] if parent is not None else command


def _door() -> list[str]:
    """Return where other machines' web processes come in, if they may; they need a proof.

    The token goes by the environment, because everybody on a machine sees command lines.

    Raises:
        ImproperlyConfigured: The door would have no key, or would stand open.
    """
    if not settings.ENGINE_LISTEN:
        return []
    if not (settings.ENGINE_CERTIFICATE and settings.ENGINE_KEY):
        raise ImproperlyConfigured(
            "ENCORE_ENGINE_LISTEN needs ENCORE_ENGINE_CERTIFICATE and ENCORE_ENGINE_KEY: live "
            "pictures cross a network only encrypted"
        )
    if not (settings.ENGINE_CA or settings.ENGINE_TOKEN):
        raise ImproperlyConfigured(
            "ENCORE_ENGINE_LISTEN needs ENCORE_ENGINE_TOKEN, or ENCORE_ENGINE_CA for whom clients' "
            "certificates must come from: otherwise anybody could use this engine"
        )
    door = ["--listen", settings.ENGINE_LISTEN]
    door += ["--certificate", str(settings.ENGINE_CERTIFICATE), "--key", str(settings.ENGINE_KEY)]
    return [*door, "--client-ca", str(settings.ENGINE_CA)] if settings.ENGINE_CA else door
