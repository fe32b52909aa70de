"""A network cable to a server of this machine that can be pulled out."""

import socket
import threading
from contextlib import suppress


class Cable:
    """Passes connections on to a port until it is cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._pieces: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut every connection and let no other through."""
        for piece in [self._listener, *self._pieces]:
            with suppress(OSError):
                piece.shutdown(socket.SHUT_RDWR)
            piece.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._pieces += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(65_536):
            sink.sendall(block)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
