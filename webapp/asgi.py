"""The ASGI application: pages through Django, sockets through Channels."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
# Django must be set up before anything imports a model, so this line stands above the imports.
_pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402

from webapp.core.sockets import socket_application  # noqa: E402

application = ProtocolTypeRouter({"http": _pages, "websocket": socket_application()})
