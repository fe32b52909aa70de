"""How much a user may upload: sizes, rates, and a disk that is there and has room."""

from http import HTTPStatus

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext

from webapp.accounts.models import User
from webapp.core.files import installation
from webapp.uploads import parts
from webapp.uploads.intake import Intake
from webapp.uploads.models import Upload
from webapp.uploads.tus import UploadRefusedError


def check_media() -> None:
    """Refuse bytes while they would go to a folder that is not this database's own.

    Raises:
        UploadRefusedError: It may pass; the upload goes on then.
    """
    if installation.trouble():
        raise UploadRefusedError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            gettext("The folder of the photos is not there. The upload goes on when it is back."),
            {"Retry-After": "30"},
        )


def check_limits(intake: Intake, owner: User, length: int) -> None:
    """Refuse an upload that is too large or one too many.

    Raises:
        UploadRefusedError: With a sentence that names the limit.
        OSError: The disk is full.
    """
    _check_size(intake, length)
    check_media()
    parts.check_room(length)
    _check_rate(owner)
    intake.check_stored(owner, length)


def check_room(intake: Intake, owner: User, length: int) -> None:
    """Refuse a file of this machine that is too large; nobody counts how many come in a minute.

    Raises:
        UploadRefusedError: With a sentence that names the limit.
        OSError: The disk is full.
    """
    _check_size(intake, length)
    check_media()
    parts.check_room(length)
    intake.check_stored(owner, length)


def check_growth(intake: Intake, upload: Upload, length: int) -> None:
    """Refuse that an open upload grows to a length; what has come stays.

    Raises:
        UploadRefusedError: With a sentence that names the limit.
        OSError: The disk is full.
    """
    _check_size(intake, length)
    check_media()
    more = length - upload.length
    if more > 0:
        parts.check_room(more)
        intake.check_stored(upload.owner, more)


def _check_size(intake: Intake, length: int) -> None:
    if length == 0:
        raise UploadRefusedError(HTTPStatus.BAD_REQUEST, gettext("The file is empty."))
    if length > intake.max_bytes:
        raise UploadRefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            gettext("The file has %(length)s MB; the limit is %(max_bytes)s MB.")
            % {"length": f"{length / 1e6:.0f}", "max_bytes": intake.max_bytes // 1_000_000},
        )


def _check_rate(owner: User) -> None:
    """Count uploads per user and minute; the limit leaves room for a folder dropped at once."""
    minute = f"uploads:{owner.pk}:{timezone.now():%H%M}"
    cache.add(minute, 0, timeout=120)
    if cache.incr(minute) > settings.UPLOADS_PER_MINUTE:
        raise UploadRefusedError(
            HTTPStatus.TOO_MANY_REQUESTS,
            gettext("More than %(count)s uploads in a minute. It goes on by itself.")
            % {"count": settings.UPLOADS_PER_MINUTE},
            {"Retry-After": "30"},
        )
