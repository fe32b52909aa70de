"""What live sessions know of two people who become one, and are two again."""

from typing import Any
from uuid import UUID

from webapp.live.models import LiveSession


class FollowedMerger:
    """Moves who is followed (``webapp.analysis.names.merging.Merger``)."""

    name = "live"

    def merge(self, source_id: UUID, target_id: UUID) -> list[str]:
        """Have cameras follow the target instead of the source."""
        sessions = LiveSession.objects.filter(followed_id=source_id)
        moved = [str(pk) for pk in sessions.values_list("pk", flat=True)]
        sessions.update(followed_id=target_id)
        return moved

    def part(self, source_id: UUID, target_id: UUID, moved: Any) -> None:
        """Have those follow the source again that still follow the target."""
        sessions = LiveSession.objects.filter(pk__in=moved, followed_id=target_id)
        sessions.update(followed_id=source_id)
