"""The only way from FFmpeg to a network camera: what was checked is what is connected to.

FFmpeg looks names up by itself and follows a camera that answers "ask elsewhere", into networks
that nobody allowed. So it is given an address of this process instead. The relay takes one
connection, goes to the address that was checked, by TLS where that is wanted, and ends everything
when the camera sends elsewhere or says nothing for long.
"""

import re
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

CONNECT_SECONDS = 5.0
SILENT_SECONDS = 10.0
MOST_ADDRESSES = 3
PIECE_BYTES = 65_536
_ELSEWHERE = re.compile(rb"\n[ \t]*location[ \t]*:", re.IGNORECASE)
"""A head line of an answer by which FFmpeg would go elsewhere."""
_LONGEST_HEAD = 64


class MovedError(Exception):
    """The camera sends elsewhere, which is not followed."""


class Relay:
    """Carries one connection between this process and a camera.

    Attributes:
        port: On 127.0.0.1, where FFmpeg finds it.
        trouble: What went wrong on the way to the camera, if anything did.
    """

    def __init__(self, camera: socket.socket) -> None:
        self.trouble: Exception | None = None
        self._camera = camera
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._listener.settimeout(CONNECT_SECONDS)
        self.port: int = self._listener.getsockname()[1]
        self._lines: list[socket.socket] = [camera]
        self._thread = threading.Thread(target=self._carry, name="relay", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End both connections, and wait until nobody carries anything."""
        for line in self._lines:
            _cut(line)
        self._listener.close()
        self._thread.join(CONNECT_SECONDS + 1)

    def _carry(self) -> None:
        with self._camera, self._listener:
            try:
                ours, _ = self._listener.accept()
            except OSError:
                return
            with ours:
                self._lines.append(ours)
                asking = threading.Thread(target=self._ask, args=(ours,), daemon=True)
                asking.start()
                self._answer(ours)
                _cut(ours)
                _cut(self._camera)
                asking.join()

    def _ask(self, ours: socket.socket) -> None:
        with suppress(OSError):
            while piece := ours.recv(PIECE_BYTES):
                self._camera.sendall(piece)
        _cut(self._camera)

    def _answer(self, ours: socket.socket) -> None:
        tail = b""
        try:
            while piece := self._camera.recv(PIECE_BYTES):
                seen = tail + piece.replace(b"\r", b"")  # FFmpeg passes them over anywhere.
                if _ELSEWHERE.search(seen):
                    self.trouble = MovedError()
                    return
                tail = seen[-_LONGEST_HEAD:]
                ours.sendall(piece)
        except OSError as error:
            self.trouble = error


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def relay_to(addresses: Sequence[str], port: int, host: str, *, is_secure: bool) -> Iterator[Relay]:
    """Connect to the first of these IP addresses that answers, and offer it to this process.

    A camera by TLS shows a certificate of its own making, which says nothing of who it is; the
    connection is encrypted, and goes to the address that was checked.

    Raises:
        OSError: None of them answers, or not by TLS.
    """
    camera = _connected(addresses[:MOST_ADDRESSES], port)
    if is_secure:
        camera = _secured(camera, host)
    camera.settimeout(SILENT_SECONDS)
    relay = Relay(camera)
    try:
        yield relay
    finally:
        relay.close()


def _connected(addresses: Sequence[str], port: int) -> socket.socket:
    trouble: OSError = ConnectionError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        except OSError as error:
            trouble = error
    raise trouble


def _secured(camera: socket.socket, host: str) -> socket.socket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(camera, server_hostname=host)
    except OSError:
        camera.close()
        raise
