"""Concerts, their photos, and how many of these belong to what."""

import uuid
from datetime import tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from webapp.core.words.names import MAX_NAME_LENGTH, FoldedField
from webapp.core.zones import LONGEST_NAME

MAX_SEARCH_LENGTH = 400


class Concert(models.Model):
    """A concert of one user, which photos may belong to.

    Attributes:
        time_zone: IANA name of where it was; empty for where its owner lives.
        photo_count: Photos in the library; set by ``concert_cards.concerts_with_covers`` only.
        covers: Its newest pictures; likewise.
        cover: The picture that its owner has chosen for it; empty for the newest.
    """

    photo_count: int
    covers: list["Photo"]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="concerts"
    )
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    folded_name = FoldedField(of="name", max_length=3 * MAX_NAME_LENGTH)
    artists = models.CharField(max_length=200, blank=True)
    date = models.DateField(null=True, blank=True)
    venue = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    time_zone = models.CharField(max_length=LONGEST_NAME, blank=True, default="")
    cover = models.ForeignKey(
        "Photo", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-created_at", "id"], name="concert_grid"),
            models.Index(fields=["owner", "folded_name"], name="concert_name"),
        ]

    def __str__(self) -> str:
        return self.name


def shown_zone(concert: Concert | None) -> tzinfo:
    """Return the zone in which times of a concert are shown: its own, else where the user lives."""
    if concert is not None and concert.time_zone:
        return ZoneInfo(concert.time_zone)
    return timezone.get_current_timezone()


def _shown(**more: object) -> models.Q:
    """Return the condition of the indexes of grids; ``queries.in_library`` asks the same."""
    return ~models.Q(shelf="alternate") & models.Q(stack_top=None, binned_at=None, **more)


_GRID_FIELDS = (
    *("owner", "-shown_at", "-id"),
    *("face_count", "shelf", "stack_top", "binned_at"),
)
"""Of the indexes of grids: their order, and what is compared until a page is full."""


