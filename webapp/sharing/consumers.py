"""The websocket of somebody who watches a live session by a link, without an account."""

from channels.db import database_sync_to_async

from webapp.live.camera.limits import Places
from webapp.live.camera.recogniser import Recogniser
from webapp.live.consumers import ViewerConsumer
from webapp.live.consumers.base import CLOSE_NOT_FOUND
from webapp.live.models import LiveSession
from webapp.sharing.models import Share
from webapp.sharing.queries import opened_by
from webapp.sharing.unlocking import COOKIE, is_unlocked


class GuestConsumer(ViewerConsumer):
    """Sends the newest view to whoever holds an open link, and closes soon after it was closed.

    Guests have places of their own, so that they never keep the owner from watching.
    """

    close_when_out = CLOSE_NOT_FOUND
    """A link that is over is like one that never was."""

    async def let_in(self) -> tuple[bool, LiveSession | None]:
        """Admit whoever has the token of a link to a session, and its password."""
        share = await self._share()
        if share is None or share.session is None:
            return False, None
        self.shows_names = share.shows_names
        return True, share.session

    async def still_may(self) -> bool:
        """Whether the link is still open, and names are seen or hidden as they were."""
        share = await self._share()
        return share is not None and share.shows_names == self.shows_names

    def places_of(self, shared: Recogniser) -> Places:
        """Return where guests sit."""
        return shared.guests

    async def _share(self) -> Share | None:
        token: str = self.scope["url_route"]["kwargs"]["token"]
        share = await database_sync_to_async(opened_by)(token)
        cookie = self.scope.get("cookies", {}).get(COOKIE, "")
        return share if share is not None and is_unlocked(share, cookie) else None
