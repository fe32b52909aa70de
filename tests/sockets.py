"""A websocket client without a network, for tests of consumers.

Channels' own communicator cannot be imported without Daphne, which Encore does not use.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from asgiref.testing import ApplicationCommunicator
from django.test import Client

ORIGIN = "http://localhost:8000"


class Socket(ApplicationCommunicator):
    """One websocket from a browser page.

    Args:
        application: The ASGI application.
        address: Path with query.
        client: A signed-in test client whose cookies are sent.
        origin: Origin header; ``None`` sends none.
        host: Host header.
    """

    def __init__(
        self,
        application: Any,
        address: str,
        client: Client | None = None,
        origin: str | None = ORIGIN,
        host: str = "localhost:8000",
    ) -> None:
        headers = [(b"host", host.encode())]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        if client is not None:
            cookies = "; ".join(f"{key}={morsel.value}" for key, morsel in client.cookies.items())
            headers.append((b"cookie", cookies.encode()))
        parts = urlsplit(address)
        super().__init__(
            application,
            {
                "type": "websocket",
                "path": parts.path,
                "query_string": parts.query.encode(),
                "headers": headers,
                "client": ("127.0.0.1", 5000),
                "subprotocols": [],
            },
        )

    async def connect(self) -> bool:
        """Shake hands; return whether the server accepted."""
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(timeout=5)
        return bool(answer["type"] == "websocket.accept")

    async def receive_json(self, timeout: float = 5) -> Any:
        """Return the next message as JSON."""
        message = await self.receive_output(timeout=timeout)
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def close_code(self, seconds: float = 10) -> int:
        """Read until the server closes; return its code."""
        while True:
            message = await self.receive_output(timeout=seconds)
            if message["type"] == "websocket.close":
                return int(message["code"])

    async def disconnect(self) -> None:
        """Leave, and wait until the server noticed."""
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(timeout=5)
