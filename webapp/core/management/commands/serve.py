"""``manage.py serve``: one web process."""

import os
import socket
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from webapp.core.processes import heartbeats, instance, lineage
from webapp.core.server.http_protocol import GuardedHttp
from webapp.core.server.memory import keep_what_is_loaded
from webapp.core.server.socket_protocol import ImpatientWebSocket

PING_SECONDS = 10


class Command(BaseCommand):
    """Serve pages and sockets with uvicorn, alone or under the supervisor."""

    help = "Serve the pages of Encore (manage.py up starts this for you)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what the supervisor lets it inherit."""
        parser.add_argument("--fd", type=int, help="listening socket inherited from the supervisor")
        parser.add_argument("--ready-fd", type=int, help="pipe to close when pages can be made")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until SIGTERM."""
        if parent := os.environ.get("ENCORE_PARENT"):
            lineage.die_with(int(parent))
        if options["fd"] is not None:
            listener = socket.socket(fileno=options["fd"])
        else:
            listener = instance.listen(settings.HOST, settings.PORT)
        name = f"web-{instance.installation_name(settings.DATA_DIR)}-{listener.getsockname()[1]}"
        with heartbeats.beating(name, {"pid": os.getpid()}):
            config = server_config()
            config.load()
            keep_what_is_loaded()
            if options["ready_fd"] is not None:
                os.close(options["ready_fd"])
            uvicorn.Server(config).run(sockets=[listener])


def server_config() -> uvicorn.Config:
    """Return how uvicorn serves: bounded heads and messages, dead clients noticed, nothing leaked.

    A websocket client that neither reads nor answers pings is cut off after two ping intervals.
    """
    return uvicorn.Config(
        "webapp.asgi:application",
        http=GuardedHttp,
        ws=ImpatientWebSocket,
        ws_max_size=settings.SOCKET_MAX_BYTES,
        ws_max_queue=8,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
    )
