"""An inference process that serves other machines: the engine, kept alive, and its bridge."""

import asyncio
import logging
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from webapp.vision.engine.bridge import EngineBridge
from webapp.vision.engine.process import engine_command
from webapp.vision.engine.unix_socket import socket_path

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60
STOP_SECONDS = 5.0


async def serve_other_machines() -> None:
    """Run an engine and take calls for it, until SIGTERM or SIGINT."""
    path = socket_path(f"engine-{os.getpid()}.sock")
    name = f"{socket.gethostname()}-{os.getpid()}"
    serving = asyncio.current_task()
    loop = asyncio.get_running_loop()
    if serving is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, serving.cancel)
    with suppress(asyncio.CancelledError):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_keep_engine_alive(path))
            tasks.create_task(EngineBridge(settings.REDIS_URL, name, path).run())


async def _keep_engine_alive(path: Path) -> None:
    """Start the engine, and again whenever it ends; it never outlives this process."""
    pause = FIRST_PAUSE_SECONDS
    command = engine_command(parent=os.getpid(), path=path)
    while True:
        started_at = time.monotonic()
        engine = await asyncio.create_subprocess_exec(*command, cwd=settings.BASE_DIR)
        try:
            code = await engine.wait()
        except asyncio.CancelledError:
            await _stop(engine)
            raise
        if time.monotonic() - started_at > STEADY_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        logger.warning("the engine ended with %s; starting it again in %.1f s", code, pause)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


async def _stop(engine: asyncio.subprocess.Process) -> None:
    engine.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await engine.wait()
    except TimeoutError:
        engine.kill()
        await engine.wait()
