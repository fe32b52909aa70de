"""uvicorn's websocket protocol, cutting off clients that stopped reading."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

FAREWELL_SECONDS = 2


class ImpatientWebSocket(WebSocketsSansIOProtocol):
    """Ends a connection whose client did not answer a ping, whether or not it reads.

    uvicorn closes such a connection only after everything unsent was taken, which a client that
    does not read never does: the socket and its buffer would stay for ever.
    """

    def keepalive_timeout(self) -> None:
        """Say goodbye, and hang up soon after."""
        super().keepalive_timeout()
        self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)
