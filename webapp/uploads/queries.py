"""What may be read of uploads, and by whom; every name includes who asks."""

from django.db.models import QuerySet
from django.utils import timezone

from webapp.access.rights import Asker
from webapp.uploads.models import Upload


def uploads_of(user: Asker, kind: str) -> QuerySet[Upload]:
    """Return the user's uploads of one kind that have not expired."""
    return Upload.objects.filter(owner_id=user.pk, kind=kind, expires_at__gt=timezone.now())


def unfinished_uploads_of(user: Asker, kind: str) -> QuerySet[Upload]:
    """Return the user's uploads of one kind that have not become anything yet."""
    return uploads_of(user, kind).filter(became=None)
