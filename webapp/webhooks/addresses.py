"""Where a webhook may lead: what was checked is what is connected to.

A name is looked up once, at each sending, and every address that it has must be allowed; the
connection then goes to these addresses and no name is looked up again.
"""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop

from webapp.core import targets

NOT_AN_ADDRESS = gettext_noop("This is no address that can be told something.")
HTTPS_ONLY = gettext_noop("The address must begin with https://.")
NO_PASSWORD = gettext_noop("Leave name and password out of the address.")
NOT_FOUND = gettext_noop("There is no such server.")
PRIVATE = gettext_noop(
    "This address lies in a private network. Whoever runs Encore can allow that by "
    "ENCORE_WEBHOOK_PRIVATE_TARGETS."
)


class AddressRefusedError(Exception):
    """Nothing may be sent there, or nothing is there. The text is for the owner."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook leads.

    Attributes:
        host: As the other side is called, for its certificate.
        path: With the query.
    """

    is_secure: bool
    host: str
    port: int
    path: str


def target_of(address: str) -> Target:
    """Read the address of a webhook.

    Raises:
        AddressRefusedError: It is none, or one of a kind that is not allowed.
    """
    parts = _split(address)
    allowed = {"https", "http"} if settings.WEBHOOK_PRIVATE_TARGETS else {"https"}
    if parts.scheme not in allowed:
        raise AddressRefusedError(HTTPS_ONLY)
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError(NO_PASSWORD)
    try:
        host, port, path = targets.place_of(parts)
    except ValueError as error:
        raise AddressRefusedError(NOT_AN_ADDRESS) from error
    is_secure = parts.scheme == "https"
    return Target(is_secure, host, port or (443 if is_secure else 80), path)


def _split(address: str) -> SplitResult:
    if not address.isascii() or not address.isprintable() or " " in address:
        raise AddressRefusedError(NOT_AN_ADDRESS)
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise AddressRefusedError(NOT_AN_ADDRESS) from error
    if parts.fragment:
        raise AddressRefusedError(NOT_AN_ADDRESS)
    return parts


def addresses_of(target: Target) -> list[str]:
    """Return the checked addresses of a target, as its name says them now.

    Raises:
        AddressRefusedError: There is none, or one that is not allowed.
    """
    try:
        return targets.addresses_of(
            target.host, target.port, allow_private=settings.WEBHOOK_PRIVATE_TARGETS
        )
    except targets.UnknownHostError as error:
        raise AddressRefusedError(NOT_FOUND) from error
    except targets.PrivateTargetError as error:
        raise AddressRefusedError(PRIVATE) from error
