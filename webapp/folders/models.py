"""Folders that are watched, and what was seen in them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from webapp.photos.models import Concert

LONGEST_PATH = 1000


class WatchedFolder(models.Model):
    """A folder of this machine whose pictures are copied into its owner's library as they come.

    Attributes:
        path: As it was chosen; where it really lies, and whether that is allowed, is found out at
            each look.
        concert: To which its photos belong; empty for none.
        is_paused: Whether nothing is looked for until its owner says so.
        next_look_at: When it is looked through again.
        looked_at: When somebody last looked through all of it.
        trouble: Why the last look did not work, as a sentence for its owner; empty where it did.
        is_behind: Whether the last look has left pictures for the next.
        picture_count: Pictures that lay in it at the last look.
        passed: What of it is not taken, as pairs of path and reason; the first of them.
        passed_count: How many are not taken.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watched_folders"
    )
    path = models.CharField(max_length=LONGEST_PATH)
    concert = models.ForeignKey(
        Concert, on_delete=models.SET_NULL, null=True, blank=True, related_name="watched_folders"
    )
    is_paused = models.BooleanField(default=False)
    next_look_at = models.DateTimeField(default=timezone.now)
    looked_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True, default="")
    is_behind = models.BooleanField(default=False)
    picture_count = models.PositiveIntegerField(default=0)
    passed = models.JSONField(default=list)
    passed_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "path"], name="one_watch_per_folder")
        ]

    def __str__(self) -> str:
        return str(self.id)


class SeenFile(models.Model):
    """A picture of a watched folder and what became of it; it is not read again until it changes.

    Attributes:
        key: Digest of its path within the folder, whatever letters that has.
        shown_path: That path as a page can show it.
        stamp: Its time and size when it was looked at.
        reason: Why it waits or was refused, as a sentence; empty for the others.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting"
        STORED = "stored"
        KNOWN = "known"
        REFUSED = "refused"

    folder = models.ForeignKey(WatchedFolder, on_delete=models.CASCADE, related_name="files")
    key = models.CharField(max_length=32)
    shown_path = models.TextField()
    stamp = models.CharField(max_length=50)
    state = models.CharField(max_length=7, choices=State.choices)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folder", "key"], name="one_sight_per_file")]
        indexes = [models.Index(fields=["folder", "state"], name="seen_by_state")]

    def __str__(self) -> str:
        return f"file {self.pk} of folder {self.folder_id}"
