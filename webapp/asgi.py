"""The ASGI application: pages through Django, sockets through Channels."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
# Django must be set up before anything imports a model, so this line stands above the imports.
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter  # noqa: E402

from webapp.core.events.sockets import socket_application  # noqa: E402
from webapp.core.server.bodies import CappedHandler  # noqa: E402

application = ProtocolTypeRouter({"http": CappedHandler(), "websocket": socket_application()})
