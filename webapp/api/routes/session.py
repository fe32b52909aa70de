"""Who asks, and what they may do."""

from django.http import HttpRequest
from ninja import Router, Schema

from webapp.accounts.asker import signed_in
from webapp.accounts.keys import SCOPES
from webapp.accounts.queries import has_consent
from webapp.api.access import key_of, may

router = Router()


class Me(Schema):
    """Who asks.

    Attributes:
        user: Name of the user for whom this is done.
        scopes: What may be done; all of it for somebody signed in.
        has_consent: Whether faces may be recognised; without it nobody is named.
    """

    user: str
    scopes: list[str]
    has_consent: bool


@router.get("/me", auth=may(""), response=Me, operation_id="who_am_i", summary="Who asks")
def me(request: HttpRequest) -> Me:
    """Say for whom a key acts and what it may do."""
    user, key = signed_in(request), key_of(request)
    scopes = list(SCOPES) if key is None else key.scopes
    return Me(user=user.get_username(), scopes=scopes, has_consent=has_consent(user.pk))
