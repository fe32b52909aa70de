"""What may be read of watched folders, and by whom."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, QuerySet

from webapp.access.rights import Asker
from webapp.core import jobs
from webapp.folders.models import SeenFile, WatchedFolder

LOOK = "look-into-folder"
MOST_SHOWN = 50


@dataclass(slots=True)
class ShownFolder:
    """A watched folder as its page shows it.

    Attributes:
        is_busy: Whether a worker looks into it, or is about to.
        counts: How many pictures were stored, known, refused, or wait.
        troubles: The first pictures that wait or were refused, with their reasons.
    """

    folder: WatchedFolder
    is_busy: bool
    counts: Counter[str] = field(default_factory=Counter)
    troubles: list[SeenFile] = field(default_factory=list)

    @property
    def more_troubles(self) -> int:
        """How many more wait or were refused."""
        return self.counts["waiting"] + self.counts["refused"] - len(self.troubles)

    @property
    def more_passed(self) -> int:
        """How many more are not taken."""
        return self.folder.passed_count - len(self.folder.passed)


def folders_managed_by(user: Asker) -> QuerySet[WatchedFolder]:
    """Return the folders that this user watches; nobody does who does not run the installation."""
    if not getattr(user, "is_staff", False):
        return WatchedFolder.objects.none()
    return WatchedFolder.objects.filter(owner_id=user.pk).select_related("concert").order_by("path")


def shown_folders(user: Asker) -> list[ShownFolder]:
    """Return what the page of watched folders shows."""
    busy = jobs.open_subjects(LOOK)
    shown = [ShownFolder(one, one.pk in busy) for one in folders_managed_by(user)]
    by_id = {one.folder.pk: one for one in shown}
    _count(by_id)
    for file in _troubled(by_id):
        troubles = by_id[file.folder_id].troubles
        if len(troubles) < MOST_SHOWN:
            troubles.append(file)
    return shown


def _count(folders: dict[UUID, ShownFolder]) -> None:
    files = SeenFile.objects.filter(folder__in=list(folders)).order_by()
    for folder_id, state, total in files.values_list("folder", "state").annotate(Count("pk")):
        folders[folder_id].counts[state] = total


def _troubled(folders: Iterable[UUID]) -> QuerySet[SeenFile]:
    states = (SeenFile.State.WAITING, SeenFile.State.REFUSED)
    files = SeenFile.objects.filter(folder__in=list(folders), state__in=states)
    return files.order_by("folder", "shown_path")[: 10 * MOST_SHOWN]
