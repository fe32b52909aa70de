"""Which inference processes there are, and how each is called.

One listens on a unix-domain socket of this machine. Others, on other machines, stand in
``ENCORE_ENGINES`` and are called by TLS: they prove who they are by a certificate, and we by a
token, a certificate of our own, or both.
"""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.conf import settings

from webapp.vision.engine.unix_socket import socket_path

HERE = "here"
CALL_SECONDS = 3.0
"""For a connection to another machine; one that takes longer is of no use for live pictures."""
BEAT_SECONDS = 1.0
SILENCE_SECONDS = 3.0
"""A machine from which nothing comes for so long is lost; its cameras go on with another."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Local:
    """The inference process that listens, or will listen, on a socket of this machine."""

    path: Path
    name: str = HERE
    token: str = ""
    silence_seconds: float | None = None
    """It dies with its socket, and is not looked after while this machine is busy."""

    async def connect(self) -> Streams:
        """Call it; raises ``OSError`` where nobody listens."""
        return await asyncio.open_unix_connection(self.path)

    def connect_now(self, timeout_seconds: float) -> socket.socket:
        """Do the same, waiting; raises ``OSError``."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(timeout_seconds)
        try:
            line.connect(str(self.path))
        except OSError:
            line.close()
            raise
        return line


@dataclass(frozen=True, slots=True)
class Remote:
    """An inference process of another machine.

    Attributes:
        token: What opens its door; empty where it asks for none.
        context: Whom we believe, and what we show.
    """

    host: str
    port: int
    token: str
    context: ssl.SSLContext
    silence_seconds: float | None = SILENCE_SECONDS

    @property
    def name(self) -> str:
        """As it stands in the setting."""
        return f"{self.host}:{self.port}"

    async def connect(self) -> Streams:
        """Call it; raises ``OSError`` where it cannot be reached or is another one."""
        call = partial(asyncio.open_connection, self.host, self.port)
        async with asyncio.timeout(CALL_SECONDS):
            return await call(ssl=self.context, ssl_handshake_timeout=CALL_SECONDS)

    def connect_now(self, timeout_seconds: float) -> socket.socket:
        """Do the same, waiting; raises ``OSError``."""
        line = socket.create_connection((self.host, self.port), timeout_seconds)
        try:
            return self.context.wrap_socket(line, server_hostname=self.host)
        except OSError:
            line.close()
            raise


Address = Local | Remote


def remote_addresses() -> list[Remote]:
    """Return the inference processes of other machines."""
    if not settings.ENGINES:
        return []
    context = _context()
    return [Remote(host, port, settings.ENGINE_TOKEN, context) for host, port in settings.ENGINES]


def addresses() -> list[Address]:
    """Return all inference processes of this installation.

    Where others are listed and none is to be started here, none is looked for here.
    """
    remote = remote_addresses()
    if remote and not settings.LIVE_ENGINE:
        return [*remote]
    return [Local(socket_path()), *remote]


def _context() -> ssl.SSLContext:
    """Return whom we believe: our own authority if there is one, else those of the system."""
    authority = str(settings.ENGINE_CA) if settings.ENGINE_CA else None
    context = ssl.create_default_context(cafile=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if settings.ENGINE_CERTIFICATE:
        context.load_cert_chain(settings.ENGINE_CERTIFICATE, settings.ENGINE_KEY)
    return context
