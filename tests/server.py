"""The product's web process inside a test, on a real port."""

import contextlib
import socket
import threading
from collections.abc import Iterable

import uvicorn

from webapp.core.management.commands.serve import server_config


class Server:
    """The product's ASGI application behind uvicorn, set up as in the product, in a thread."""

    def __init__(self) -> None:
        self.uvicorn = uvicorn.Server(server_config())
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=lambda: self.uvicorn.run([self.socket]))
        self.thread.start()

    def stop(self) -> None:
        self.uvicorn.should_exit = True
        self.thread.join(20)

    def send(self, head: str, blocks: Iterable[bytes] = (), wait_seconds: float = 30) -> bytes:
        """Send a raw request, reading until the server closes or has answered."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait_seconds) as wire:
            wire.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
            with contextlib.suppress(OSError):
                for block in blocks:
                    wire.sendall(block)
            return self.answer(wire)

    @staticmethod
    def answer(wire: socket.socket) -> bytes:
        received = b""
        with contextlib.suppress(OSError):
            while b"\r\n\r\n" not in received and (block := wire.recv(65_536)):
                received += block
        return received
