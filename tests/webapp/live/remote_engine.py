"""An engine of another machine, without models: ``python -m tests.webapp.live.remote_engine``.

Engine, doors and language are the product's; a process of its own, so that a test can kill it.
"""

import asyncio
import sys
from pathlib import Path

from inference.engine.live.engine import LiveEngine
from inference.engine.serving.doors import RemoteDoor
from inference.engine.serving.server import EngineServer
from tests.inference.engine.fakes import FakeModels
from tests.tls import TOKEN, certificate


async def main(path: Path, port: int) -> None:
    """Serve until killed."""
    door = RemoteDoor("127.0.0.1", port, *certificate("engine"), token=TOKEN)
    await EngineServer(LiveEngine(FakeModels()), f"engine at {port}").serve(path, door)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
