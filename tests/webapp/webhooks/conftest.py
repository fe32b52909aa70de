"""A program elsewhere that listens, on this machine."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

import pytest

from tests.tls import certificate
from webapp.accounts.models import User
from webapp.webhooks.models import Webhook
from webapp.webhooks.services import make_webhook

Answering = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Listener:
    """What listens at ``address``, and what it was told.

    Attributes:
        answer: Answers each request, after its body was read.
        heard: Headers and body of each.
    """

    address: str = ""
    answer: Answering = lambda request: answer_with(request, 204)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


def answer_with(request: BaseHTTPRequestHandler, status: int, **headers: str) -> None:
    """Answer without a body."""
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", "0")
    request.end_headers()


def serve(listener: Listener) -> HTTPServer:
    """Return a server that has told the listener its address; start it in a thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.heard.append((dict(self.headers), body))
            listener.answer(self)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.address = f"http://127.0.0.1:{server.server_port}/encore?from=test"
    return server


@contextmanager
def running(server: HTTPServer) -> Iterator[None]:
    """Let a server answer until the block ends."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    """A program on this machine, which may be told."""
    settings.WEBHOOK_PRIVATE_TARGETS = True
    made = Listener()
    with running(serve(made)):
        yield made


@pytest.fixture
def secure_listener(settings: Any) -> Iterator[Listener]:
    """The same over TLS, with a certificate for localhost of the authority of the tests."""
    settings.WEBHOOK_PRIVATE_TARGETS = True
    made = Listener()
    server = serve(made)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate("engine"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    made.address = f"https://localhost:{server.server_port}/encore"
    with running(server):
        yield made


@pytest.fixture
def hook(owner: User, listener: Listener) -> Webhook:
    """A webhook of the owner that leads there, told of everything."""
    return make_webhook(owner, listener.address, ["moment_ready", "video_ready", "concert_done"])