class Photo(models.Model):
    """One uploaded photo. Its files live in ``webapp.photos.storage``, under its id.

    Attributes:
        display_name: What the file was called, made harmless; never part of a path.
        sha256: Of the file as it was uploaded; the same content is one photo of its owner.
        stored_sha256: Of the original as it lies on the disk; another one than ``sha256`` after
            place data was blanked out of it.
        picture_sha256: Of the compressed picture in it, which no change of metadata changes; empty
            until it is known, ``UNREADABLE`` where it cannot be told from the rest.
        bytes: Size of the stored original.
        width: Pixels of the upright ``full.jpg``; ``height`` likewise.
        taken_at: When it was taken; empty where nothing tells.
        camera_time: What the clock of its camera showed, written as if it were UTC; empty where
            the camera told its offset or nothing. ``taken_at`` follows from it
            (``webapp.photos.clocks``).
        is_dated_by_hand: Whether the user has corrected ``taken_at``, which then holds whatever
            the file says.
        shown_at: Where it stands in grids: when it was taken, else when it came; kept by the
            database.
        failure: Why the photo cannot be shown, as a sentence for its owner.
        face_count: ``None`` until the faces were looked for.
        shelf: Where it is shown: the library shows its own photos and the picked frames of
            moments; an alternate frame waits in its moment's filmstrip and is not analysed.
        stack_top: The best photo of the same burst, under which the library hides this one. Once
            that is deleted, this one is shown again.
        stays_single: Whether the user has taken its burst apart, for good.
        binned_at: When it was put into the bin (``webapp.photos.bin``), out of which it may come
            back for a while; nothing but the bin shows it.
    """

    UNREADABLE = "unreadable"

    class Shelf(models.TextChoices):
        """Where a photo is shown."""

        LIBRARY = "library"
        MOMENT = "moment"
        ALTERNATE = "alternate"

    class State(models.TextChoices):
        """Whether the photo can be shown."""

        UPLOADED = "uploaded"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="photos"
    )
    concert = models.ForeignKey(
        Concert, on_delete=models.SET_NULL, null=True, blank=True, related_name="photos"
    )
    display_name = models.CharField(max_length=MAX_NAME_LENGTH)
    sha256 = models.CharField(max_length=64)
    stored_sha256 = models.CharField(max_length=64)
    picture_sha256 = models.CharField(max_length=64, default="", blank=True)
    bytes = models.PositiveBigIntegerField()
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    camera_time = models.DateTimeField(null=True)
    is_dated_by_hand = models.BooleanField(default=False)
    camera = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.UPLOADED)
    failure = models.CharField(max_length=300, blank=True)
    shelf = models.CharField(max_length=9, choices=Shelf.choices, default=Shelf.LIBRARY)
    stack_top = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="stacked",
        db_index=False,  # Almost always empty; the partial index below is enough.
    )
    stays_single = models.BooleanField(default=False)
    is_favourite = models.BooleanField(default=False)
    face_count = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    binned_at = models.DateTimeField(null=True, blank=True)
    shown_at = models.GeneratedField(
        expression=Coalesce("taken_at", "created_at"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "sha256"], name="one_photo_per_content")
        ]
        # Of indexes that promise the same SQLite takes the newest: the narrow ones follow the wide.
        indexes = [
            models.Index(fields=_GRID_FIELDS, condition=_shown(), name="photo_grid"),
            models.Index(
                fields=["owner", "-created_at", "-id"], condition=_shown(), name="photo_newest"
            ),
            models.Index(
                fields=_GRID_FIELDS, condition=_shown(shelf="library"), name="photo_own_grid"
            ),
            models.Index(fields=["concert", "-shown_at", "-id"], name="photo_concert_grid"),
            models.Index(
                fields=["owner", "-shown_at", "-id"],
                condition=_shown(is_favourite=True),
                name="photo_favourites",
            ),
            models.Index(
                fields=["owner", "binned_at"],
                condition=models.Q(binned_at__isnull=False),
                name="photo_bin",
            ),
            # Counting needs nothing but this, and the ids are in the order of those in the indexes
            # of faces; then what the condition compares, and where and when somebody was seen.
            models.Index(
                fields=[
                    *("owner", "id", "shelf", "stack_top", "binned_at"),
                    *("concert", "shown_at"),
                ],
                condition=_shown(),
                name="photo_count",
            ),
            models.Index(fields=["owner", "camera"], name="photo_camera"),
            models.Index(fields=["owner", "taken_at"], name="photo_taken"),
            models.Index(fields=["owner", "picture_sha256"], name="photo_picture"),
            models.Index(
                fields=["id"],
                condition=models.Q(picture_sha256="", state="ready"),
                name="photo_unrevised",
            ),
            models.Index(
                fields=["stack_top"],
                condition=models.Q(stack_top__isnull=False),
                name="photo_stacked",
            ),
            models.Index(
                fields=[
                    *("owner", "-shown_at", "-id"),
                    *("shelf", "stack_top", "binned_at", "concert"),
                ],
                condition=_shown(concert=None),
                name="photo_loose",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def zone(self) -> tzinfo:
        """In which its times are shown."""
        return shown_zone(self.concert)

    @property
    def is_without_places(self) -> bool:
        """Whether a worker has taken out of the original where it was taken, as far as is known."""
        is_revised = self.picture_sha256 not in {"", self.UNREADABLE}
        return self.state == self.State.READY and is_revised


class SavedSearch(models.Model):
    """A search with a name: an album that fills itself.

    Attributes:
        query: As it was typed (``webapp.analysis.search``).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches"
    )
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    folded_name = FoldedField(of="name", max_length=3 * MAX_NAME_LENGTH)
    query = models.CharField(max_length=MAX_SEARCH_LENGTH)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("folded_name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "folded_name"], name="one_saved_search_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PhotoCount(models.Model):
    """How many photos of a library belong to a concert or show a person; see ``counts``.

    Beside the rows that it is about: who saves one of them does not write an old count back.
    """

    class Kind(models.TextChoices):
        """Whose photos are counted."""

        CONCERT = "concert"
        PERSON = "person"

    kind = models.CharField(max_length=7, choices=Kind.choices)
    subject_id = models.UUIDField()
    total = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id"], name="one_count_per_subject")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}: {self.total}"


class StaleCount(models.Model):
    """The mark of a count that has to be made anew; only ever inserted and deleted."""

    kind = models.CharField(max_length=7, choices=PhotoCount.Kind.choices)
    subject_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["kind", "subject_id"], name="stale_count")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
