"""Letting people into a concert, and out again."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from webapp.access.models import Invitation, Like, Member, Role
from webapp.accounts.models import User
from webapp.accounts.services import add_member

TOKEN_BYTES = 32


class InvitationClosedError(Exception):
    """The invitation was used up, revoked, is over, or never was."""


def share_with(concert: Model, user: User, role: Role) -> Member:
    """Let somebody into a concert, or give them another role there."""
    member, _ = Member.objects.update_or_create(
        concert_id=concert.pk, user=user, defaults={"role": role}
    )
    return member


@transaction.atomic
def set_role(member: Member, role: Role | None) -> int:
    """Give a member another role, or none, and close what would lead them back.

    Whoever came by an invitation still has its link, so a smaller role or none would be theirs to
    undo as long as somebody may join by it.

    Returns:
        How many invitations were closed.
    """
    concert = member.concert
    if role is None:
        member.delete()
    else:
        share_with(concert, member.user, role)
    too_much = set(Role) - ({role, Role.FAN} if role is not None else set())
    return _close(Invitation.objects.filter(concert=concert, role__in=too_much))


def close_invitations_known_to(user_id: int) -> None:
    """Close what a member may have a link of: a newcomer by it could be the same person."""
    concerts = Member.objects.filter(user_id=user_id).values("concert")
    _close(Invitation.objects.filter(concert__in=concerts))


def _close(invitations: QuerySet[Invitation]) -> int:
    """Close those that are open; returns how many."""
    now = timezone.now()
    is_open = invitations.filter(revoked_at=None, uses_left__gt=0, expires_at__gt=now)
    return is_open.update(revoked_at=now)


def invite(concert: Model, role: Role, *, people: int, days: int) -> tuple[Invitation, str]:
    """Make an invitation for so many people and days.

    Returns:
        The invitation and its secret, which is stored nowhere.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation.objects.create(
        concert_id=concert.pk,
        role=role,
        token_hash=_hash_of(token),
        uses_left=people,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return invitation, token


def invitation_of(token: str) -> Invitation | None:
    """Return the invitation that a link opens now; whoever asks, as that is what it is for."""
    found = Invitation.objects.filter(
        token_hash=_hash_of(token), concert__owner__is_active=True
    ).select_related("concert__owner")
    invitation = found.first()
    return invitation if invitation is not None and invitation.is_open else None


@transaction.atomic
def accept(invitation: Invitation, user: User) -> None:
    """Let a user join by an invitation; a role that they have is not made smaller.

    Raises:
        InvitationClosedError: It was used up or closed since it was read.
    """
    known = Member.objects.filter(concert=invitation.concert_id, user=user).first()
    if known is not None and known.role in {invitation.role, Role.CURATOR}:
        return
    _use_up(invitation)
    share_with(invitation.concert, user, Role(invitation.role))


@transaction.atomic
def accept_as_newcomer(invitation: Invitation, username: str, password: str) -> User:
    """Make an account with a password of the newcomer's own choice, and let them join.

    Raises:
        InvitationClosedError: As above; then there is no account.
    """
    _use_up(invitation)
    user = add_member(username, password)
    share_with(invitation.concert, user, Role(invitation.role))
    return user


def _use_up(invitation: Invitation) -> None:
    """Take one use of an invitation; two at once never take the same."""
    now = timezone.now()
    left = Invitation.objects.filter(
        pk=invitation.pk, revoked_at=None, uses_left__gt=0, expires_at__gt=now
    )
    if not left.update(uses_left=F("uses_left") - 1):
        raise InvitationClosedError


def revoke(invitation: Invitation) -> None:
    """Close an invitation for good; who has joined by it stays."""
    Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now())


def set_like(photo: Model, user: User, *, liked: bool) -> None:
    """Like a photo or take the like back; twice is as once."""
    if liked:
        Like.objects.get_or_create(photo_id=photo.pk, user=user)
    else:
        Like.objects.filter(photo_id=photo.pk, user=user).delete()


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
