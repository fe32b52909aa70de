"""Keys with which a server-side source may film in one session, without a browser's sign-in."""

from uuid import UUID

from django.core import signing

SALT = "encore.live.source"
MAX_AGE_SECONDS = 60
"""A key is used at once; it only has to outlive the handshake."""


def make(session_id: UUID) -> str:
    """Return a key for one session."""
    return signing.dumps(str(session_id), salt=SALT)


def opens(token: str, session_id: UUID) -> bool:
    """Whether a key is ours, fresh, and for this session."""
    try:
        return bool(signing.loads(token, salt=SALT, max_age=MAX_AGE_SECONDS) == str(session_id))
    except signing.BadSignature:
        return False
