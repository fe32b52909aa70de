"""Uploads that are still under way."""

import uuid

from django.conf import settings
from django.db import models

from webapp.core.words.names import MAX_NAME_LENGTH


class Upload(models.Model):
    """A file on its way here by tus; the length of its ``.part`` file is the offset.

    Attributes:
        kind: What it is to become, as its ``Intake`` calls it.
        length: Bytes that were announced; while it is open, those that were let in so far.
        is_open: Whether more may follow, as its length is told only with its last bytes.
        about: What was said about the file besides its name, such as its concert.
        became: Id of the photo or video; kept until the upload expires, so that a client that
            missed the last answer can still ask.
        was_duplicate: Whether that had been there before.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads"
    )
    length = models.PositiveBigIntegerField()
    is_open = models.BooleanField(default=False)
    filename = models.CharField(max_length=MAX_NAME_LENGTH)
    kind = models.CharField(max_length=12)
    about = models.JSONField(default=dict)
    became = models.UUIDField(null=True, db_index=True)
    was_duplicate = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.id)
