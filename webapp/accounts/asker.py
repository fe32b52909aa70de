"""Who is asking."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from webapp.accounts.models import User


def signed_in(request: HttpRequest) -> User:
    """Return the user behind a request; the login middleware lets nobody else come here."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
