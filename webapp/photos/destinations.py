"""Where an upload goes if not simply into the library; apps above photos say so here.

The metadata of an upload may name something that waits for exactly this file, such as a frame of a
moment. Photos know only that there is a destination, and tell it in their own transactions.
"""

from collections.abc import Callable, Mapping
from typing import Protocol
from uuid import UUID

from webapp.accounts.models import User
from webapp.photos.models import Concert


class Destination(Protocol):
    """What an upload is meant for.

    Attributes:
        shelf: Where the photo is shown at first.
        concert: Which concert it belongs to.
        photo_id: The photo that came here before; a second one is not stored.
    """

    shelf: str
    concert: Concert | None
    photo_id: UUID | None

    def receive(self, photo_id: UUID) -> None:
        """Take the photo, inside the transaction that stores it; it may have been there before."""
        ...


Resolver = Callable[[User, Mapping[str, str]], Destination | None]
_resolvers: list[Resolver] = []
_witnesses: list[Callable[[UUID], object]] = []
_followers: list[Callable[[UUID], object]] = []
_dissolvers: list[Callable[[UUID], object]] = []


def resolve_with(resolver: Resolver) -> None:
    """Add who knows destinations.

    The resolver gets the owner and the metadata of an upload. It returns ``None`` when that names
    nothing of its own, and raises ``UploadRefusedError`` when it may not be uploaded to.
    """
    if resolver not in _resolvers:
        _resolvers.append(resolver)


def destination_of(owner: User, about: Mapping[str, str]) -> Destination | None:
    """Return where an upload goes, or ``None`` for the library.

    Raises:
        UploadRefusedError: It may not go there.
    """
    for resolver in _resolvers:
        if (destination := resolver(owner, about)) is not None:
            return destination
    return None


def tell_when_readable(witness: Callable[[UUID], object]) -> None:
    """Add who hears that a photo can be shown, inside the transaction that says so."""
    if witness not in _witnesses:
        _witnesses.append(witness)


def note_readable(photo_id: UUID) -> None:
    """Tell all witnesses."""
    for witness in _witnesses:
        witness(photo_id)


def tell_when_joined(follower: Callable[[UUID], object]) -> None:
    """Add who hears that a photo joined a concert, inside the transaction that says so."""
    if follower not in _followers:
        _followers.append(follower)


def note_joined(photo_id: UUID) -> None:
    """Tell all followers."""
    for follower in _followers:
        follower(photo_id)


def tell_when_dissolved(follower: Callable[[UUID], object]) -> None:
    """Add who hears that a concert goes, inside the transaction that deletes it, before it does."""
    if follower not in _dissolvers:
        _dissolvers.append(follower)


def note_dissolved(concert_id: UUID) -> None:
    """Tell all who want to hear of it."""
    for follower in _dissolvers:
        follower(concert_id)
