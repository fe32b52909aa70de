"""How a push service knows that a message is ours: VAPID (RFC 8292).

A browser is given the public key when it is switched on, and its push service takes messages only
from who can sign with the private one (``PUSH_KEY``).
"""

import base64
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

SIGNED_FOR_SECONDS = 3600
"""RFC 8292 allows a day; the clock of a machine may be wrong by some minutes."""


def public_key() -> str:
    """Return the public key as browsers want it: the uncompressed point in base64url."""
    point = _private_key().public_key()
    return in_base64url(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def authorization(service: str, contact: str) -> str:
    """Return the header by which a push service lets a message in.

    Args:
        service: Scheme, host and port of the push service.
        contact: Whom it may ask about misuse, as the address of a page.
    """
    claims = {"aud": service, "exp": int(time.time()) + SIGNED_FOR_SECONDS, "sub": contact}
    return f"vapid t={jwt.encode(claims, _private_key(), algorithm='ES256')}, k={public_key()}"


def in_base64url(value: bytes) -> str:
    """Write bytes in base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    """Read base64url, padded or not.

    Raises:
        ValueError: It is none.
    """
    if not text.isascii():
        raise ValueError("base64url is ASCII")
    padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True)


def _private_key() -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(from_base64url(settings.PUSH_KEY), "big")
    return ec.derive_private_key(number, ec.SECP256R1())
