"""uvicorn's websocket protocol, against clients that stop reading or send what nobody can use."""

from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

FAREWELL_SECONDS = 2
MOST_FRAGMENTS = 1_000
"""Of one message. Browsers cut at about 128 kB; an empty fragment adds nothing to its size."""


class ImpatientWebSocket(WebSocketsSansIOProtocol):
    """Ends a connection whose client did not answer a ping, whether or not it reads.

    uvicorn closes such a connection only after everything unsent was taken, which a client that
    does not read never does: the socket and its buffer would stay for ever. Text that is none and
    messages of endlessly many fragments end it with a code; uvicorn logs a traceback for the one
    and keeps all of the other.
    """

    def keepalive_timeout(self) -> None:
        """Say goodbye, and hang up soon after."""
        super().keepalive_timeout()
        self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)

    def handle_cont(self, event: Frame) -> None:
        """Take a further fragment, unless there are too many."""
        if len(self.frames) >= MOST_FRAGMENTS:
            self._refuse(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
            return
        super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """Hand on a message that is whole, unless it is text that cannot be read."""
        if self.curr_msg_data_type == "text" and not _is_text(self.frames):
            self._refuse(CloseCode.INVALID_DATA, "no UTF-8")
            return
        super().send_receive_event_to_app()

    def _refuse(self, code: CloseCode, reason: str) -> None:
        """End the connection and say why; what else has come is not looked at."""
        self.frames = []
        if not self.close_sent:
            self.conn.fail(cast("int", code), reason)
            self.handle_parser_exception()


def _is_text(fragments: list[bytes]) -> bool:
    try:
        b"".join(fragments).decode()
    except UnicodeDecodeError:
        return False
    return True
