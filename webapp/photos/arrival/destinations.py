"""Where an upload goes if not simply into the library; apps above photos say so here.

The metadata of an upload may name something that waits for exactly this file, such as a frame of a
moment. Photos know only that there is a destination, and tell it in their own transactions.
"""

from collections.abc import Callable, Mapping
from typing import Protocol
from uuid import UUID

from webapp.accounts.models import User
from webapp.core.extension.signals import Registry, Signal
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

resolvers: Registry[Resolver] = Registry()
"""Who knows destinations.

A resolver gets the owner and the metadata of an upload. It returns ``None`` when that names
nothing of its own, and raises ``UploadRefusedError`` when it may not be uploaded to.
"""

readable = Signal[UUID]()
"""A photo can be shown now; sent inside the transaction that says so."""

photo_joined = Signal[UUID]()
"""A photo joined a concert; likewise."""

concert_dissolved = Signal[UUID]()
"""A concert goes; sent inside the transaction that deletes it, before it does."""


def destination_of(owner: User, about: Mapping[str, str]) -> Destination | None:
    """Return where an upload goes, or ``None`` for the library.

    Raises:
        UploadRefusedError: It may not go there.
    """
    found = (resolver(owner, about) for resolver in resolvers)
    return next((destination for destination in found if destination is not None), None)
