"""Where clients come in: a unix-domain socket of this account, and TLS from other machines.

The first needs no proof: only this account can open the file. Who comes from elsewhere shows a
certificate, says a token, or both, as the door is set up; there is no door without either.
"""

import hmac
import socket
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path

from inference.protocol.messages import Hello

MAX_CLIENTS = 64


class DoorError(Exception):
    """A door cannot be opened; the text is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class RemoteDoor:
    """Where clients of other machines come in.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.
        certificate: PEM file that proves to clients who this is.
        key: PEM file of its private key.
        client_ca: PEM file of whom clients' certificates must come from; ``None`` to ask for none.
        token: What clients must say; empty to ask for nothing.
    """

    host: str
    port: int
    certificate: Path
    key: Path
    client_ca: Path | None = None
    token: str = ""

    def context(self) -> ssl.SSLContext:
        """Return how connections are encrypted and whose are taken.

        Raises:
            DoorError: Nobody would have to prove anything, or a file cannot be used.
        """
        if self.client_ca is None and not self.token:
            raise DoorError("A door to other machines needs a token or a client certificate.")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            context.load_cert_chain(self.certificate, self.key)
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
                context.verify_mode = ssl.CERT_REQUIRED
        except OSError as error:
            raise DoorError(f"The certificates of the door cannot be used: {error}.") from error
        return context

    def opens_for(self, hello: Hello) -> bool:
        """Whether a client that has a connection says the right token."""
        said = hello.get("token", "").encode()
        return not self.token or hmac.compare_digest(said, self.token.encode())


def listen_on(path: Path) -> socket.socket:
    """Bind a socket with mode 0600, replacing one that nobody listens on any more.

    Raises:
        RuntimeError: Another engine listens there.
    """
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        if _is_answered(path):
            listening.close()
            raise RuntimeError(f"another engine listens on {path}")
        path.unlink()
    listening.bind(str(path))
    # Nobody can connect before listen, so the mode is in place in time.
    path.chmod(0o600)
    listening.listen(MAX_CLIENTS)
    listening.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    return listening


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
