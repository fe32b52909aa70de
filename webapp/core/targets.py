"""Where the server itself may connect to, when somebody names an address for it.

A name is looked up once, and every address that it has must be allowed; the connection then has to
go to these addresses, so that a name which leads elsewhere a moment later leads nowhere.
"""

import ipaddress
import socket
from collections.abc import Iterator
from urllib.parse import SplitResult

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_AROUND_IPV4 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
"""Whose last 32 bits are the address of an older network."""
_LOW_32_BITS = 0xFFFFFFFF


class UnknownHostError(Exception):
    """No address is known for a name."""


class PrivateTargetError(Exception):
    """A name leads into a private network, or to no single machine."""


def place_of(parts: SplitResult) -> tuple[str, int | None, str]:
    """Return host, port and path of an address that was split: what is connected to and asked.

    Returns:
        The host as name servers know it, the port where one is said, the path with the query.

    Raises:
        ValueError: There is no host, or one or a port that cannot be.
    """
    host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    if not host or port == 0:
        raise ValueError("no host, or no port")
    return host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def addresses_of(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Return the checked IP addresses of a host, as its name says them now.

    Raises:
        UnknownHostError: There is none.
        PrivateTargetError: One of them is not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnknownHostError from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not all(is_allowed(address, allow_private=allow_private) for address in addresses):
        raise PrivateTargetError
    return addresses


def is_allowed(address: str, *, allow_private: bool) -> bool:
    """Whether the server may connect to an IP address."""
    try:
        found = list(_meant(ipaddress.ip_address(address)))
    except ValueError:  # As with the name of an interface behind it.
        return False
    if any(one.is_multicast or one.is_unspecified for one in found):
        return False
    return allow_private or all(one.is_global for one in found)


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
