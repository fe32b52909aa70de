"""Where a webhook may lead: what was checked is what is connected to.

A name is looked up once, at each sending, and every address that it has must be allowed; the
connection then goes to these addresses and no name is looked up again.
"""

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

NOT_AN_ADDRESS = gettext_noop("This is no address that can be told something.")
HTTPS_ONLY = gettext_noop("The address must begin with https://.")
NO_PASSWORD = gettext_noop("Leave name and password out of the address.")
NOT_FOUND = gettext_noop("There is no such server.")
PRIVATE = gettext_noop(
    "This address lies in a private network. Whoever runs Encore can allow that by "
    "ENCORE_WEBHOOK_PRIVATE_TARGETS."
)
_AROUND_IPV4 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
"""Whose last 32 bits are the address of an older network."""
_LOW_32_BITS = 0xFFFFFFFF


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
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError as error:
        raise AddressRefusedError(NOT_AN_ADDRESS) from error
    if not host or port == 0:
        raise AddressRefusedError(NOT_AN_ADDRESS)
    is_secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
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
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefusedError(NOT_FOUND) from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    for address in addresses:
        if not is_allowed(address):
            raise AddressRefusedError(PRIVATE)
    return addresses


def is_allowed(address: str) -> bool:
    """Whether something may be sent to an IP address."""
    try:
        found = list(_meant(ipaddress.ip_address(address)))
    except ValueError:  # As with the name of an interface behind it.
        return False
    if any(one.is_multicast or one.is_unspecified for one in found):
        return False
    return settings.WEBHOOK_PRIVATE_TARGETS or all(one.is_global for one in found)


def is_public(address: str) -> bool:
    """Whether an IP address lies in the internet, whatever settings allow."""
    try:
        return all(one.is_global for one in _meant(ipaddress.ip_address(address)))
    except ValueError:
        return False


def _meant(address: IPAddress) -> Iterator[IPAddress]:
    """Yield an address, and those that lie within it and may be where it really leads."""
    yield address
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if any(address in network for network in _AROUND_IPV4):
        yield ipaddress.IPv4Address(int(address) & _LOW_32_BITS)
