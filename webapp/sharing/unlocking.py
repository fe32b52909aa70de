"""Whether a browser has told the password of a link: a signed cookie for that link's path."""

from django.core import signing

from webapp.sharing.models import Share

OPEN_SECONDS = 12 * 3600
"""So long a right password holds in one browser."""
COOKIE = "encore_share"
SALT = "webapp.sharing"


def proof_of(share: Share) -> str:
    """Return what the cookie of this link holds; it is worth nothing after another password.

    Not Django's signed cookies: a socket has no request that could read them.
    """
    return _signer().sign(_said(share))


def is_unlocked(share: Share, cookie: str) -> bool:
    """Whether a link has no password, or this cookie shows that the right one was told."""
    if not share.password:
        return True
    try:
        told = _signer().unsign(cookie, max_age=OPEN_SECONDS)
    except signing.BadSignature:
        return False
    return bool(told == _said(share))


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=SALT)


def _said(share: Share) -> str:
    return f"{share.pk} {share.password[-20:]}"
