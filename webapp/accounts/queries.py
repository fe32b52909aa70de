"""What others may ask about an account."""

from webapp.accounts.models import Consent


def has_consent(user_id: int) -> bool:
    """Whether this user has agreed that face embeddings are computed for their photos."""
    return Consent.objects.filter(user_id=user_id).exists()
