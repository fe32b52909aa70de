"""A machine with an engine but no models: ``python -m tests.webapp.live.remote_engine``.

The bridge and the language are the product's; its own process, so that a test can kill it.
"""

import asyncio
import sys
from pathlib import Path

from tests.webapp.live.engine import FakeEngine, face
from webapp.vision.engine.bridge import EngineBridge


async def main(url: str, name: str, path: Path) -> None:
    """Serve until killed; every face it sees bears the name of the engine."""
    engine = FakeEngine(path)
    engine.faces = [face(name)]
    engine.undecided = {}
    await engine.start()
    await EngineBridge(url, name, path).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
