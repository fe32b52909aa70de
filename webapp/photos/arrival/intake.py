"""Photos as a kind of upload: small, many, and decoded by the ingest job."""

from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext

from webapp.accounts.models import User
from webapp.core import jobs
from webapp.photos import bin, counts, queries, storage
from webapp.photos.arrival.destinations import destination_of, photo_joined
from webapp.photos.clocks import queue_clocks
from webapp.photos.models import Concert, Photo
from webapp.photos.services import INGEST, delete_photo
from webapp.uploads.intake import Content, Ticket
from webapp.uploads.tus import UploadRefusedError
from webapp.vision.sandbox import photos as photo_files


class PhotoIntake:
    """What the upload server asks of a photo (``webapp.uploads.intake``)."""

    kind = "photo"
    address = "photos:tus-upload"

    @property
    def max_bytes(self) -> int:
        """Largest file."""
        return settings.UPLOAD_MAX_BYTES

    @property
    def max_unfinished(self) -> int:
        """Uploads of one user that may be under way."""
        return settings.UPLOAD_MAX_UNFINISHED

    def check_stored(self, owner: User, length: int) -> None:
        """Refuse what would fill the user's share of the disk.

        This passes once something is deleted, so it is answered as a full disk is: a captured
        picture waits for it, while one that is itself too large (413) is given up.
        """
        photos = queries.all_photos_of(owner).order_by()
        stored = photos.aggregate(total=Sum("bytes"))["total"] or 0
        if stored + length > settings.UPLOAD_MAX_STORED_BYTES:
            raise UploadRefusedError(
                HTTPStatus.INSUFFICIENT_STORAGE,
                gettext(
                    "Your photos fill their %(gigabytes)s GB. Delete some for ever first, or empty "
                    "the bin."
                )
                % {"gigabytes": settings.UPLOAD_MAX_STORED_BYTES // 10**9},
            )

    def check_announced(self, ticket: Ticket) -> None:
        """Refuse a concert that is not the user's, and a destination that takes no photos."""
        if ticket.about.get("concert") and concert_of(ticket) is None:
            raise UploadRefusedError(
                HTTPStatus.BAD_REQUEST, gettext("That concert does not exist any more.")
            )
        destination_of(ticket.owner, ticket.about)

    def came_before(self, ticket: Ticket) -> UUID | None:
        """Return the photo that fills the ticket's destination."""
        destination = destination_of(ticket.owner, ticket.about)
        return destination.photo_id if destination else None

    def place_of(self, file_id: UUID) -> Path:
        """Return where the original of a photo lies."""
        return storage.files_of(file_id).original

    def check_content(self, part: Path) -> None:
        """Refuse what is no photo or too large, from its header."""
        try:
            photo_files.check_header(part)
        except photo_files.UnreadablePhotoError as error:
            raise UploadRefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error

    def picture_of(self, part: Path) -> str:
        """Return the hash of the picture."""
        return photo_files.picture_sha256(part)

    def twin_of(self, owner: User, content: Content) -> UUID | None:
        """Return the user's photo of this file, or else of this picture; failed ones do not count.

        Its own original without its place is a known picture, and so is a photo that only got a
        rating or another date elsewhere. One in the bin counts too, and comes back.
        """
        photos = queries.all_photos_of(owner).exclude(state=Photo.State.FAILED)
        twin = photos.filter(sha256=content.sha256).first()
        if twin is None and content.picture_sha256:
            twin = photos.filter(picture_sha256=content.picture_sha256).first()
        if twin is not None and twin.binned_at == bin.GIVEN_UP_AT:
            raise UploadRefusedError(
                HTTPStatus.LOCKED,
                gettext(
                    "This photo is just being deleted for ever. It can come again in a minute."
                ),
                {"Retry-After": "5"},
            )
        return twin.pk if twin else None

    def bring_back(self, owner: User, twin: UUID) -> bool:
        """Take a photo out of the bin."""
        return bool(bin.restore(owner.pk, [twin]))

    def take_twin(self, ticket: Ticket, twin: UUID) -> bool:
        """Give a photo that is here to the ticket's destination, or else to its concert."""
        destination = destination_of(ticket.owner, ticket.about)
        if destination is None:
            return _join_concert(ticket, twin)
        destination.receive(twin)
        return False

    def adopt(self, part: Path, file_id: UUID) -> None:
        """Make the bytes the original of a photo."""
        storage.adopt(part, file_id)

    def give_back(self, file_id: UUID, part: Path) -> None:
        """Undo ``adopt``."""
        storage.give_back(file_id, part)

    def insert(self, ticket: Ticket, file_id: UUID, content: Content) -> None:
        """Make the photo and queue its ingest; failed ones of the same content go."""
        failed = queries.all_photos_of(ticket.owner).filter(
            sha256=content.sha256, state=Photo.State.FAILED
        )
        destination = destination_of(ticket.owner, ticket.about)
        with transaction.atomic():
            for photo in failed:
                delete_photo(photo)
            Photo.objects.create(
                id=file_id,
                owner=ticket.owner,
                concert=destination.concert if destination else concert_of(ticket),
                shelf=destination.shelf if destination else Photo.Shelf.LIBRARY,
                display_name=ticket.filename,
                sha256=content.sha256,
                stored_sha256=content.sha256,
                picture_sha256=content.picture_sha256,
                bytes=content.size,
            )
            counts.changed([file_id])
            if destination is not None:
                destination.receive(file_id)
            jobs.enqueue(INGEST, file_id, ticket.owner.pk)


def concert_of(ticket: Ticket) -> Concert | None:
    """Return the concert that a ticket names, if the user has it."""
    concert_id = ticket.about.get("concert", "")
    if not concert_id:
        return None
    with suppress(ValidationError):
        return queries.concerts_visible_to(ticket.owner).filter(pk=concert_id).first()
    return None


def _join_concert(ticket: Ticket, twin: UUID) -> bool:
    """Let a photo without a concert have the ticket's; frames of a moment keep to theirs."""
    concert = concert_of(ticket)
    if concert is None:
        return False
    loose = queries.photos_visible_to(ticket.owner).filter(pk=twin, concert=None)
    own = loose.exclude(shelf=Photo.Shelf.ALTERNATE)
    with transaction.atomic():
        has_joined = own.update(concert=concert) == 1
        counts.changed([twin])
    if has_joined:
        photo_joined.send(twin)
        queue_clocks(ticket.owner.pk)
    return has_joined


PHOTOS = PhotoIntake()
