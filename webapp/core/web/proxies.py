"""A proxy in front that nobody told Encore about: said once in the log, and on the health page.

To Encore everybody then comes from one address, so that limits meant for one stranger hit all.
"""

import ipaddress
import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext, gettext_noop

from webapp.core.extension.sections import Section
from webapp.core.web.middleware import GetResponse

logger = logging.getLogger(__name__)

HEADER = "X-Forwarded-For"
ADVICE = gettext_noop(
    "Set ENCORE_TRUSTED_PROXIES to the number of proxies in front (docs/operations.md)."
)


class ProxyWarningMiddleware:
    """Notices requests that a proxy passed on while none is trusted."""

    is_behind_unknown_proxy = False
    """Whether this process has seen one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; what it says of its origin is not believed."""
        cls = type(self)
        if not cls.is_behind_unknown_proxy and _comes_by_unknown_proxy(request):
            cls.is_behind_unknown_proxy = True
            logger.warning("a proxy passes requests on, but none is trusted. %s", ADVICE)
        return self.get_response(request)


def _comes_by_unknown_proxy(request: HttpRequest) -> bool:
    """Whether a neighbour sent the header; from far away anybody may have made it up."""
    if settings.TRUSTED_PROXIES or HEADER not in request.headers:
        return False
    try:
        return not ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_global
    except ValueError:
        return True


def proxy_sections() -> list[Section]:
    """Return what the owner should read; nothing when all is well."""
    if not ProxyWarningMiddleware.is_behind_unknown_proxy:
        return []
    rows = [
        (gettext("Seen"), gettext("%(header)s, which is not believed") % {"header": HEADER}),
        (gettext("What to do"), gettext(ADVICE)),
    ]
    return [Section(gettext("Proxy"), "warn", rows)]
