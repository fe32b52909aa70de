"""The one place that decides who may do what with whose things.

Everything belongs to one owner, who may do everything. What belongs to a concert is open to the
members of that concert as well, as far as their role goes. Each query for what a user sees names
the right it is about, and the default of all of them is the owner's: a view that forgets to say
what it needs opens nothing to others.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, Model, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from webapp.access.models import Like, Member, Role

Asker: TypeAlias = AbstractBaseUser | AnonymousUser


class Right(Enum):
    """What somebody may do with what belongs to a concert."""

    SEE = "see"
    LIKE = "like"
    DOWNLOAD = "download"
    NAME = "name"
    """Say who is shown and who is not: names, references, corrections."""
    OWN = "own"
    """Everything else: change, move, delete, share."""


_FANS = frozenset({Right.SEE, Right.LIKE, Right.DOWNLOAD})
RIGHTS: dict[Role, frozenset[Right]] = {Role.FAN: _FANS, Role.CURATOR: _FANS | {Right.NAME}}
ROLE_WORDS: dict[Role, Promise] = {
    Role.FAN: gettext_lazy("may look, like and download"),
    Role.CURATOR: gettext_lazy("may look, like, download, and name the stars"),
}


class OfConcert(Protocol):
    """A photo, or anything else of one owner that may belong to a concert."""

    owner_id: Any
    concert_id: Any


@dataclass(frozen=True, slots=True)
class Standing:
    """What one user is to one thing.

    Attributes:
        is_owner: Whether it is theirs.
        role: What they are at its concert, where it is somebody else's.
    """

    is_owner: bool
    role: Role | None = None

    def holds(self, right: Right) -> bool:
        """Whether the user may do this."""
        return self.is_owner or (self.role is not None and right in RIGHTS[self.role])

    @property
    def may_name(self) -> bool:
        """Whether the user may say who is shown."""
        return self.holds(Right.NAME)

    @property
    def words(self) -> Promise | str:
        """What the role lets the user do."""
        return ROLE_WORDS[self.role] if self.role is not None else ""


def granted(
    user: Asker,
    right: Right,
    *,
    owner: str = "owner",
    concert: str = "concert",
    shared: Q | None = None,
) -> Q:
    """Return the condition for rows on which a user has a right.

    Args:
        user: Who asks; nobody in particular has no right on anything.
        right: What they want to do.
        owner: How the owner is reached from a row.
        concert: How the concert is reached from a row; ``pk`` for concerts themselves.
        shared: What must be true besides of rows that are somebody else's.
    """
    own = Q(**{f"{owner}_id": user.pk})
    roles = roles_with(right)
    if not roles or user.pk is None:
        return own
    joined = Member.objects.filter(user_id=user.pk, role__in=roles).values("concert")
    of_others = Q(**{f"{concert}__in": joined})
    return own | (of_others & shared if shared is not None else of_others)


def roles_with(right: Right) -> list[Role]:
    """Return the roles that have a right."""
    return [role for role, rights in RIGHTS.items() if right in rights]


def standing_of(user: Asker, thing: OfConcert) -> Standing:
    """Return what a user is to a photo or whatever may belong to a concert."""
    return _standing(user, thing.owner_id, thing.concert_id)


def standing_at(user: Asker, concert: Model) -> Standing:
    """Return what a user is to a concert."""
    return _standing(user, concert.owner_id, concert.pk)  # type: ignore[attr-defined]


def members_of(concert: Model) -> list[Member]:
    """Return with whom a concert is shared, in the order in which they came."""
    joined = Member.objects.filter(concert_id=concert.pk).select_related("user")
    return list(joined.order_by("created_at", "pk"))


def likes_of(user: Asker, photo: Model) -> tuple[int, bool]:
    """Return how many like a photo, and whether a user is one of them."""
    likes = Like.objects.filter(photo_id=photo.pk)
    counted = likes.aggregate(total=Count("pk"), own=Count("pk", filter=Q(user_id=user.pk)))
    return counted["total"], bool(counted["own"])


def _standing(user: Asker, owner_id: int, concert_id: UUID | None) -> Standing:
    if user.pk == owner_id:
        return Standing(is_owner=True)
    if user.pk is None or concert_id is None:
        return Standing(is_owner=False)
    member = Member.objects.filter(user_id=user.pk, concert_id=concert_id).first()
    return Standing(is_owner=False, role=Role(member.role) if member else None)
