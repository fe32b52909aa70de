"""``python -m inference.engine --socket PATH``: the inference process."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from pathlib import Path

from inference import pairing
from inference.device import pick_device
from inference.engine.live.engine import MAX_BATCH, LiveEngine
from inference.engine.models import ShippedModels
from inference.engine.serving import logs
from inference.engine.serving.doors import DoorError, RemoteDoor
from inference.engine.serving.server import EngineServer
from inference.memory import FreedMemory
from inference.threads import FittingThreads

logger = logging.getLogger("inference.engine")

CUDA_BATCH = 32
NICENESS = 5
"""Pages come before frames: on a busy machine the web process gets the processor first."""

_LOOK_SECONDS = 0.2
_TIDY_SECONDS = 10.0
_PREPARE_SECONDS = 5.0
"""After the start, when cameras that were waiting have their first answers."""


def main() -> None:
    """Load the networks, then serve until told to stop."""
    arguments = _arguments()
    logs.begin(arguments.log_format)
    if arguments.exit_with is not None:
        _exit_with(arguments.exit_with)
    door = _door(arguments)
    threads = FittingThreads(arguments.threads)
    device = pick_device()
    is_cuda = device.type == "cuda"
    engine = LiveEngine(
        ShippedModels(arguments.weights_dir, arguments.embedder),
        max_batch=CUDA_BATCH if is_cuda else MAX_BATCH,
        decoders=arguments.threads,
        before_step=threads.fit,
    )
    # Not earlier: while it loads, pages wait for names.
    os.nice(NICENESS)
    server = EngineServer(engine, str(device))
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_serve(server, arguments.socket, door))


async def _serve(server: EngineServer, path: Path, door: RemoteDoor | None) -> None:
    serving = asyncio.ensure_future(server.serve(path, door))
    loop = asyncio.get_running_loop()
    loop.call_later(_PREPARE_SECONDS, loop.run_in_executor, None, pairing.prepare)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.cancel)
    tidying = asyncio.ensure_future(_tidy_forever())
    try:
        await serving
    finally:
        tidying.cancel()


async def _tidy_forever() -> None:
    freed = FreedMemory()
    while True:
        await asyncio.sleep(_TIDY_SECONDS)
        freed.give_back()


def _door(arguments: argparse.Namespace) -> RemoteDoor | None:
    """Return where clients of other machines come in; the token never stands on a command line."""
    if arguments.listen is None:
        return None
    host, _, port = arguments.listen.rpartition(":")
    door = RemoteDoor(
        host.strip("[]"),
        int(port),
        arguments.certificate,
        arguments.key,
        arguments.client_ca,
        os.environ.get("ENCORE_ENGINE_TOKEN", "").strip(),
    )
    try:
        door.context()  # Whoever has forgotten a file hears of it before the models load.
    except DoorError as error:
        raise SystemExit(str(error)) from error
    return door


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Find and name faces in live frames.")
    parser.add_argument("--socket", type=Path, required=True, help="unix-domain socket to make")
    parser.add_argument(
        "--listen", metavar="HOST:PORT", help="serve other machines as well, by TLS"
    )
    parser.add_argument("--certificate", type=Path, help="PEM file to show to them")
    parser.add_argument("--key", type=Path, help="PEM file of its private key")
    parser.add_argument("--client-ca", type=Path, help="PEM file of whom their certificates are")
    parser.add_argument("--weights-dir", type=Path, help="where optional downloads lie")
    parser.add_argument("--embedder", help="which one to use; by default the best shipped")
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count() or 1, help="computing threads"
    )
    parser.add_argument(
        "--exit-with", type=int, metavar="PID", help="end when this parent process ends"
    )
    parser.add_argument("--log-format", choices=logs.FORMATS, default="text")
    return parser.parse_args()


def _exit_with(parent: int) -> None:
    """End this process at once when its parent has ended, however that happened."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


if __name__ == "__main__":
    main()
