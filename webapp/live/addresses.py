"""The address of a network camera: what may be meant, and what of it is secret."""

from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop

from webapp.core import targets

PORTS = {"rtsp": 554, "rtsps": 322}
"""What may be filmed by address, and where it listens where the address does not say (RFC 7826)."""

NOT_AN_ADDRESS = gettext_noop("This is no address of a camera.")
RTSP_ONLY = gettext_noop("The address must begin with rtsp:// or rtsps://.")
NOT_FOUND = gettext_noop("There is no such camera in the network.")
PRIVATE = gettext_noop(
    "This address lies in a private network. Whoever runs Encore can allow that by "
    "ENCORE_LIVE_PRIVATE_SOURCES."
)


class AddressRefusedError(Exception):
    """Nothing may be filmed there, or nothing is there. The text is for the owner."""


@dataclass(frozen=True, slots=True)
class CameraAddress:
    """Where a network camera is; without name and password, so that it may be shown and logged.

    Attributes:
        host: Without the brackets of an IPv6 address.
        path: With the query.
    """

    scheme: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def address_of(text: str) -> CameraAddress:
    """Read the address of a camera; a name and a password in it are left out.

    Raises:
        AddressRefusedError: It is none, or of a kind that is not allowed.
    """
    parts = _split(text)
    if parts.scheme not in PORTS:
        raise AddressRefusedError(RTSP_ONLY)
    try:
        host, port, path = targets.place_of(parts)
    except ValueError as error:
        raise AddressRefusedError(NOT_AN_ADDRESS) from error
    return CameraAddress(parts.scheme, host, port or PORTS[parts.scheme], path)


def _split(text: str) -> SplitResult:
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise AddressRefusedError(NOT_AN_ADDRESS)
    try:
        return urlsplit(text, allow_fragments=False)
    except ValueError as error:
        raise AddressRefusedError(NOT_AN_ADDRESS) from error


def without_credentials(text: str) -> tuple[str, str, str]:
    """Part what somebody typed into an address, a name and a password, whatever else it is."""
    scheme, mark, rest = text.strip().partition("://")
    end = min((rest.find(one) for one in "/?" if one in rest), default=len(rest))
    credentials, at, host = rest[:end].rpartition("@")
    if not mark or not at:
        return text.strip(), "", ""
    name, _, password = credentials.partition(":")
    return f"{scheme}://{host}{rest[end:]}", unquote(name), unquote(password)


def checked_addresses(address: CameraAddress) -> list[str]:
    """Return the IP addresses that may be connected to, as the camera's name says them now.

    Raises:
        AddressRefusedError: There is none, or one that is not allowed.
    """
    try:
        return targets.addresses_of(
            address.host, address.port, allow_private=settings.LIVE_PRIVATE_SOURCES
        )
    except targets.UnknownHostError as error:
        raise AddressRefusedError(NOT_FOUND) from error
    except targets.PrivateTargetError as error:
        raise AddressRefusedError(PRIVATE) from error


def address_by_relay(address: CameraAddress, port: int, name: str, password: str) -> str:
    """Return the address by which FFmpeg asks a relay of this process for a camera's picture.

    It has the password in it: it must be neither logged nor shown, as must no error of FFmpeg.
    """
    credentials = f"{quote(name, safe='')}:{quote(password, safe='')}@" if name or password else ""
    return f"rtsp://{credentials}127.0.0.1:{port}{address.path}"
