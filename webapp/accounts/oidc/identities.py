"""Whose account it is that somebody of a provider signs in to.

A person is known by the provider's name and the id that it gives them, which no other person ever
has; addresses and names can change hands. So an address opens an account only once, to connect the
two, and only when the provider says that it has verified it.
"""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from webapp.accounts.models import ProviderIdentity, User
from webapp.core.words.names import folded

MOST_LETTERS = 60
Claims = dict[str, Any]
"""What a provider says of a person."""


class NoAccountError(Exception):
    """Somebody of the provider has no account here. The text is for the log, without names."""


def account_of(issuer: str, claims: Claims) -> User:
    """Return the account of who signs in, connected or made now where that is allowed.

    Raises:
        NoAccountError: There is none, or the provider's people may not all come in.
    """
    _check_allowed(claims)
    try:
        return _account_of(issuer, str(claims["sub"]), claims)
    except IntegrityError:  # They came by two tabs at once, and the other one was first.
        return _account_of(issuer, str(claims["sub"]), claims)


@transaction.atomic
def _account_of(issuer: str, subject: str, claims: Claims) -> User:
    known = ProviderIdentity.objects.filter(issuer=issuer, subject=subject).select_related("user")
    if identity := known.first():
        return identity.user
    user = _by_address(claims) or _new_account(claims)
    ProviderIdentity.objects.create(user=user, issuer=issuer, subject=subject)
    return user


def verified_address(claims: Claims) -> str:
    """Return the e-mail address that the provider has verified; empty where it has none.

    One with other letters than ASCII has none: databases hold some of them for their likes, such as
    the sign of Kelvin for k, and whoever has one mailbox would get the account of the other.
    """
    address = claims.get("email")
    is_verified = claims.get("email_verified") is True
    if not is_verified or not isinstance(address, str) or not address.isascii():
        return ""
    return address.strip().lower()


def _check_allowed(claims: Claims) -> None:
    """Refuse whoever is not of the domains, or not of the groups, that the settings name."""
    domain = verified_address(claims).rpartition("@")[2]
    if settings.OIDC_DOMAINS and domain not in settings.OIDC_DOMAINS:
        raise NoAccountError("the e-mail address is not of an allowed domain, or not verified")
    groups = claims.get("groups")
    groups = {one for one in groups if isinstance(one, str)} if isinstance(groups, list) else set()
    if settings.OIDC_GROUPS and not groups & set(settings.OIDC_GROUPS):
        raise NoAccountError("no group that is allowed")


def _by_address(claims: Claims) -> User | None:
    """Return the account with this address, if it is the only one and nobody's of the provider."""
    address = verified_address(claims)
    if not address:
        return None
    found = list(User.objects.filter(email__iexact=address)[:2])
    is_free = len(found) == 1 and not found[0].identities.exists()
    return found[0] if is_free else None


def _new_account(claims: Claims) -> User:
    """Make an account without a password; it is nobody's but theirs, whatever they are called."""
    if not settings.OIDC_CREATE:
        raise NoAccountError("no account, and none is made")
    user = User(username=_free_name(claims), email=verified_address(claims))
    user.set_unusable_password()
    user.save()
    return user


def _free_name(claims: Claims) -> str:
    wanted = str(claims.get("preferred_username") or verified_address(claims).partition("@")[0])
    letters = "".join(one for one in wanted if one.isalnum() or one in "@.+-_")[:MOST_LETTERS]
    base, number = letters or "member", 1
    name = base
    while User.objects.filter(folded_username=folded(name)).exists():
        number += 1
        name = f"{base}{number}"
    return name
