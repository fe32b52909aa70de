"""Messages that only the browser can read (RFC 8291), not the push service that carries them."""

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from webapp.push.keys import from_base64url

BLOCK = 1024
"""Bytes to whose multiple a message is filled up, so that its length tells nothing of it."""
POINT_BYTES, AUTH_BYTES = 65, 16


def encrypted(message: bytes, public_key: str, auth: str) -> bytes:
    """Encrypt a message of JSON, after which blanks mean nothing, for one browser.

    Args:
        message: At most 3 KB; push services take no more.
        public_key: Of the browser, as :func:`checked_key` takes it.
        auth: The secret of the browser, as :func:`checked_auth` takes it.
    """
    filled = message.ljust(-(-len(message) // BLOCK) * BLOCK)
    sealed: bytes = http_ece.encrypt(
        filled,
        private_key=ec.generate_private_key(ec.SECP256R1()),  # Of this one message.
        dh=from_base64url(public_key),
        auth_secret=from_base64url(auth),
        version="aes128gcm",
    )
    return sealed


def checked_key(text: str) -> str:
    """Return the public key of a browser as it is.

    Raises:
        ValueError: It is none.
    """
    point = from_base64url(text)
    if len(point) != POINT_BYTES:
        raise ValueError(f"a point of P-256 has {POINT_BYTES} bytes, not {len(point)}")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    return text


def checked_auth(text: str) -> str:
    """Return the secret of a browser as it is.

    Raises:
        ValueError: It is none.
    """
    if len(from_base64url(text)) != AUTH_BYTES:
        raise ValueError(f"the secret has {AUTH_BYTES} bytes")
    return text
