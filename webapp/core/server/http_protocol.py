"""uvicorn's HTTP protocol, with a bound on what a client sends before anybody reads it.

uvicorn has none: its parser keeps a header line however long it grows, copying it with every piece
that comes, and a client that never ends its headers holds its connection for ever.
"""

from asyncio import BaseTransport, TimerHandle, Transport
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_BYTES = 65_536
"""Most bytes of a request line with its headers, or of trailers after a body."""
HEAD_SECONDS = 20.0
"""Longest time from the first byte of a request to the end of its headers."""
SILENT_SECONDS = 10.0
"""Longest silence within headers, and of a new connection that asks for nothing."""
LINGER_SECONDS = 10.0
"""How long a body that was answered already may go on coming."""


MOST_WAITING = 200
"""Connections of one address that ask for nothing just now; of more, the oldest is hung up."""

_waiting: dict[str, dict["GuardedHttp", None]] = {}
"""Those connections by address, oldest first. Only the event loop's thread is here."""


class GuardedHttp(HttpToolsProtocol):
    """Refuses requests whose head is too long (431) or comes too slowly (408).

    Connections on which nothing is asked for are bounded for each address. Whoever hangs up such a
    one does no harm: a browser or a proxy opens another.

    The time of a body that is still wanted is measured where it is read
    (``webapp.core.server.bodies``): only there it is known whether the client or the server waits.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unparsed = 0
        self._is_in_head = True
        self._has_asked = False
        self._head_began_at: float | None = None
        self._heard_at = self.loop.time()
        self._answered_at: float | None = None
        self._timer: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(cast("Transport", transport))
        self._wait()
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._disarm()
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, in pieces of which none takes the head above its bound."""
        self._heard_at = self.loop.time()
        while data and self._is_ours():
            room = HEAD_BYTES - self._unparsed
            piece, data = data[:room], data[room:]
            self._unparsed += len(piece)
            if self._is_in_head and self._head_began_at is None:
                self._head_began_at = self._heard_at
                self._arm()
            super().data_received(piece)
            if self._unparsed >= HEAD_BYTES:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Hand the request on; its head is paid for."""
        self._unparsed = 0
        self._is_in_head = False
        self._has_asked = True
        self._head_began_at = None
        self._wait_no_more()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, which is counted where it is read."""
        self._unparsed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Begin to wait for the next request."""
        self._unparsed = 0
        self._is_in_head = True
        self._answered_at = None
        super().on_message_complete()
        self._wait_if_answered()

    def on_response_complete(self) -> None:
        """Do not wait long for the rest of a body that nobody reads."""
        super().on_response_complete()
        if not self._is_in_head and not self.transport.is_closing():
            self._answered_at = self.loop.time()
            self._arm()
        self._wait_if_answered()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the websocket protocol."""
        self._disarm()
        self._wait_no_more()
        super().handle_websocket_upgrade()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _wait_if_answered(self) -> None:
        is_answered = self.cycle is None or self.cycle.response_complete
        if self._is_in_head and is_answered and not self.transport.is_closing():
            self._wait()

    def _wait(self) -> None:
        """Wait for a request; of too many that do so at one address, hang up the oldest."""
        waiting = _waiting.setdefault(self._address, {})
        waiting[self] = None
        if len(waiting) > MOST_WAITING:
            oldest = next(iter(waiting))
            del waiting[oldest]
            oldest.transport.close()

    def _wait_no_more(self) -> None:
        waiting = _waiting.get(self._address, {})
        waiting.pop(self, None)
        if not waiting:
            _waiting.pop(self._address, None)

    def _is_ours(self) -> bool:
        return not self.transport.is_closing() and self.transport.get_protocol() is self

    def _arm(self) -> None:
        self._disarm()
        deadline = self._deadline()
        if deadline is not None:
            self._timer = self.loop.call_at(deadline, self._look_at_clock)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _deadline(self) -> float | None:
        """Return when the client is given up unless more comes; ``None`` when it need not send."""
        if self._answered_at is not None:
            return self._answered_at + LINGER_SECONDS
        if self._head_began_at is not None:
            return min(self._head_began_at + HEAD_SECONDS, self._heard_at + SILENT_SECONDS)
        return None if self._has_asked else self._heard_at + SILENT_SECONDS

    def _look_at_clock(self) -> None:
        self._timer = None
        deadline = self._deadline()
        if deadline is None or self.transport.is_closing():
            return
        if self.loop.time() < deadline:
            self._arm()
        elif self._head_began_at is None:
            self.transport.close()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        """Say why, unless another answer is on its way just now, and hang up."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(
                STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n"
            )
        self.transport.close()
