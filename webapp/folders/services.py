"""Writes to watched folders: which there are, and when somebody looks into them."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from webapp.accounts.models import User
from webapp.core import jobs
from webapp.folders import roots
from webapp.folders.models import WatchedFolder
from webapp.folders.queries import LOOK
from webapp.photos.models import Concert

AFTER_FAILURE = timedelta(minutes=10)
"""A folder that holds its worker up, such as one on a silent server, is not asked each minute."""


@transaction.atomic
def watch(owner: User, path: str, concert: Concert | None) -> WatchedFolder:
    """Watch a folder from now on; one that is watched goes on, for this concert.

    Raises:
        FolderRefusedError: It may not be watched.
    """
    roots.real_folder(path)
    folder, _ = WatchedFolder.objects.update_or_create(
        owner=owner, path=path, defaults={"concert": concert, "is_paused": False}
    )
    look_now(folder)
    return folder


@transaction.atomic
def look_now(folder: WatchedFolder) -> None:
    """Have a folder looked through as soon as a worker has time."""
    WatchedFolder.objects.filter(pk=folder.pk).update(next_look_at=timezone.now())
    if not jobs.is_open(LOOK, folder.pk):
        jobs.enqueue(LOOK, folder.pk, folder.owner_id)


@transaction.atomic
def set_paused(folder: WatchedFolder, *, is_paused: bool) -> None:
    """Look for nothing more, or go on; what is being copied is copied to its end."""
    WatchedFolder.objects.filter(pk=folder.pk).update(is_paused=is_paused)
    if not is_paused:
        look_now(folder)


@transaction.atomic
def forget(folder: WatchedFolder) -> None:
    """Watch a folder no more; its photos stay."""
    jobs.cancel(folder.pk)
    folder.delete()


def queue_looks() -> None:
    """Have the folders looked through that are due and that nobody looks into."""
    due = WatchedFolder.objects.filter(is_paused=False, next_look_at__lte=timezone.now())
    waiting = dict(due.values_list("pk", "owner_id"))
    for folder_id in waiting.keys() - (jobs.open_subjects(LOOK) if waiting else set()):
        jobs.enqueue(LOOK, folder_id, waiting[folder_id])


def note_failure(folder_id: UUID, reason: str) -> None:
    """Tell why a folder could not be looked through, and leave it alone for a while."""
    WatchedFolder.objects.filter(pk=folder_id).update(
        trouble=reason[:300], next_look_at=timezone.now() + AFTER_FAILURE
    )
